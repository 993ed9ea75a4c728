"""A ViT-B/32 CLIP with random weights (seeded), as a Hugging Face directory: argument 1."""
import json
import os
import shutil
import sys

import torch
from transformers import CLIPConfig, CLIPModel

out, small = sys.argv[1], sys.argv[2]
torch.manual_seed(0)
config = CLIPConfig()
config.text_config.bos_token_id, config.text_config.eos_token_id = 4094, 4095
CLIPModel(config).save_pretrained(out)
# Any vocabulary with fewer ids than the embedding has rows will do for timing.
for name in ("vocab.json", "merges.txt"):
    shutil.copy(os.path.join(small, name), out)
with open(os.path.join(small, "preprocessor_config.json")) as file:
    processor = json.load(file)
processor["size"] = {"shortest_edge": 224}
processor["crop_size"] = {"height": 224, "width": 224}
with open(os.path.join(out, "preprocessor_config.json"), "w") as file:
    json.dump(processor, file)
