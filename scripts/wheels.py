"""`make wheels`: builds the Python client's wheel and sdist into dist/, then tries both as strangers would."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from shared import CACHE, ROOT, install_requirements, make_environment, python_of, say, target_directory
from wheel_checks import CARGO_HOME, inspect, try_sdist, try_wheel

DIST = ROOT / "dist"
ENVIRONMENT = CACHE / "wheels-venv"


def main() -> int:
    """Builds, then tries; returns the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", type=Path, help="the server to try the wheel against (default: what cargo built)")
    parser.add_argument("--only-try", action="store_true", help="build nothing, try what is in dist/")
    options = parser.parse_args()
    started = time.monotonic()
    try:
        server = options.binary or built_server()
        make_environment(ENVIRONMENT)
        install_requirements(ENVIRONMENT, ROOT / "scripts" / "requirements-wheels.txt")
        if not options.only_try:
            build()
        wheel, sdist = artefacts()
        inspect(python_of(ENVIRONMENT), wheel, sdist)
        try_wheel(wheel, server)
        try_sdist(sdist, build_environment())
    except subprocess.CalledProcessError as error:
        say(f"failed: {' '.join(map(str, error.cmd))}\n{error.stdout or ''}{error.stderr or ''}")
        return 1
    except (AssertionError, OSError) as error:
        say(f"failed: {error}")
        return 1
    for path in (wheel, sdist):
        say(f"{path.relative_to(ROOT)}  {path.stat().st_size:,} bytes")
    say(f"built and tried in {time.monotonic() - started:.0f} s")
    return 0


def build() -> None:
    """Leaves one wheel and one sdist in dist/."""
    shutil.rmtree(DIST, ignore_errors=True)
    maturin = str(python_of(ENVIRONMENT).with_name("maturin"))
    manifest = ["--manifest-path", "python/Cargo.toml", "--out", str(DIST)]
    # What is remapped below has to be there first.
    subprocess.run(["cargo", "fetch", "--locked", "--quiet"], cwd=ROOT, check=True)
    say("building the wheel")
    command = [maturin, "build", "--release", "--locked", *manifest]
    subprocess.run(command, cwd=ROOT, check=True, env=build_environment())
    say("building the sdist")
    subprocess.run([maturin, "sdist", *manifest], cwd=ROOT, check=True, capture_output=True, text=True)


def build_environment() -> dict[str, str]:
    """Variables for cargo: panics tell where they are in the sources, which must not be a path of this machine."""
    registries = [(folder, "/crates") for folder in sorted((CARGO_HOME / "registry" / "src").iterdir())]
    prefixes = [*registries, (ROOT, "/hiveloop")]
    flags = "\x1f".join(f"--remap-path-prefix={path}={instead}" for path, instead in prefixes)
    # A folder of its own: other flags would have everything else built anew.
    return os.environ | {
        "CARGO_ENCODED_RUSTFLAGS": flags,
        "CARGO_TARGET_DIR": str(target_directory() / "wheels"),
    }


def artefacts() -> tuple[Path, Path]:
    """The wheel and the sdist, and nothing beside them."""
    wheels, sdists = sorted(DIST.glob("*.whl")), sorted(DIST.glob("*.tar.gz"))
    assert len(wheels) == len(sdists) == 1, f"dist/ must hold one wheel and one sdist, not {wheels + sdists}"
    return wheels[0], sdists[0]


def built_server() -> Path:
    """A server that cargo has built."""
    found = [target_directory() / profile / "hiveboard" for profile in ("release", "debug")]
    existing = [path for path in found if path.exists()]
    assert existing, "there is no server to try the wheel against: run `make build` first, or name one by --binary"
    return existing[0]


if __name__ == "__main__":
    sys.exit(main())
