#!/usr/bin/env python3
"""Makes original.png and original.json: tiles and probabilities as the original's demonstration has them
("Find Features in Images": tiles of 224 pixels, the prompt, a softmax over the tiles), by transformers.

    python3 -m venv /tmp/original && /tmp/original/bin/pip install torch transformers pillow numpy
    /tmp/original/bin/python Tests/Fixtures/scenes/make_original.py
"""

import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from transformers import CLIPModel, CLIPProcessor

here = Path(__file__).resolve().parent
model_folder = here.parents[2] / "assets/models/rsicd-mini"

# Four grounds, two of them with something on it; what is left over at right and below is not looked at.
rows, columns = np.mgrid[0:470, 0:700]
picture = np.zeros((470, 700, 3), dtype=np.uint8)
picture[...] = (70, 105, 60)
picture[:, 224:448] = (60, 95, 120)
picture[:, 448:] = (180, 165, 120)
picture[(rows // 16 + columns // 16) % 2 == 0] += 8
for number in range(5):
    picture[40 + 30 * number:52 + 30 * number, 250 + 20 * number:300 + 20 * number] = (240, 240, 235)
picture[224:448, 100:124] = (120, 120, 118)
picture[300:360, 500:560] = (160, 70, 50)
Image.fromarray(picture).save(here / "original.png", optimize=True)

tiles = [picture[224 * j:224 * (j + 1), 224 * i:224 * (i + 1)] for j in range(2) for i in range(3)]
model = CLIPModel.from_pretrained(model_folder, dtype=torch.float32).eval()
processor = CLIPProcessor.from_pretrained(model_folder)
result = {}
for feature in ["boats", "road", "desert"]:
    inputs = processor(
        images=[Image.fromarray(tile) for tile in tiles], text=f"An aerial image of {feature}", return_tensors="pt",
        padding=True)
    with torch.no_grad():
        result[feature] = torch.softmax(model(**inputs).logits_per_text, -1)[0].tolist()
(here / "original.json").write_text(json.dumps(result, indent=1) + "\n")
