#!/usr/bin/env python3
"""How alike pictures in characters are to their photographs, and whether they keep their colour.

  similarity.py --probe .build/debug/terminal-probe PICTURE...

For every level of colour and set of symbols, at 40 columns, the means over the pictures of:

  SSIM       of luma, at 4 x 8 pixels a cell, where the photograph is averaged or enlarged to the same
  hue        how far the mean colour is off, in degrees of OKLab
  chroma     of the mean colour, in parts of the photograph's
  cells      mean distance in OKLab, times 100, of the mean colour of each cell
  blocks     the same of each 3 x 3 cells, which is what is left from a step away
  block hue  degrees off of each 3 x 3 cells, each counted by its chroma
  speckle    root mean square of the differences between neighbouring cells, in parts of the photograph's
  coloured   the same of colour alone, without lightness

Needs Pillow, NumPy and scikit-image.
"""

import argparse
import os
import subprocess
from collections import defaultdict

import numpy as np
from PIL import Image
from skimage.metrics import structural_similarity

import cells


def oklab(rgb):
    v = np.asarray(rgb, float) / 255
    v = np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
    m1 = np.array([[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
                   [0.0883024619, 0.2817188376, 0.6299787005]])
    m2 = np.array([[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
                   [0.0259040371, 0.7827717662, -0.8086757660]])
    return np.cbrt(v @ m1.T) @ m2.T


def blocks(lab, side):
    rows, columns = (n // side * side for n in lab.shape[:2])
    return lab[:rows, :columns].reshape(rows // side, side, columns // side, side, 3).mean((1, 3))


def steps(lab):
    """Root mean square of the differences between neighbours."""
    across, down = np.diff(lab, axis=1), np.diff(lab, axis=0)
    squares = np.concatenate([(across ** 2).sum(-1).ravel(), (down ** 2).sum(-1).ravel()])
    return np.sqrt(squares.mean())


def degrees(a, b):
    turn = np.degrees(np.arctan2(b[..., 2], b[..., 1]) - np.arctan2(a[..., 2], a[..., 1]))
    return np.abs((turn + 180) % 360 - 180)


NAMES = ["SSIM", "hue", "chroma", "cells", "blocks", "block hue", "speckle", "coloured"]


def measures(photo, rows):
    columns = max(len(r) for r in rows)
    shown = cells.picture(rows, columns)
    size = 4 * columns, 8 * len(rows)
    whole = shown.resize((columns, len(rows)), Image.Resampling.BOX)
    shown = shown.resize(size, Image.Resampling.BOX)
    real = photo.resize(size, Image.Resampling.BOX if photo.width >= size[0] else Image.Resampling.BICUBIC)
    ssim = structural_similarity(np.asarray(real.convert("L")), np.asarray(shown.convert("L")))
    mean_real, mean_shown = (oklab(np.asarray(i).reshape(-1, 3).mean(0)) for i in (real, shown))
    a, b = (oklab(np.asarray(i)) for i in (real.resize(whole.size, Image.Resampling.BOX), whole))
    block_a, block_b = blocks(a, 3), blocks(b, 3)
    weight = np.hypot(block_a[..., 1], block_a[..., 2])
    flat_a, flat_b = (np.concatenate([0 * i[..., :1], i[..., 1:]], -1) for i in (a, b))
    return [
        ssim, degrees(mean_real, mean_shown), np.hypot(*mean_shown[1:]) / max(1e-6, np.hypot(*mean_real[1:])),
        100 * np.linalg.norm(a - b, axis=-1).mean(), 100 * np.linalg.norm(block_a - block_b, axis=-1).mean(),
        (degrees(block_a, block_b) * weight).sum() / max(1e-6, weight.sum()),
        steps(b) / max(1e-6, steps(a)), steps(flat_b) / max(1e-6, steps(flat_a)),
    ]


def line(name, values):
    return f"{name:20}" + "".join(f" {v:9.{3 if i == 0 else 2}f}" for i, v in enumerate(values))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--probe", required=True)
    parser.add_argument("--looks", default=",".join(
        [f"truecolor:{s}" for s in ("half", "quadrant", "block", "sextant", "octant")]
        + [f"256:{s}" for s in ("half", "quadrant", "block", "sextant", "octant")]
        + ["16:block", "16:sextant", "none:braille", "none:quadrant", "none:octant"]))
    parser.add_argument("--columns", type=int, default=40)
    parser.add_argument("--each", action="store_true", help="a line for each picture too")
    parser.add_argument("pictures", nargs="+")
    options = parser.parse_args()
    found = defaultdict(list)
    print(" " * 20 + "".join(f" {name:>9}" for name in NAMES))
    for path in options.pictures:
        photo = Image.open(path).convert("RGB")
        for look in options.looks.split(","):
            color, symbols = look.split(":")
            text = subprocess.run(
                [options.probe, "--picture", path, "--columns", str(options.columns), "--color-depth", color,
                 "--symbols", symbols], check=True, capture_output=True, text=True,
                env={**os.environ, "LANG": "C.UTF-8"}).stdout
            found[look].append(measures(photo, cells.parse(text.rstrip("\n"))))
            if options.each:
                print(line(f"{os.path.basename(path)[:13]} {look}"[:20], found[look][-1]))
    for look, values in found.items():
        print(line(look, np.mean(values, 0)))


main()
