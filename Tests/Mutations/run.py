#!/usr/bin/env python3
"""Puts small faults into a copy of the sources, one at a time, and says which the tests do not notice.

    python3 Tests/Mutations/run.py                  # all faults; about half an hour after the first build
    python3 Tests/Mutations/run.py --module Metrics --only 12,15
    python3 Tests/Mutations/run.py --list

All faults are built into one copy of the working tree, each behind a switch that is read at run time from a file,
so that the processes which tests start have it too. A fault is caught if a test of those named with it fails, or
does not end in time. faults/*.txt holds them:

    module Metrics                  what the table is by
    tests MetricsTests              a pattern for swift test --filter
    also CommandTests.ResultTests   one that is run where the first notices nothing; may be left out
    file Metrics/RankComparison.swift
    = old > new                     an expression that occurs once in the file …
    + old < new                     … and what stands in its place
    - counts[right] += 1            a statement that occurs once …
    + counts[right] -= 1            … and what is done instead; without this line, nothing

Exit code 1: fewer than 95 of 100 were caught, or fewer than 9 of 10 of a module with ten, or more than one of a
smaller one was missed.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

here = Path(__file__).resolve().parent
root = here.parent.parent


class Fault:
    def __init__(self, number, module, patterns, file, kind, old, new):
        self.number, self.module, self.patterns, self.file = number, module, patterns, file
        self.kind, self.old, self.new = kind, old, new
        text = "\0".join([file, kind, old, new or ""])
        self.key = hashlib.sha256(text.encode()).hexdigest()[:16]

    def __str__(self):
        change = f"{self.old}  →  {self.new}" if self.new is not None else f"without {self.old}"
        return f"{self.number:4} {self.module:16} {self.file}: {change}"


def read_faults():
    faults, number = [], 0
    for path in sorted((here / "faults").glob("*.txt")):
        module = file = None
        patterns = []
        lines = path.read_text().splitlines()
        for place, line in enumerate(lines):
            word, _, rest = line.partition(" ")
            if word == "module":
                module = rest
            elif word == "tests":
                patterns = [rest]
            elif word == "also":
                patterns = patterns + [rest]
            elif word == "file":
                file = rest
            elif word in ("=", "-"):
                following = lines[place + 1] if place + 1 < len(lines) else ""
                new = following[2:] if following.startswith("+ ") else None
                if word == "=" and new is None:
                    sys.exit(f"{path.name}, line {place + 1}: an expression needs a line with + below it")
                number += 1
                faults.append(Fault(number, module, patterns, file, word, rest, new))
            elif word not in ("+", "#", ""):
                sys.exit(f"{path.name}, line {place + 1}: {line}")
    return faults


def switched(text, fault):
    """The text with the fault behind its switch."""
    count = text.count(fault.old)
    if count != 1:
        sys.exit(f"{fault}\n     occurs {count} times in {fault.file}, expected once")
    on = f"Faults.on({fault.number})"
    if fault.kind == "=":
        # An argument keeps its label.
        label = re.match(r"[a-z]\w*: ", fault.old)
        label = label.group() if label and fault.new.startswith(label.group()) else ""
        new = f"{label}({on} ? ({fault.new[len(label):]}) : ({fault.old[len(label):]}))"
    else:
        instead = f"if {on} {{ {fault.new} }} else {{" if fault.new else f"if !{on} {{"
        new = f"{instead} {fault.old} }}"
    return text.replace(fault.old, new)


SWITCH = '''#if canImport(Glibc)
import Glibc
#endif

/// Which fault this process has; 0 for none.
public enum Faults {
  private static let active: Int = {
    guard let file = fopen("PLACE", "r") else { return 0 }
    defer { fclose(file) }
    var text = [CChar](repeating: 0, count: 32)
    guard fgets(&text, 32, file) != nil else { return 0 }
    return Int(atoi(text))
  }()

  public static func on(_ number: Int) -> Bool { active == number }
}
'''


def make_copy(tree, switch, faults):
    """Brings the copy up to date; files that are as they were keep their time, so that little is built."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root, capture_output=True, check=True).stdout.decode().split("\0")
    wanted = {}
    by_file = defaultdict(list)
    for fault in faults:
        by_file["Sources/" + fault.file].append(fault)
    for name in filter(None, names):
        source = root / name
        if source.is_file():
            wanted[name] = source.read_bytes()
    for name, some in by_file.items():
        text = wanted[name].decode()
        for fault in some:
            text = switched(text, fault)
        wanted[name] = ("import Faults\n" + text).encode()
    modules = sorted({name.split("/")[1] for name in by_file})
    wanted["Sources/Faults/Faults.swift"] = SWITCH.replace("PLACE", str(switch)).encode()
    wanted["Package.swift"] += (
        '\npackage.targets.append(.target(name: "Faults"))\n'
        f"for target in package.targets where {json.dumps(modules)}.contains(target.name) {{\n"
        '  target.dependencies.append("Faults")\n}\n').encode()
    tree.mkdir(parents=True, exist_ok=True)
    for path in list(tree.rglob("*")):
        relative = str(path.relative_to(tree))
        if path.is_file() and relative not in wanted and not relative.startswith((".git/", ".build")) \
                and relative != "Package.resolved":
            path.unlink()
    for name, data in wanted.items():
        path = tree / name
        if not path.exists() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            shutil.copymode(root / name, path) if (root / name).exists() else None
    shared = root.parent / "shared"
    link = tree.parent / "shared"
    if shared.exists() and not link.exists():
        link.symlink_to(shared)


def run(arguments, tree, log, limit):
    """The exit status; None where the time ran out."""
    with open(log, "wb") as output:
        process = subprocess.Popen(arguments, cwd=tree, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            return process.wait(limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scratch", type=Path, default=root / ".build-mutations", help="where copy, build and results are kept")
    parser.add_argument("--only", help="numbers, as --list shows them: 3,17")
    parser.add_argument("--module", help="the faults of one module")
    parser.add_argument("--resume", action="store_true", help="leave out what was caught before")
    parser.add_argument("--list", action="store_true", help="show the faults and end")
    parser.add_argument("--limit", type=int, default=240, help="seconds for the tests of a fault")
    options = parser.parse_args()
    every = read_faults()
    chosen = [f for f in every if (not options.module or f.module == options.module)
              and (not options.only or f.number in {int(n) for n in options.only.split(",")})]
    if options.list:
        print("\n".join(map(str, chosen)))
        return 0
    scratch = options.scratch.resolve()
    tree, switch, results = scratch / "tree", scratch / "switch", scratch / "results.jsonl"
    make_copy(tree, switch, every)
    flags = ["--scratch-path", str(scratch / "build"), "-Xswiftc", "-O", "-Xcc", "-O2"]
    switch.write_text("0\n")
    print("building", flush=True)
    if run(["swift", "build", "--build-tests"] + flags, tree, scratch / "build.log", None) != 0:
        sys.exit(f"the copy does not build: {scratch}/build.log")

    def tests(pattern, limit):
        return run(["swift", "test", "--skip-build", "--no-parallel", "--filter", pattern] + flags, tree, scratch / "test.log", limit)

    known = {}
    if options.resume and results.exists():
        for line in results.read_text().splitlines():
            entry = json.loads(line)
            known[entry["key"]] = entry["caught"]
    waiting = [f for f in chosen if not known.get(f.key)]
    for pattern in sorted({pattern for f in waiting for pattern in f.patterns}):
        if tests(pattern, 4 * options.limit) != 0:
            sys.exit(f"without any fault the tests {pattern} fail: {scratch}/test.log")
        if "Test run with 0 tests" in (scratch / "test.log").read_text(errors="replace"):
            sys.exit(f"no test is named like {pattern}")
    print(f"without a fault all tests pass; {len(waiting)} faults", flush=True)
    for fault in waiting:
        start = time.monotonic()
        switch.write_text(f"{fault.number}\n")
        status = 0
        for pattern in fault.patterns:
            status = status if status != 0 else tests(pattern, options.limit)
        switch.write_text("0\n")
        caught = status != 0
        known[fault.key] = caught
        with open(results, "a") as file:
            file.write(json.dumps({"key": fault.key, "caught": caught, "fault": str(fault)}) + "\n")
        word = "caught" if status else "hangs" if status is None else "SURVIVED"
        print(f"{word:9}{time.monotonic() - start:5.0f} s {fault}", flush=True)

    table = defaultdict(lambda: [0, 0])
    for fault in chosen:
        table[fault.module][0] += known[fault.key]
        table[fault.module][1] += 1
    print(f"\n{'module':18} caught")
    isGood = True
    for module, (caught, count) in sorted(table.items()):
        allowed = count // 10 if count >= 10 else 1 if count >= 5 else 0
        isGood = isGood and count - caught <= allowed
        print(f"{module:18} {caught:3} of {count}")
    caught, count = sum(v[0] for v in table.values()), sum(v[1] for v in table.values())
    print(f"{'all':18} {caught:3} of {count} ({100 * caught / max(1, count):.1f} %)")
    for fault in chosen:
        if not known[fault.key]:
            print(f"survived {fault}")
    return 0 if isGood and caught >= 0.95 * count else 1


if __name__ == "__main__":
    sys.exit(main())
