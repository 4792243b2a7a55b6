#!/bin/sh
# Builds the dashboard, then the server that carries it. Leaves target/release/hiveboard.
set -eu
cd "$(dirname "$0")/.."
sh scripts/build-web.sh
echo "building the server (release)"
cargo build --release -p hiveboard
echo "built ${CARGO_TARGET_DIR:-target}/release/hiveboard"
