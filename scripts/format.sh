#!/bin/sh
# Formats every language with its own tool.
set -eu
cd "$(dirname "$0")/.."
cargo fmt --all
if grep -q '"format"' web/package.json; then
    npm --prefix web run format
fi
if [ -x .cache/test-venv/bin/ruff ]; then
    .cache/test-venv/bin/ruff format python examples
else
    echo "python is left as it is: run 'make test' once to install ruff"
fi
