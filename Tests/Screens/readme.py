#!/usr/bin/env python3
"""The screens in README.md and docs, captured again.

  readme.py --program .build/release/clip-rsicd [--write]

Runs the explorer on the embedded gallery in a tmux of 80 x 24 and prints the screens of its three views, indented as in
the documents; with --write they take the place of those that stand there, in that order. A time, which differs from run
to run, is shown as "…". The samples of commands are those of samples.py.
"""

import argparse
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
QUERY = "planes next to a terminal"


def capture(program):
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        socket = f"{folder}/tmux"

        def tmux(*arguments):
            return subprocess.run(
                ["tmux", "-u", "-S", socket, *arguments], check=True, capture_output=True, text=True,
                env={**os.environ, "LANG": "C.UTF-8", "TERM": "xterm-256color"}).stdout

        def settled(done):
            last, same, end = "", 0, time.time() + 120
            while same < 5:
                if time.time() > end:
                    raise SystemExit("the screen never came:\n" + last)
                time.sleep(0.2)
                shown = tmux("capture-pane", "-p")
                same = same + 1 if shown == last and done(shown) else 0
                last = shown
            return last

        tmux("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "env", "TERM=tmux-256color",
             "LANG=C.UTF-8", program, "explore", "--no-state", "--color", "direct")
        try:
            tmux("set", "-g", "status", "off")
            settled(lambda shown: "drawn gallery" in shown and ".jpg" in shown)
            # The first query waits for the model to be loaded, which the times shown would be of.
            tmux("send-keys", "-l", "a river")
            settled(lambda shown: "a river" in shown and "0." in shown)
            tmux("send-keys", "C-u")
            tmux("send-keys", "-l", QUERY)
            search = settled(lambda shown: QUERY in shown and "0." in shown)
            tmux("send-keys", "Enter")
            tmux("send-keys", "2")
            compare = settled(lambda shown: "RBO" in shown)
            tmux("send-keys", "3")
            categories = settled(lambda shown: "zero-shot" in shown and "measuring" not in shown)
            tmux("send-keys", "q")
        finally:
            subprocess.run(["tmux", "-S", socket, "kill-server"], capture_output=True)
    return [search, compare, categories]


def indented(screen):
    screen = re.sub(r"[0-9,.]+(?= ms )", lambda time: "…".rjust(len(time[0])), screen)
    lines = [("    " + line).rstrip() for line in screen.rstrip("\n").split("\n")]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--write", action="store_true", help="put them into the documents")
    options = parser.parse_args()
    screens = [indented(s) for s in capture(os.path.abspath(options.program))]
    if not options.write:
        print("\n".join(screens))
        return
    place, count = iter(screens), 0
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        # A screen begins with the header and ends before the next line that is not indented.
        text, found = re.subn(r"(?m)^     clip-rsicd   Search  Compare.*\n(?:(?:    .*)?\n)*?(?=\n\S)",
                              lambda _: next(place, ""), text)
        count += found
        if found and count <= len(screens):
            document.write_text(text, encoding="utf-8")
    if count != len(screens):
        raise SystemExit(f"the documents have {count} screens, expected {len(screens)}")


main()
