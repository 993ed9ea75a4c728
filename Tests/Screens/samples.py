#!/usr/bin/env python3
"""The samples in README.md and docs, run again.

  samples.py --program .build/release/clip-rsicd            lists the stale ones; exit code 1 if there are any
  samples.py --program .build/release/clip-rsicd --write    puts what is printed now in their place

A sample is a fenced block marked `console`. A line that begins with `$ ` is a command, continued by `\\`; the lines
below it are what it prints, on stdout and stderr. The first command of a block is one of clip-rsicd.

The samples of a document run in the order in which they stand, in a folder of their own that holds

  assets/, recipes/   of this checkout
  photos/             60 scenes with captions: clip-rsicd scenes --into photos --count 2 --seed 7

and with a home folder that holds the embedded gallery. Nothing else is needed, and no network.

What differs from run to run is not shown, and so not compared: a speed is printed as "… images/s", the path of the
folder as "…", and lines of progress, which a terminal overwrites, are left out. Processors round differently, so a
decimal figure may differ by 0.001, or by what the block's mark allows: ```console ±0.05.
"""

import argparse
import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"(?ms)^```console(?: ±([0-9.]+))?\n(.*?)^```$")
PROGRESS = re.compile(
    r"Looking for images|(Drawing|Indexing) the gallery: .*|.* images, \S+ images/s, .* left"
    r"|.*: \S+ of \S+ (distinct )?captions|step \S+ of \S+, epoch .*")
VARYING = [(re.compile(r"[0-9.,]+ (images|pairs)/s"), r"… \1/s")]
DECIMAL = re.compile(r"[0-9]+\.[0-9]+")


class World:
    """A user's machine: a home with the gallery, and the program on the path."""

    def __init__(self, folder, program):
        self.folder = Path(folder).resolve()
        (self.folder / "bin").mkdir()
        (self.folder / "home").mkdir()
        (self.folder / "bin" / "clip-rsicd").symlink_to(Path(program).resolve())
        self.environment = {
            "PATH": f"{self.folder}/bin:/usr/bin:/bin", "HOME": f"{self.folder}/home", "LANG": "C.UTF-8",
            "TERM": "dumb", "HF_ENDPOINT": "http://127.0.0.1:1", "CLIP_RSICD_ASSETS": f"{ROOT}/assets",
        }
        self.must("clip-rsicd scenes --into photos --count 2 --seed 7", self.folder)
        self.must("clip-rsicd search port -k 1", self.folder)

    def shell(self, command, place):
        return subprocess.run(
            ["/bin/sh", "-c", command], cwd=place, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)

    def must(self, command, place):
        done = self.shell(command, place)
        if done.returncode != 0:
            raise SystemExit(f"{command}: {done.stdout.decode(errors='replace')}")

    def working_folder(self, name):
        place = self.folder / name
        place.mkdir()
        (place / "assets").symlink_to(ROOT / "assets")
        shutil.copytree(ROOT / "recipes", place / "recipes")
        shutil.copytree(self.folder / "photos", place / "photos")
        return place

    def printed(self, command, place):
        """The lines that a person is left with."""
        text = self.shell(command, place).stdout.decode(errors="replace")
        for path in (place, self.folder / "home", self.folder, ROOT):
            text = text.replace(str(path), "…")
        lines = [line.rstrip() for line in text.split("\n") if not PROGRESS.fullmatch(line)]
        for pattern, shown in VARYING:
            lines = [pattern.sub(shown, line) for line in lines]
        while lines and not lines[-1]:
            lines.pop()
        return lines


def commands(block):
    """(lines of the command, lines below it) of each command of a block."""
    found = []
    for line in block.split("\n")[:-1]:
        if line.startswith("$ "):
            found.append(([line], []))
        elif found and not found[-1][1] and found[-1][0][-1].endswith("\\"):
            found[-1][0].append(line)
        elif found:
            found[-1][1].append(line)
    return found


def pasted(lines):
    return "\n".join(lines).removeprefix("$ ")


def alike(old, new, allowed):
    """Whether two lines are the same but for how figures are rounded."""
    if old == new:
        return True
    if DECIMAL.split(old) != DECIMAL.split(new):
        return False
    return all(
        abs(float(a) - float(b)) <= max(allowed, 1.01 * 10 ** -len(a.split(".")[1]))
        for a, b in zip(DECIMAL.findall(old), DECIMAL.findall(new)))


def renewed(document, world, complaints):
    """The document's text with what its samples print now."""
    text = document.read_text(encoding="utf-8")
    name = str(document.relative_to(ROOT))
    complaints += unmarked(name, text)
    if not BLOCK.search(text):
        return text
    place = world().working_folder(document.stem)

    def block(match):
        allowed = float(match.group(1) or 0.001)
        shown = []
        if not match.group(2).startswith("$ clip-rsicd "):
            complaints.append(f"{name}: a console block does not begin with `$ clip-rsicd`")
        for command, old in commands(match.group(2)):
            new = world().printed(pasted(command), place)
            if len(old) == len(new) and all(alike(a, b, allowed) for a, b in zip(old, new)):
                new = old
            else:
                lines = difflib.unified_diff(old, new, "there", "printed", lineterm="", n=1)
                complaints.append("\n".join([f"{name}: {pasted(command)}", *list(lines)[2:]]))
            shown += command + new
        mark = match.group(0).split("\n", 1)[0]
        return "\n".join([mark, *shown, "```"])

    return BLOCK.sub(block, text)


def unmarked(name, text):
    """Output that is indented below a command, where nobody would see it age."""
    fenced = re.sub(r"(?ms)^```.*?^```$", "", text)
    for block in re.findall(r"(?m)(?:^    .*\n|^\n(?=    ))+", fenced):
        lines = [line[4:] for line in block.split("\n") if line.strip()]
        if not any(line.startswith("clip-rsicd ") for line in lines):
            continue
        continued = False
        for line in lines:
            if not continued and not re.match(r"(clip-rsicd|cp|mkdir|mpirun|swift|make|tensorboard) ", line):
                yield f"{name}: not a command, nor in a console block: {line}"
                break
            continued = line.endswith("\\")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--write", action="store_true", help="put what is printed now in the samples' place")
    options = parser.parse_args()
    complaints = []
    with tempfile.TemporaryDirectory(prefix="clip-rsicd-samples.", ignore_cleanup_errors=True) as folder:
        made = []

        def world():
            if not made:
                made.append(World(folder, options.program))
            return made[0]

        for document in DOCUMENTS:
            if not document.exists():
                continue
            text = renewed(document, world, complaints)
            if options.write:
                document.write_text(text, encoding="utf-8")
    for complaint in complaints:
        print(complaint)
    if complaints and not options.write:
        sys.exit(1)


main()
