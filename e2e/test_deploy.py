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

from engines import NATS_SERVER, are_available, install
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
    assert set(service["environment"]) <= known_variables()
    assert service["read_only"] is True


def known_variables() -> set[str]:
    """What a server reads of its environment."""
    told = subprocess.check_output([hiveboard_binary(), "serve", "--help"], text=True)
    # Secrets are no flags.
    secrets = {"HIVEBOARD_CLICKHOUSE_PASSWORD", "HIVEBOARD_NATS_PASSWORD"}
    return set(re.findall(r"HIVEBOARD_[A-Z_]+", told)) | secrets


def test_the_compose_file_of_a_cluster_says_what_nodes_and_nats_understand(tmp_path: Path) -> None:
    # As docker compose reads it: variables are filled in first.
    text = re.sub(r"\$\{[A-Z_]+:\?[^}]*\}", "12345", (DEPLOY / "compose-cluster.yaml").read_text())
    composed = yaml.safe_load(text)
    services = composed["services"]
    nodes = {name: service for name, service in services.items() if name.startswith("hive-")}
    assert len(nodes) == 3
    for name, node in nodes.items():
        assert set(node["environment"]) <= known_variables()
        assert node["environment"]["HIVEBOARD_NODE_ADVERTISE"] == f"{name}:8100"
        urls = node["environment"]["HIVEBOARD_NATS_URLS"] + "," + node["environment"]["HIVEBOARD_CLICKHOUSE_URLS"]
        for host in re.findall(r"//([\w-]+):", urls):
            assert host in services, host
        assert {volume.partition(":")[0] for volume in node["volumes"]} <= set(composed["volumes"])
        # The node sees that its settings fit together before it looks for the engines.
        here = dict(
            node["environment"], HIVEBOARD_DATA_DIR=str(tmp_path / name), HIVEBOARD_NATS_URLS="nats://127.0.0.1:1"
        )
        here |= {"HIVEBOARD_CLICKHOUSE_URLS": "http://127.0.0.1:1", "HIVEBOARD_OTLP_GRPC_ADDR": ""}
        here |= {name: f"127.0.0.1:{free_port()}" for name in ("HIVEBOARD_ADDR", "HIVEBOARD_NODE_ADDR")}
        started = subprocess.run(
            [hiveboard_binary(), "serve"],
            env={variable: str(value) for variable, value in here.items()},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert "the log of the cluster (nats_…)" in started.stderr, started.stderr
    # What the head of the file says to run needs nothing that the image has not.
    (command,) = re.findall(r"exec hive-1 /hiveboard (.+)$", text, re.MULTILINE)
    subprocess.run(
        [hiveboard_binary(), *command.split(), "--help"], check=True, capture_output=True, env={"HOME": str(tmp_path)}
    )
    assert "--config" not in command, "the settings are in the environment"
    if are_available():
        install()
        settings = tmp_path / "nats.conf"
        settings.write_text(composed["configs"]["nats.conf"]["content"].replace('"/data"', f'"{tmp_path / "nats"}"'))
        checked = subprocess.run(
            [NATS_SERVER, "-t", "--config", settings, "--name", "nats-1"], capture_output=True, text=True, timeout=30
        )
        assert checked.returncode == 0, checked.stderr


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
    # Of the same binary as the wheel, which says what it asks for.
    (glibc,) = re.findall(r'^GLIBC = "([\d.]+)"$', (ROOT / "scripts" / "server_checks.py").read_text(), re.MULTILINE)
    assert f'depends = "libc6 (>= {glibc})"' in manifest.read_text()
    listed = re.findall(r'^    \["([^"]+)", "[^"]+", "\d+"\]', manifest.read_text(), re.MULTILINE)
    # What is built, and what it writes itself.
    made = {path for path in listed if path.startswith("target/release/")}
    assert {"target/release/hiveboard", "target/release/man/*"} <= made
    for path in set(listed) - made:
        assert (manifest.parent / path).exists(), path
