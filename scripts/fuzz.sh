#!/bin/sh
# fuzz.sh SECONDS [TARGET…]: runs each target so long. New inputs gather beside the corpora; a failing one stays in fuzz/artifacts.
# Works with a stable toolchain: the flags below are what cargo-fuzz sets, without the sanitizers that need a nightly one.
set -eu
cd "$(dirname "$0")/.."
seconds=$1
shift
[ $# -gt 0 ] || set -- ingest block cursor query frame search otlp
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/fuzz"
export RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares -Cdebug-assertions -Ccodegen-units=1"
# The dashboard is nothing to these targets: a target triple keeps the flags from build scripts and macros.
triple=$(rustc -vV | sed -n 's/^host: //p')
cargo build -q --release -p hiveboard-fuzz --features libfuzzer --bins --target "$triple"
for target; do
  mkdir -p "fuzz/artifacts/$target" "$CARGO_TARGET_DIR/corpus/$target"
  echo "fuzz $target, $seconds s"
  "$CARGO_TARGET_DIR/$triple/release/$target" "$CARGO_TARGET_DIR/corpus/$target" "fuzz/corpus/$target" \
    -max_total_time="$seconds" -max_len=65536 -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
    -artifact_prefix="fuzz/artifacts/$target/" 2>&1 | grep -E '^(stat::|SUMMARY|==|thread|assertion|artifact|  )|panicked' || true
  [ -z "$(ls "fuzz/artifacts/$target")" ] || { echo "fuzz $target: failed, see fuzz/artifacts/$target" >&2; exit 1; }
done
