#!/bin/sh
# Removes what was built. Data directories hold people's events and stay.
set -eu
cd "$(dirname "$0")/.."
cargo clean
rm -rf dist docs/site web/dist web/node_modules web/test-results web/playwright-report .venv .cache
find . -name __pycache__ -type d -prune -exec rm -rf {} +
