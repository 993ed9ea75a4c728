#!/usr/bin/env python3
"""How alike pictures in characters are to their photographs, and whether they keep their colour.

  similarity.py --probe .build/debug/terminal-probe PICTURE...

For every level of colour and set of symbols: the mean SSIM (of luma, at 4 × 8 pixels a cell, where the photograph is
averaged or enlarged to the same) at 40 columns, and, in OKLab, the difference of the mean hue (degrees) and the mean
chroma in parts of the photograph's. Needs Pillow, NumPy and scikit-image.
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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--probe", required=True)
    parser.add_argument("--looks", default=",".join(
        [f"truecolor:{s}" for s in ("half", "quadrant", "block", "sextant", "octant")]
        + [f"256:{s}" for s in ("block", "sextant", "octant")] + ["16:block", "16:sextant", "none:braille",
                                                                 "none:quadrant", "none:octant"]))
    parser.add_argument("--columns", type=int, default=40)
    parser.add_argument("--each", action="store_true", help="a line for each picture too")
    parser.add_argument("pictures", nargs="+")
    options = parser.parse_args()
    found = defaultdict(list)
    for path in options.pictures:
        photo = Image.open(path).convert("RGB")
        for look in options.looks.split(","):
            color, symbols = look.split(":")
            text = subprocess.run(
                [options.probe, "--picture", path, "--columns", str(options.columns), "--color-depth", color,
                 "--symbols", symbols], check=True, capture_output=True, text=True,
                env={**os.environ, "LANG": "C.UTF-8"}).stdout
            rows = cells.parse(text.rstrip("\n"))
            columns = max(len(r) for r in rows)
            shown = cells.picture(rows, columns)
            size = 4 * columns, 8 * len(rows)
            shown = shown.resize(size, Image.Resampling.BOX)
            kind = Image.Resampling.BOX if photo.width >= size[0] else Image.Resampling.BICUBIC
            real = photo.resize(size, kind)
            ssim = structural_similarity(np.asarray(real.convert("L")), np.asarray(shown.convert("L")))
            a, b = (oklab(np.asarray(i).reshape(-1, 3).mean(0)) for i in (real, shown))
            hue = np.degrees(np.arctan2(b[2], b[1]) - np.arctan2(a[2], a[1]))
            hue = (hue + 180) % 360 - 180
            chroma = np.hypot(*b[1:]) / max(1e-6, np.hypot(*a[1:]))
            found[look].append((ssim, abs(hue), chroma, abs(b[0] - a[0])))
            if options.each:
                print(f"{os.path.basename(path):24} {look:20} SSIM {ssim:.3f} hue {hue:+6.1f} chroma {chroma:.2f}")
    print("look                  SSIM   |hue|  chroma  |lightness|")
    for look, values in found.items():
        mean = np.mean(values, 0)
        print(f"{look:20} {mean[0]:6.3f} {mean[1]:6.1f}° {mean[2]:6.2f} {mean[3]:9.3f}")


main()
