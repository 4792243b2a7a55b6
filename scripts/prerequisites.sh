#!/bin/sh
# Names every tool that is missing at once, so that nobody has to find out one by one.
missing=""

need() {
    command -v "$1" >/dev/null 2>&1 || missing="$missing
  - $2"
}

need git "git"
need make "make"
need cargo "cargo (Rust, https://rustup.rs)"
need node "node (Node.js 20 or newer)"
need npm "npm (comes with Node.js)"
command -v cc >/dev/null 2>&1 || command -v gcc >/dev/null 2>&1 || command -v clang >/dev/null 2>&1 || missing="$missing
  - a C compiler (cc, gcc or clang)"

python="${PYTHON:-python3}"
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1; then
    missing="$missing
  - python 3.10 or newer (as $python; set PYTHON to use another)"
elif ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    missing="$missing
  - python's venv module (on Debian: apt install python3-venv)"
fi

if [ -n "$missing" ]; then
    echo "missing on this machine:$missing" >&2
    exit 1
fi
