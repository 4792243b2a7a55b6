"""A cluster whose nodes speak TLS to each other."""

from __future__ import annotations

import re
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from harness.certificates import Authority
from harness.cluster import ENGINES_RUN_HERE, Cluster, Node, retried
from harness.events import event
from harness.server import free_port, hiveboard_binary
from harness.stream import StreamReader

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(not ENGINES_RUN_HERE, reason="the engines are published for Linux on x86-64 alone"),
]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def tls(authority: Authority, name: str, believes: Authority | None = None) -> dict[str, object]:
    """Settings of a node."""
    certificate, key = authority.vouch(name)
    return {
        "node_tls_cert": str(certificate),
        "node_tls_key": str(key),
        "node_ca_file": str((believes or authority).certificate),
    }


@pytest.fixture(scope="module")
def cluster(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    made = Cluster(tmp_path_factory.mktemp("cluster"), 0)
    made.nodes = [made.new_node(number, **tls(authority, f"node-{number}")) for number in range(2)]
    try:
        made.start()
        yield made
    finally:
        made.end()


def asked_of(node: Node, path: str, trusted: Path) -> httpx.Response:
    """By the port for nodes."""
    return httpx.get(f"https://{node.node_address}{path}", verify=ssl.create_default_context(cafile=str(trusted)))


def passed_on(node: Node) -> float:
    rows = httpx.get(node.url + "/metrics", timeout=5).text.splitlines()
    return sum(float(row.rsplit(" ", 1)[1]) for row in rows if row.startswith("hiveboard_requests_passed_on_total"))


def test_every_node_answers_for_all_and_what_it_passes_on_is_encrypted(cluster: Cluster, authority: Authority) -> None:
    # Enough workspaces that each node owns some.
    for _ in range(6):
        key = cluster.new_key()
        boards = [node.board(key) for node in cluster.nodes]
        boards[0].send("a", [event("task_started", task_id="one")])
        for board in boards:
            assert [task["task_id"] for task in retried(board, "/v1/tasks")["data"]] == ["one"]
        streams = [StreamReader(board, ["events"]) for board in boards]
        boards[1].send("a", [event("task_completed", task_id="one")])
        for stream in streams:
            assert stream.events(1, 10)[0]["event_type"] == "task_completed"
            stream.close()
    assert all(passed_on(node) > 0 for node in cluster.nodes), "each has asked the other"
    for node in cluster.nodes:
        assert asked_of(node, "/v1/agents", authority.certificate).status_code == 403
        with pytest.raises(httpx.HTTPError):
            httpx.get(f"http://{node.node_address}/v1/agents").raise_for_status()


def test_a_renewed_certificate_is_used_without_a_restart(cluster: Cluster, authority: Authority) -> None:
    node = cluster.nodes[0]
    host, port = node.node_address.split(":")

    def shown() -> str:
        return ssl.get_server_certificate((host, int(port)), ca_certs=str(authority.certificate))

    before = shown()
    authority.vouch("node-0")
    deadline = time.monotonic() + 15
    while shown() == before:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert asked_of(node, "/v1/agents", authority.certificate).status_code == 403


def test_a_node_that_others_do_not_believe_does_not_start_and_the_doctor_says_why(
    cluster: Cluster, authority: Authority, tmp_path: Path
) -> None:
    stranger = Authority(tmp_path / "stranger")
    node = cluster.new_node(91, **tls(stranger, "node-91", believes=authority))
    command = [str(hiveboard_binary()), "serve", "--data-dir", str(node.data), "--addr", f"127.0.0.1:{free_port()}"]
    done = subprocess.run(command, env=node.environment, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert "the other nodes would not talk to this one" in done.stderr
    looked = subprocess.run(
        [str(hiveboard_binary()), "doctor"], env=node.environment, capture_output=True, text=True, timeout=60
    )
    assert re.search(r"^fail +node tls +.*is not believed for 127.0.0.1", looked.stdout, re.MULTILINE), looked.stdout
    good = subprocess.run(
        [str(hiveboard_binary()), "doctor"],
        env=cluster.nodes[0].environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "the other nodes believe its certificate for 127.0.0.1" in good.stdout
    with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
        asked_of(cluster.nodes[0], "/v1/agents", stranger.certificate)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"node_tls_key": None}, "node_tls_cert is given without node_tls_key"),
        ({"node_tls_cert": "/nowhere.crt"}, "cannot read the certificate /nowhere.crt"),
        ({"node_ca_file": "/nowhere.crt"}, "/nowhere.crt"),
        ({"node_tls_cert": None, "node_tls_key": None}, "node_ca_file is given without"),
        ({"node_advertise": "hive-1:8100"}, "is not believed for hive-1"),
    ],
)
def test_what_is_wrong_with_the_files_is_said_at_the_start(
    cluster: Cluster, authority: Authority, settings: dict[str, str | None], said: str
) -> None:
    whole = tls(authority, "wrong") | settings
    node = cluster.new_node(90, **{name: value for name, value in whole.items() if value is not None})
    command = [str(hiveboard_binary()), "serve", "--data-dir", str(node.data), "--addr", f"127.0.0.1:{free_port()}"]
    done = subprocess.run(command, env=node.environment, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert said in done.stderr, done.stderr
