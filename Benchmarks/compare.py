"""Runs each measurement of ours and of each peer in turn and prints medians and ratios.

The two sides alternate (A B A B …), so that a machine whose speed drifts is the same for both.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BENCH = os.path.join(HERE, ".build/release/bench")
COMMAND = os.path.join(HERE, "../.build/release/clip-rsicd")
TRAINING = os.path.join(HERE, "../.build/release/training-probe")


def measured(command):
    """Seconds per item by name, from a program's JSON lines."""
    environment = dict(os.environ, OMP_NUM_THREADS=str(options.threads))
    result = subprocess.run(command, capture_output=True, text=True, env=environment)
    if result.returncode != 0:
        sys.stderr.write(result.stderr[-2000:])
        raise SystemExit(f"failed: {' '.join(command)}")
    lines = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
    return {line["name"]: line["seconds"] for line in lines}


def ours(*arguments):
    return [BENCH, *map(str, arguments)]


def peer(*arguments):
    return [sys.executable, os.path.join(HERE, "Peers/peer.py"), *map(str, arguments)]


def compare(title, name, own, peers, demand):
    """Alternates own and peers; `demand` maps a peer to the largest allowed own/peer of the times."""
    times = {key: [] for key in ["ours", *peers]}
    for _ in range(options.rounds):
        times["ours"].append(measured(own)[name])
        for key, command in peers.items():
            times[key].append(measured(command)[name])
    medians = {key: statistics.median(values) for key, values in times.items()}
    print(f"\n{title}")
    print(f"  {'ours':<12} {medians['ours'] * 1000:9.1f} ms")
    for key in peers:
        ratio = statistics.median(a / b for a, b in zip(times["ours"], times[key]))
        verdict = ""
        if key in demand:
            verdict = f"  demanded ≤ {demand[key]:.3f}: {'met' if ratio <= demand[key] else 'MISSED'}"
        print(f"  {key:<12} {medians[key] * 1000:9.1f} ms   ours takes {ratio:.3f} of it{verdict}")
    return medians


def encoders():
    threads, model = options.threads, options.model
    batch = 32
    found = compare(
        f"ViT-B/32, f32, image tower, batch {batch}", "image",
        ours("image", model, threads, batch, 3),
        {key: peer(key, "image", model, threads, batch, 3) for key in ("torch", "onnx", "openvino")},
        {"torch": 1 / 1.25, "onnx": 1 / 1.1, "openvino": 1 / 1.1})
    print(f"  that is {batch / found['ours']:.1f} images/s of ours")
    compare("ViT-B/32, f32, image tower, batch 1", "image",
            ours("image", model, threads, 1, 15),
            {"torch": peer("torch", "image", model, threads, 1, 15)}, {"torch": 0.7})
    compare("ViT-B/32, f32, text tower, one query of 12 tokens", "text",
            ours("text", model, threads, 12, 31),
            {"torch": peer("torch", "text", model, threads, 12, 31)}, {"torch": 0.5})
    return batch / found["ours"]


def training():
    """One step with AdamW, text of 32 tokens: pairs/s and peak memory beside PyTorch's."""
    def line(command):
        environment = dict(os.environ, OMP_NUM_THREADS=str(options.threads))
        result = subprocess.run(command, capture_output=True, text=True, env=environment)
        if result.returncode != 0:
            sys.stderr.write(result.stderr[-2000:])
            raise SystemExit(f"failed: {' '.join(command)}")
        return json.loads(result.stdout)

    small = os.path.join(HERE, "../assets/models/clip-mini")
    for title, model, batch, demand in (("ViT-B/32", options.model, 16, 1.2),
                                        ("clip-mini", small, 256, 1.5)):
        arguments = [os.path.join(model, "config.json"), str(options.threads), str(batch), "32", "3"]
        peers = [sys.executable, os.path.join(HERE, "Peers/train_peer.py"), *arguments]
        rounds = [(line([TRAINING, *arguments]), line(peers)) for _ in range(options.rounds)]
        own, torch = sorted(rounds, key=lambda pair: pair[0]["step_seconds"])[len(rounds) // 2]
        ratio = statistics.median(a["pairs_per_second"] / b["pairs_per_second"] for a, b in rounds)
        lighter = own["memory_mib"] <= torch["memory_mib"]
        print(f"\ntraining step, {title}, batch {batch}, 32 tokens, AdamW")
        print(f"  ours  {own['pairs_per_second']:8.2f} pairs/s  {own['memory_mib']:6} MiB, "
              f"{own['share_of_peak']:.2f} of the matrix peak ({own['peak_gflops']:.0f} GFLOP/s), "
              f"optimiser {own['optimiser_seconds'] / own['step_seconds']:.3f} of the time")
        print(f"  torch {torch['pairs_per_second']:8.2f} pairs/s  {torch['memory_mib']:6} MiB   "
              f"ours is {ratio:.2f} times as fast  demanded ≥ {demand}: "
              f"{'met' if ratio >= demand else 'MISSED'}; "
              f"no more memory: {'met' if lighter else 'MISSED'}")


def search():
    threads = options.threads
    count, width = 1_000_000, 512
    own = ours("search", count, width, threads, 9)
    compare(f"exact search of {count:,} × {width} f32, k = 10", "search", own,
            {"faiss": peer("faiss", "search", count, width, threads, 9)}, {})
    pairs = [measured(own) for _ in range(options.rounds)]
    ratio = statistics.median(pair["search"] / pair["read"] for pair in pairs)
    print(f"  reading them {statistics.median(p['read'] for p in pairs) * 1000:.1f} ms, "
          f"search takes {ratio:.3f} of it  demanded ≤ 1.3: {'met' if ratio <= 1.3 else 'MISSED'}")


def indexing(bare):
    """1,027 drawn scenes from JPEG to collection, against the tower alone."""
    folder = tempfile.mkdtemp(dir=options.work)
    try:
        scenes = os.path.join(folder, "scenes")
        subprocess.run([COMMAND, "scenes", "--into", scenes, "--count", "35"],
                       check=True, capture_output=True)
        for name in sorted(os.listdir(scenes))[1027:]:
            if name.endswith(".jpg"):
                os.remove(os.path.join(scenes, name))
        count = sum(name.endswith(".jpg") for name in os.listdir(scenes))
        print(f"\nindexing {count:,} JPEGs end to end")
        for title, model in (("ViT-B/32", options.model),
                             ("rsicd-mini", os.path.join(HERE, "../assets/models/rsicd-mini"))):
            into = os.path.join(folder, title.replace("/", "") + ".sqlite")
            start = time.perf_counter()
            subprocess.run([COMMAND, "index", scenes, "--model", model, "--into", into],
                           check=True, capture_output=True)
            rate = count / (time.perf_counter() - start)
            print(f"  {title:<12} {rate:9.1f} images/s, with process start and packing", end="")
            if title == "ViT-B/32":
                share = rate / bare
                print(f": {share:.3f} of the bare tower  demanded ≥ 0.9: "
                      f"{'met' if share >= 0.9 else 'MISSED'}", end="")
            print()
    finally:
        shutil.rmtree(folder)


parser = argparse.ArgumentParser()
parser.add_argument("--model", required=True)
parser.add_argument("--work", required=True)
parser.add_argument("--threads", type=int, default=os.cpu_count())
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--only", choices=["encoders", "search", "indexing", "training", "explorer"])
options = parser.parse_args()

bare = None
if options.only in (None, "encoders"):
    bare = encoders()
if options.only in (None, "search"):
    search()
if options.only in (None, "indexing"):
    if bare is None:
        bare = 32 / measured(ours("image", options.model, options.threads, 32, 3))["image"]
    indexing(bare)
if options.only in (None, "training"):
    training()
if options.only in (None, "explorer"):
    import explorer
    explorer.run(COMMAND, options.work)
