#!/usr/bin/env python3
"""Contact sheets of what the program really shows: screens of tmux beside the photographs.

  sheet.py --program .build/release/clip-rsicd --out /tmp/sheets PICTURE...

For every picture a collection is made; `search --preview` is run in a tmux of its own at each level of colour and
with each set of symbols, the pane is captured and drawn (cells.py), and one sheet for each picture is written. With
--explorer the full screen is captured too, 120 × 36. Needs tmux and Pillow. To be looked at, not compared.
"""

import argparse
import os
import subprocess
import tempfile
import time
from pathlib import Path

from PIL import Image, ImageDraw

import cells


class Tmux:
    def __init__(self, folder, columns=120, rows=36):
        self.socket = str(Path(folder) / "tmux")
        self.run("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows), "env", "PS1=$ ",
                 f"HOME={folder}", "TERM=tmux-256color", "LANG=C.UTF-8", "/bin/bash", "--norc", "--noprofile")

    def run(self, *arguments):
        return subprocess.run(
            ["tmux", "-u", "-S", self.socket, *arguments], check=True, capture_output=True, text=True,
            env={**os.environ, "LANG": "C.UTF-8", "TERM": "xterm-256color"}).stdout

    def command(self, line):
        self.run("send-keys", "-l", line)
        self.run("send-keys", "Enter")

    def screen(self, done, seconds=60):
        """The pane with its colours once `done` is true of its text."""
        end = time.time() + seconds
        while not done(self.run("capture-pane", "-p")):
            if time.time() > end:
                raise SystemExit("the screen never came:\n" + self.run("capture-pane", "-p"))
            time.sleep(0.05)
        return self.run("capture-pane", "-p", "-e", "-N")


def preview(tmux, program, collection, color, symbols):
    tmux.command("clear; tput reset")
    tmux.run("clear-history")
    tmux.command(f"clear; '{program}' search picture --collection '{collection}' --preview --color {color} "
                 f"--symbols {symbols}; echo do''ne")
    text = tmux.screen(lambda shown: "done" in shown)
    rows = cells.parse(text)
    # Below the command (which may take two lines) and the line of the hit, the picture is indented by five.
    start = max(i for i, row in enumerate(rows) if "picture." in "".join(c[0] for c in row)) + 1
    stop = next(i for i, row in enumerate(rows) if "".join(c[0] for c in row).startswith("done"))
    return cells.picture([row[5:] for row in rows[start:stop - 1]])


def explorer(tmux, program, collection, color, symbols):
    tmux.command(f"clear; '{program}' explore picture --no-state --collection '{collection}' --color {color} "
                 f"--symbols {symbols}")
    tmux.screen(lambda shown: "Search" in shown and "picture." in shown)
    time.sleep(1)
    text = tmux.run("capture-pane", "-p", "-e", "-N")
    tmux.run("send-keys", "C-c")
    tmux.screen(lambda shown: shown.rstrip().endswith("$"))
    return cells.picture(cells.parse(text)[:36], 120)


def sheet(photo, shots, height=420):
    """The photograph and the shots, each with its name, side by side in lines of four."""
    with Image.open(photo) as opened:
        opened.draft("RGB", (4 * height, 4 * height))
        first = opened.convert("RGB")
    tiles = []
    for name, image in [("photograph", first)] + shots:
        width = round(image.width * height / image.height)
        kind = Image.Resampling.BICUBIC if image.height < height else Image.Resampling.BOX
        tiles.append((name, image.resize((width, height), kind)))
    lines = [tiles[i:i + 4] for i in range(0, len(tiles), 4)]
    width = max(sum(t.width + 10 for _, t in line) for line in lines)
    page = Image.new("RGB", (width, len(lines) * (height + 30)), (64, 64, 64))
    draw = ImageDraw.Draw(page)
    for y, line in enumerate(lines):
        x = 0
        for name, tile in line:
            draw.text((x + 4, y * (height + 30) + 8), name, (255, 255, 255))
            page.paste(tile, (x, y * (height + 30) + 28))
            x += tile.width + 10
    return page


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--looks", default="direct:block,direct:sextant,direct:octant,256:sextant,16:sextant,mono:auto",
                        help="levels of colour and symbols, as in direct:sextant,256:half")
    parser.add_argument("--explorer", action="store_true")
    parser.add_argument("pictures", nargs="+")
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    os.makedirs(options.out, exist_ok=True)
    for photo in options.pictures:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            (Path(folder) / "images").mkdir()
            os.symlink(os.path.abspath(photo), f"{folder}/images/picture{Path(photo).suffix}")
            collection = f"{folder}/one.sqlite"
            subprocess.run([program, "index", f"{folder}/images", "--into", collection], check=True,
                           capture_output=True)
            tmux = Tmux(folder)
            try:
                shots = []
                for look in options.looks.split(","):
                    color, symbols = look.split(":")
                    shots.append((look, preview(tmux, program, collection, color, symbols)))
                    if options.explorer:
                        shots.append((f"explorer {look}", explorer(tmux, program, collection, color, symbols)))
            finally:
                tmux.run("kill-server")
        path = Path(options.out) / (Path(photo).stem + ".png")
        sheet(photo, shots).save(path)
        print(path)


if __name__ == "__main__":
    main()
