"""Changed picture files through our decoder: none may end it otherwise than by a picture or an error.

    mutated_pictures.py [--probe PROGRAM] [--count 2000] [--seed 1] FOLDER...

Bytes are flipped, cut, doubled and set to what breaks numbers, most of them in the first kilobyte and in
the directories of a TIFF; each file is read by `picture-probe` in a process of its own with 3 GiB of address
space and 60 seconds, whole, as a preview, or with bands named. What ends otherwise is kept beside the
script's report, whose status is 1 then.
"""

import argparse
import os
import random
import struct
import sys
import tempfile
import time

from pictures import kind, ours

EXTREMES = [0, 1, 2, 3, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFF0]


def places(data):
    """Where a change matters: the start, and around a TIFF's first directory."""
    spots = list(range(min(len(data), 1024)))
    if data[:2] in (b"II", b"MM") and len(data) > 16:
        order = "<" if data[:2] == b"II" else ">"
        start = struct.unpack(order + "I", data[4:8])[0]
        spots = list(range(4, 16)) + list(range(start, min(len(data), start + 400))) * 4 + spots
        spots = [spot for spot in spots if spot < len(data)]
    return spots


def changed(data, rng):
    data = bytearray(data)
    spots = places(data)
    for _ in range(rng.choice([1, 1, 1, 2, 3, 8])):
        if len(data) < 20:
            break
        how = rng.randrange(7)
        spot = rng.choice(spots) if rng.random() < 0.8 else rng.randrange(len(data))
        spot = min(spot, len(data) - 9)
        if how == 0:
            data[spot] ^= 1 << rng.randrange(8)
        elif how == 1:
            data[spot] = rng.randrange(256)
        elif how == 2:
            data[spot:spot + 4] = struct.pack(rng.choice("<>") + "I", rng.choice(EXTREMES))
        elif how == 3:
            data[spot:spot + 2] = struct.pack(rng.choice("<>") + "H", rng.choice(EXTREMES) & 0xFFFF)
        elif how == 4:
            del data[rng.randrange(16, len(data)):]
        elif how == 5:
            end = spot + rng.randrange(1, 64)
            data[spot:spot] = data[spot:end]
        else:
            del data[spot:spot + rng.randrange(1, 16)]
    return bytes(data)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--probe", default=".build/release/picture-probe")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("folders", nargs="+")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    seeds = {}
    for folder in options.folders:
        for root, _, files in os.walk(folder):
            for file in files:
                path = os.path.join(root, file)
                if kind(path) != "other" and os.path.getsize(path) < 1 << 20:
                    seeds.setdefault(kind(path), []).append(path)
    for paths in seeds.values():
        paths.sort()
    kinds = sorted(seeds)
    counts = {"read": 0, "refused": 0, "fault": 0}
    slowest = 0
    kept = tempfile.mkdtemp(prefix="mutated-")
    for number in range(options.count):
        # Half of them TIFF, which has the most numbers.
        what = "TIFF" if "TIFF" in seeds and rng.random() < 0.5 else rng.choice(kinds)
        path = rng.choice(seeds[what])
        with open(path, "rb") as file:
            data = changed(file.read(), rng)
        target = os.path.join(kept, f"{number}-{os.path.basename(path)}")
        with open(target, "wb") as file:
            file.write(data)
        way = rng.choice([[], [], ["--preview", "16"], ["--bands", "3,2,1"], ["--stretch", "none"]])
        start = time.monotonic()
        made, why = ours(options.probe, target, *way)
        slowest = max(slowest, time.monotonic() - start)
        outcome = "fault" if made is None else "refused" if isinstance(made, str) else "read"
        counts[outcome] += 1
        if outcome == "fault":
            print(target, way, why, flush=True)
        else:
            os.remove(target)
    print(options.count, "files from", sum(map(len, seeds.values())), "of", ", ".join(kinds), counts, f"slowest {slowest:.1f} s")
    if not os.listdir(kept):
        os.rmdir(kept)
    sys.exit(1 if counts["fault"] else 0)


if __name__ == "__main__":
    main()
