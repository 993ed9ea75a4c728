#!/usr/bin/env python3
"""The picture of README.md: the explorer on aerial photographs, as a terminal shows it.

  pip download --no-deps deepforest==2.1.0 && unzip deepforest-2.1.0-*.whl 'deepforest/data/*'
  picture.py --program .build/release/clip-rsicd --photographs deepforest/data --out assets/screens/search.png

The photographs come with the Python package deepforest, under the MIT licence. Squares are cut from them and indexed with both shipped models; the explorer runs in a tmux of 120 x 36, and its screen
is drawn (cells.py). Needs tmux and Pillow.
"""

import argparse
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

from PIL import Image

import cells
from sheet import Tmux

COLUMNS, ROWS = 120, 36
QUERY = "a road through a forest"
# Site, file, side of the squares and the distance between them in pixels.
SQUARES = [
    ("yellowstone", "2019_YELL_2_541000_4977000_image_crop.png", 1000, 120),
    ("yellowstone", "2019_YELL_2_541000_4977000_image_crop.png", 800, 150),
    ("yellowstone", "2019_YELL_2_528000_4978000_image_crop2.png", 1000, 320),
    ("soaproot", "SOAP_031.png", 400, 400),
    ("soaproot", "SOAP_061.png", 400, 400),
]


def cut(photographs, folder):
    count = 0
    for site, file, side, step in SQUARES:
        photograph = Image.open(photographs / file).convert("RGB")
        for y in range(0, photograph.height - side + 1, step):
            for x in range(0, photograph.width - side + 1, step):
                count += 1
                square = photograph.crop((x, y, x + side, y + side))
                square.resize((400, 400), Image.Resampling.LANCZOS).save(folder / f"{site}_{count}.png")


def screen(program, collection, folder):
    """The explorer's screen with the query, once its models are loaded."""
    tmux = Tmux(folder, COLUMNS, ROWS)
    try:
        tmux.command(f"clear; '{program}' explore --no-state --collection '{collection}' --color direct "
                     "--symbols sextant")
        tmux.screen(lambda shown: "Search" in shown)
        # The first query waits for the model, and the time shown would be that of loading it.
        for query in ("a river", QUERY):
            tmux.run("send-keys", "C-u")
            tmux.run("send-keys", "-l", query)
            tmux.screen(lambda shown: query in shown and re.search(r" 0\.\d", shown))
            time.sleep(1)
        tmux.run("send-keys", "Enter")
        time.sleep(1)
        return cells.parse(tmux.run("capture-pane", "-p", "-e", "-N"))[:ROWS]
    finally:
        tmux.run("kill-server")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--photographs", required=True, help="the folder data of deepforest")
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        squares = Path(folder) / "squares"
        squares.mkdir()
        cut(Path(options.photographs), squares)
        collection = f"{folder}/photographs.sqlite"
        subprocess.run([program, "index", str(squares), "--model", "clip-mini", "--model", "rsicd-mini",
                        "--into", collection], check=True, capture_output=True)
        image = cells.picture(screen(program, collection, folder), COLUMNS)
    image = image.resize((image.width // 2, image.height // 2), Image.Resampling.BOX)
    image.quantize(256, dither=Image.Dither.NONE).save(options.out, optimize=True)
    print(f"{options.out}: {os.path.getsize(options.out)} bytes")


main()
