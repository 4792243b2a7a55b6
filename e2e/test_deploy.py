"""What the deployment files promise, as far as this machine can show it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import httpx
import pytest
import yaml

from harness.proxy import DEPLOY
from harness.server import ROOT, free_port, hiveboard_binary

NOBODY = 65_532


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may change roots")
def test_the_image_holds_all_that_the_server_needs_and_runs_without_root(tmp_path: Path) -> None:
    image = tmp_path / "image"
    subprocess.run(["sh", str(ROOT / "scripts" / "image.sh"), str(hiveboard_binary()), str(image)], check=True)
    assert not list(image.glob("**/sh")), "no shell"
    for path in [tmp_path, *tmp_path.parents]:
        if path.is_relative_to("/tmp") and path != Path("/tmp"):
            path.chmod(0o755)
    os.chown(image / "data", NOBODY, NOBODY)
    told = (ROOT / "Dockerfile").read_text()
    assert f"USER {NOBODY}:{NOBODY}" in told
    assert re.search(r'HEALTHCHECK .*CMD \["/hiveboard", "doctor", "--health"\]', told)
    chroot = shutil.which("chroot", path="/usr/sbin:/usr/bin:/sbin")
    assert chroot is not None
    inside = [chroot, f"--userspec={NOBODY}:{NOBODY}", str(image), "/hiveboard"]
    port = free_port()
    variables = {"HIVEBOARD_DATA_DIR": "/data", "HIVEBOARD_ADDR": f"0.0.0.0:{port}", "HIVEBOARD_OTLP_GRPC_ADDR": ""}
    server = subprocess.Popen([*inside, "serve"], env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            health = subprocess.run([*inside, "doctor", "--health"], env=variables, capture_output=True, text=True)
            if health.returncode == 0:
                break
            time.sleep(0.2)
        assert health.stdout.strip() == "ready", health.stderr
        assert httpx.get(f"http://127.0.0.1:{port}/health").json()["status"] == "ok"
    finally:
        server.terminate()
        assert server.wait(12) == 0
    ended = subprocess.run([*inside, "doctor", "--health"], env=variables, capture_output=True, text=True)
    assert ended.returncode == 1


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_the_unit_is_one_that_systemd_understands(tmp_path: Path) -> None:
    unit = tmp_path / "hiveboard.service"
    text = (DEPLOY / "hiveboard.service").read_text()
    unit.write_text(text.replace("ExecStart=hiveboard", f"ExecStart={hiveboard_binary()}"))
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, timeout=60)
    complaints = [line for line in done.stderr.splitlines() if "hiveboard.service" in line]
    assert not complaints, done.stderr


def test_the_compose_file_starts_the_image_as_it_is_made() -> None:
    composed = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    service = composed["services"]["hiveboard"]
    image = (ROOT / "Dockerfile").read_text()
    (exposed,) = re.findall(r"^EXPOSE (.+)$", image, re.MULTILINE)
    assert [port.rsplit(":", 1)[1] for port in service["ports"]] == exposed.split()
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    volume, _, inside = service["volumes"][0].partition(":")
    assert volume in composed["volumes"]
    assert f"VOLUME {inside}" in image
    assert (DEPLOY / service["build"]).resolve() == ROOT
    known = set(
        re.findall(r"HIVEBOARD_[A-Z_]+", subprocess.check_output([hiveboard_binary(), "serve", "--help"], text=True))
    )
    assert set(service["environment"]) <= known
    assert service["read_only"] is True


def test_every_command_of_the_release_is_there() -> None:
    released = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text())
    jobs = released["jobs"]
    assert set(jobs["publish"]["needs"]) <= set(jobs)
    commands = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    named = {path for command in commands for path in re.findall(r"\b(?:scripts|python)/[\w./-]+", command)}
    assert "scripts/wheels.py" in named
    for path in named:
        assert (ROOT / path).exists(), path
    # A tag is published only when everything was built and tried.
    assert jobs["publish"]["if"] == "startsWith(github.ref, 'refs/tags/v')"


def test_the_debian_package_holds_files_that_are_there() -> None:
    manifest = ROOT / "crates" / "hiveboard" / "Cargo.toml"
    listed = re.findall(r'^    \["([^"]+)", "[^"]+", "\d+"\]', manifest.read_text(), re.MULTILINE)
    # What is built, and what it writes itself.
    made = {path for path in listed if path.startswith("target/release/")}
    assert {"target/release/hiveboard", "target/release/man/*"} <= made
    for path in set(listed) - made:
        assert (manifest.parent / path).exists(), path
