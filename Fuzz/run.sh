#!/bin/sh
# Fuzz/run.sh TARGET [libFuzzer's arguments, by default -runs=1000000 -max_total_time=600]
# Builds the fuzzers into .build-fuzz where they are missing, and runs one over its corpus. What it finds
# goes to Fuzz/found/TARGET; new inputs stay outside of the repository.
set -eu
cd "$(dirname "$0")/.."
target=${1:?usage: Fuzz/run.sh TARGET [ARGUMENT...]}
shift
[ $# -gt 0 ] || set -- -runs=1000000 -max_total_time=600
FUZZ=1 swift build -c release --scratch-path .build-fuzz --product fuzz \
  --sanitize address --sanitize fuzzer -Xswiftc -sanitize=address,fuzzer >&2

memory=/dev/shm
[ -d "$memory" ] || memory=${TMPDIR:-/tmp}
folder=$(mktemp -d "$memory/clip-rsicd-fuzz.XXXXXX")
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/files" "$folder/corpus" "Fuzz/corpus/$target" "Fuzz/found/$target"

# Swift's own report of a crash waits for a process that the sanitizer does not let start.
export SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1
FUZZ_TARGET=$target FUZZ_FOLDER=$folder/files .build-fuzz/release/fuzz \
  -max_len=65536 -timeout=10 -rss_limit_mb=1024 -malloc_limit_mb=64 -print_final_stats=1 \
  -artifact_prefix="Fuzz/found/$target/" "$@" "$folder/corpus" "Fuzz/corpus/$target"
