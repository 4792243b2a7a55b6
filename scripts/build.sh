#!/bin/sh
# Builds the dashboard and the documentation, then the server that carries both. Leaves target/release/hiveboard.
set -eu
cd "$(dirname "$0")/.."
sh scripts/build-web.sh
"${PYTHON:-python3}" scripts/build_docs.py --lenient
echo "building the server (release)"
cargo build --release -p hiveboard
echo "built ${CARGO_TARGET_DIR:-target}/release/hiveboard"
