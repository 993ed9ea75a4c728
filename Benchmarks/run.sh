#!/usr/bin/env bash
# Ours against the peers, in turn on the same threads, as ratios: see README.md beside this file.
set -euo pipefail
cd "$(dirname "$0")/.."
cache="${XDG_CACHE_HOME:-$HOME/.cache}/clip-rsicd-bench"
venv="${CLIP_RSICD_BENCH_VENV:-$cache/venv}"
mkdir -p "$cache"
if [ ! -x "$venv/bin/python" ]; then
  echo "installing the peers into $venv" >&2
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet torch transformers onnx onnxruntime openvino faiss-cpu
fi
swift build -c release >&2
swift build -c release --package-path Benchmarks >&2
if [ ! -f "$cache/vit-b-32/model.safetensors" ]; then
  "$venv/bin/python" Benchmarks/Peers/make_checkpoint.py "$cache/vit-b-32" assets/models/rsicd-mini >&2
fi
exec "$venv/bin/python" Benchmarks/compare.py --model "$cache/vit-b-32" --work "$cache" "$@"
