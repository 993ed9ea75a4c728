"""Vectors of pictures of other sizes, and of Long-CLIP's texts, by the original libraries: positions.json.

    python make_fixture.py FOLDER_OF_LONG_CLIP

- transformers 5.24: assets/models/clip-mini with interpolate_pos_encoding=True.
- open_clip 3.3: ../checkpoints/openai/ViT-tiny.pt, its embedding brought to the size by resize_pos_embed.
- Long-CLIP (github.com/beichenzbc/Long-CLIP, its model/model_longclip.py as it stands): the same weights
  with 248 positions and their residual drawn by a formula that the test repeats.

PyTorch 2.13, f32 on a CPU.
"""

import json
import math
import os
import sys

import numpy as np
import torch

here = os.path.dirname(os.path.abspath(__file__))
MEAN = torch.tensor([0.48145466, 0.4578275, 0.40821073])[:, None, None]
STD = torch.tensor([0.26862954, 0.26130258, 0.27577711])[:, None, None]


def picture(side):
    y, x, c = np.meshgrid(np.arange(side), np.arange(side), np.arange(3), indexing="ij")
    values = (((x * 7 + y * 13 + c * 29) * (x + 3 * y + 1)) >> 3 & 255).astype(np.float32)
    return ((torch.from_numpy(values).permute(2, 0, 1) / 255 - MEAN) / STD)[None]


def unit(vector):
    vector = vector.reshape(-1).double()
    return [float(f"{x:.7f}") for x in vector / vector.norm()]


def transformers():
    from transformers import CLIPModel

    model = CLIPModel.from_pretrained(f"{here}/../../../assets/models/clip-mini").float().eval()
    found = []
    for side in [64, 96, 128, 130, 144, 200]:
        out = model.vision_model(pixel_values=picture(side), interpolate_pos_encoding=True)
        found.append([side, unit(model.visual_projection(out.pooler_output))])
    return found


def tiny():
    return {name: value.float() for name, value in
            torch.load(f"{here}/../checkpoints/openai/ViT-tiny.pt").items()}


def openclip():
    from open_clip.model import CLIP, resize_pos_embed

    found = []
    for side in [16, 24, 32, 44, 48, 80]:
        model = CLIP(
            embed_dim=48, quick_gelu=True,
            vision_cfg=dict(image_size=side, patch_size=8, width=64, layers=2, head_width=64),
            text_cfg=dict(context_length=24, vocab_size=1014, width=64, heads=1, layers=2)).eval()
        state = tiny()
        for name in ("input_resolution", "context_length", "vocab_size"):
            del state[name]
        resize_pos_embed(state, model)
        model.load_state_dict(state, strict=False)
        found.append([side, unit(model.encode_image(picture(side)))])
    return found


def longclip(folder):
    sys.path.insert(0, folder)
    from model.model_longclip import build_model

    state = tiny()
    rows = torch.arange(248, dtype=torch.float64)[:, None]
    columns = torch.arange(64, dtype=torch.float64)[None]
    state["positional_embedding"] = (torch.sin(rows * 0.37 + columns * 0.11) / 8).float()
    state["positional_embedding_res"] = (torch.cos(rows * 0.23 - columns * 0.19) / 8).float()
    for name in ("input_resolution", "context_length", "vocab_size"):
        del state[name]
    model = build_model(state, load_from_clip=False).float()
    found = []
    for length in [3, 19, 20, 21, 90, 248]:
        ids = [1012] + [(7 * place + length) % 1000 for place in range(length - 2)] + [1013]
        tokens = torch.tensor([ids + [0] * (248 - length)])
        found.append([length, unit(model.encode_text(tokens))])
    return found


with torch.no_grad():
    result = dict(transformers=transformers(), open_clip=openclip(), long_clip=longclip(sys.argv[1]))
with open(f"{here}/positions.json", "w") as file:
    json.dump(result, file, separators=(",", ":"))
    file.write("\n")
print({key: len(value) for key, value in result.items()}, os.path.getsize(f"{here}/positions.json"))
