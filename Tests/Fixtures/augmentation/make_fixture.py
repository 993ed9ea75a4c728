"""Writes expected.json beside this file: what torchvision's functions make of one small picture.

    pip install torch torchvision && python make_fixture.py

Bytes must be equal within 1 level; hue, which goes through floats both ways, within 2.
"""
import json
import pathlib

import torch
from torchvision import __version__
from torchvision.transforms import functional as F

torch.manual_seed(7)
side = 12
picture = torch.randint(0, 256, (3, side, side), dtype=torch.uint8)
picture[:, 0] = 255
picture[:, 1, :6] = 0
picture[:, 1, 6:] = 90
cases = {
    "brightness 1.3": F.adjust_brightness(picture, 1.3),
    "brightness 0.6": F.adjust_brightness(picture, 0.6),
    "contrast 1.4": F.adjust_contrast(picture, 1.4),
    "contrast 0.5": F.adjust_contrast(picture, 0.5),
    "saturation 1.7": F.adjust_saturation(picture, 1.7),
    "saturation 0.0": F.adjust_saturation(picture, 0.0),
    "hue 0.1": F.adjust_hue(picture, 0.1),
    "hue -0.35": F.adjust_hue(picture, -0.35),
}
flat = lambda image: image.permute(1, 2, 0).reshape(-1).tolist()
result = {
    "torchvision": __version__, "side": side, "picture": flat(picture),
    "cases": {name: flat(image) for name, image in cases.items()},
}
path = pathlib.Path(__file__).with_name("expected.json")
path.write_text(json.dumps(result, separators=(",", ":")) + "\n")
