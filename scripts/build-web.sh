#!/bin/sh
# Builds web/dist, unless it is newer than everything it is made from.
set -eu
cd "$(dirname "$0")/../web"

# npm writes this file last, so it tells whether an install was finished.
installed=node_modules/.package-lock.json
if [ ! -f "$installed" ] || [ package-lock.json -nt "$installed" ]; then
    echo "installing the dashboard's packages"
    npm ci --no-audit --no-fund
fi

built=dist/index.html
if [ -f "$built" ] && [ -z "$(find . -path ./node_modules -prune -o -path ./dist -prune -o -type f -newer "$built" -print | head -n 1)" ]; then
    echo "the dashboard is up to date"
else
    echo "building the dashboard"
    npm run build
fi
