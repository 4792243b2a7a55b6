"""`make wheels`: builds the client's wheel and sdist and the server's wheel into dist/, then tries all as strangers would.

The server's wheel holds the binary alone. On Linux zig links both against glibc 2.28 (Debian 10, RHEL 8, Ubuntu 20.04), whatever the machine that
builds them has. `--debian` makes a Debian package of the same binary.
"""

from __future__ import annotations

import argparse
import gzip
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from server_checks import GLIBC, inspect_server, try_debian, try_server
from shared import CACHE, ROOT, install_requirements, make_environment, python_of, say, target_directory
from wheel_checks import CARGO_HOME, inspect, try_sdist, try_wheel

DIST = ROOT / "dist"
ENVIRONMENT = CACHE / "wheels-venv"
CARGO_DEB = "3.8.0"
OLD_GLIBC = ["--zig", "--compatibility", f"manylinux_{GLIBC.replace('.', '_')}"] if sys.platform == "linux" else []


def main() -> int:
    """Builds, then tries; returns the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", type=Path, help="the server to try the wheel against (default: what cargo built)")
    parser.add_argument("--only-try", action="store_true", help="build nothing, try what is in dist/")
    parser.add_argument("--only", choices=("client", "server"), help="build and try one of the two")
    parser.add_argument("--debian", action="store_true", help="a Debian package, too (needs dpkg)")
    options = parser.parse_args()
    started = time.monotonic()
    made: list[Path] = []
    try:
        if options.only == "client":
            # Said before minutes of building, not after.
            options.binary = options.binary or built_server()
        make_environment(ENVIRONMENT)
        install_requirements(ENVIRONMENT, ROOT / "scripts" / "requirements-wheels.txt")
        if options.only != "client":
            if not options.only_try:
                build_server()
            made.append(only_one("hiveboard-*.whl"))
            inspect_server(python_of(ENVIRONMENT), made[-1])
            try_server(made[-1], python_of(ENVIRONMENT).with_name("uv"))
        if options.only != "server":
            if not options.only_try:
                build_client()
            with tempfile.TemporaryDirectory() as folder:
                made += try_client(options.binary or unpacked_server(Path(folder) / "hiveboard"))
        if options.debian:
            if not options.only_try:
                build_debian()
            made.append(only_one("*.deb"))
            try_debian(made[-1])
    except subprocess.CalledProcessError as error:
        say(f"failed: {' '.join(map(str, error.cmd))}\n{error.stdout or ''}{error.stderr or ''}")
        return 1
    except (AssertionError, OSError) as error:
        say(f"failed: {error}")
        return 1
    for path in made:
        say(f"{path.relative_to(ROOT)}  {path.stat().st_size:,} bytes")
    say(f"built and tried in {time.monotonic() - started:.0f} s")
    return 0


def build_client() -> None:
    """Leaves one wheel and one sdist of the client in dist/."""
    forget("hiveloop-*.whl", "hiveloop-*.tar.gz")
    manifest = ["--manifest-path", "python/Cargo.toml", "--out", str(DIST)]
    # What is remapped below has to be there first.
    subprocess.run(["cargo", "fetch", "--locked", "--quiet"], cwd=ROOT, check=True)
    say("building the client's wheel")
    command = [tool("maturin"), "build", "--release", "--locked", *OLD_GLIBC, *manifest]
    subprocess.run(command, cwd=ROOT, check=True, env=build_environment())
    say("building the client's sdist")
    subprocess.run([tool("maturin"), "sdist", *manifest], cwd=ROOT, check=True, capture_output=True, text=True)


def build_server() -> None:
    """Leaves one wheel of the server in dist/, with the dashboard and the documentation in its binary."""
    forget("hiveboard-*.whl")
    subprocess.run(["sh", "scripts/build-web.sh"], cwd=ROOT, check=True)
    subprocess.run([sys.executable, "scripts/build_docs.py"], cwd=ROOT, check=True)
    subprocess.run(["cargo", "fetch", "--locked", "--quiet"], cwd=ROOT, check=True)
    say("building the server's wheel")
    command = [tool("maturin"), "build", "--release", "--locked", *OLD_GLIBC]
    command += ["--manifest-path", "crates/hiveboard/Cargo.toml", "--out", str(DIST)]
    subprocess.run(command, cwd=ROOT, check=True, env=build_environment())


def build_debian() -> None:
    """Leaves a Debian package in dist/, of the binary in the server's wheel."""
    forget("*.deb")
    say("building the Debian package")
    place = ROOT / "crates" / "hiveboard" / "target" / "release" / "hiveboard"
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        write_beside(unpacked_server(place))
        command = [str(cargo_deb()), "--no-build", "--no-strip", "--output", str(DIST)]
        environment = os.environ | {"CARGO_TARGET_DIR": str(place.parents[1])}
        manifest = ["--manifest-path", "crates/hiveboard/Cargo.toml"]
        subprocess.run([*command, *manifest], cwd=ROOT, check=True, env=environment)
    finally:
        shutil.rmtree(place.parents[1])


def unpacked_server(place: Path) -> Path:
    """Puts the binary of the server's wheel somewhere, and says where."""
    with zipfile.ZipFile(only_one("hiveboard-*.whl")) as wheel:
        (binary,) = (name for name in wheel.namelist() if name.endswith("/scripts/hiveboard"))
        place.write_bytes(wheel.read(binary))
    place.chmod(0o755)
    return place


def write_beside(binary: Path) -> None:
    """Has the binary write its manual pages and completions, which the package puts where readers and shells look for them."""
    pages = binary.with_name("man")
    subprocess.run([binary, "man", "--dir", pages], check=True, stdout=subprocess.DEVNULL)
    for page in sorted(pages.iterdir()):
        # As Debian wants them: small, and the same from every build.
        page.with_name(f"{page.name}.gz").write_bytes(gzip.compress(page.read_bytes(), mtime=0))
        page.unlink()
    completions = binary.with_name("completions")
    completions.mkdir()
    for shell, name in {"bash": "hiveboard", "zsh": "_hiveboard", "fish": "hiveboard.fish"}.items():
        printed = subprocess.run([binary, "completions", shell], check=True, capture_output=True).stdout
        (completions / name).write_bytes(printed)


def try_client(server: Path) -> list[Path]:
    """Looks at the client's wheel and sdist and tries both, against a server; returns them."""
    wheel, sdist = only_one("hiveloop-*.whl"), only_one("hiveloop-*.tar.gz")
    inspect(python_of(ENVIRONMENT), wheel, sdist)
    try_wheel(wheel, server)
    try_sdist(sdist, build_environment())
    return [wheel, sdist]


def tool(name: str) -> str:
    """A program of the environment that builds."""
    return str(python_of(ENVIRONMENT).with_name(name))


def cargo_deb() -> Path:
    """cargo-deb in the version that is written down, built where it is missing."""
    root = CACHE / f"cargo-deb-{CARGO_DEB}"
    program = root / "bin" / "cargo-deb"
    if not program.exists():
        say(f"installing cargo-deb {CARGO_DEB}")
        install = ["cargo", "install", "--quiet", "--locked", "--version", CARGO_DEB, "--root", str(root), "cargo-deb"]
        subprocess.run(install, check=True, env=os.environ | {"CARGO_TARGET_DIR": str(root / "target")})
        shutil.rmtree(root / "target", ignore_errors=True)
    return program


def forget(*patterns: str) -> None:
    """Removes what an earlier build has left."""
    DIST.mkdir(exist_ok=True)
    for pattern in patterns:
        for path in DIST.glob(pattern):
            path.unlink()


def build_environment() -> dict[str, str]:
    """Variables for cargo: panics tell where they are in the sources, which must not be a path of this machine."""
    registries = [(folder, "/crates") for folder in sorted((CARGO_HOME / "registry" / "src").iterdir())]
    prefixes = [*registries, (ROOT, "/hiveloop")]
    flags = "\x1f".join(f"--remap-path-prefix={path}={instead}" for path, instead in prefixes)
    # A folder of its own: other flags would have everything else built anew.
    return os.environ | {
        # maturin looks for zig on the path.
        "PATH": os.pathsep.join([str(python_of(ENVIRONMENT).parent), os.environ["PATH"]]),
        "CARGO_ENCODED_RUSTFLAGS": flags,
        "CARGO_TARGET_DIR": str(target_directory() / "wheels"),
    }


def only_one(pattern: str) -> Path:
    """The one file of this kind in dist/."""
    found = sorted(DIST.glob(pattern))
    assert len(found) == 1, f"dist/ must hold one {pattern}, not {[path.name for path in found]}"
    return found[0]


def built_server() -> Path:
    """A server that cargo has built."""
    found = [target_directory() / profile / "hiveboard" for profile in ("release", "debug")]
    existing = [path for path in found if path.exists()]
    assert existing, "there is no server to try the wheel against: run `make build` first, or name one by --binary"
    return existing[0]


if __name__ == "__main__":
    sys.exit(main())
