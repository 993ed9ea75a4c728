#!/usr/bin/env python3
"""The screens of README.md, captured anew.

  readme.py --program .build/release/clip-rsicd [--write]

Runs the explorer on the embedded gallery in a tmux of 80 x 24 and prints the three screens, indented as README has
them; with --write they take the place of those that stand there. Times differ from run to run.
"""

import argparse
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

README = Path(__file__).resolve().parents[2] / "README.md"
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
    lines = [("    " + line).rstrip() for line in screen.rstrip("\n").split("\n")]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--write", action="store_true", help="put them into README.md")
    options = parser.parse_args()
    screens = [indented(s) for s in capture(os.path.abspath(options.program))]
    if not options.write:
        print("\n".join(screens))
        return
    text, place = README.read_text(encoding="utf-8"), iter(screens)
    # A screen begins with the header and ends before the next line that is not indented.
    text, count = re.subn(r"(?m)^     clip-rsicd   Search  Compare.*\n(?:(?:    .*)?\n)*?(?=\n\S)",
                          lambda _: next(place), text)
    if count != len(screens):
        raise SystemExit(f"README.md has {count} screens, expected {len(screens)}")
    README.write_text(text, encoding="utf-8")


main()
