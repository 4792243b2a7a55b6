"""Somebody who reads a page and does what it says, on a server and in a folder of their own."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import yaml

from blocks import Block
from given import GIVEN, HAPPENED
from harness.events import event
from harness.server import Server, free_port, hiveboard_binary
from harness.shell import Shell
from harness.terminal import Terminal

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

WORKER = Path(__file__).with_name("worker.py")
STARTS_SECONDS = 60.0
# Where a key is to be, not where one is spoken of.
PRINTED_KEY = re.compile(r"""(?<=["' 0])hb_live_(your_key_here|xxx|…)(?=["'\s]|$)""")
PRINTED_READ_KEY = re.compile(r"""(?<=["' 0])hb_read_…(?=["'\s]|$)""")
PRINTED_TEST_KEY = "hb_test_0123456789abcdef0123456789abcdef"
# Where pages print the beginning of a key that is about to be changed.
PRINTED_BEGINNING = "hb_live_Ab3x"


class Reader:
    """Runs the blocks of one page, from top to bottom.

    Args:
        folder: Where the reader works; their home, too.
        page: The page's path from the repository's root.
    """

    def __init__(self, folder: Path, page: str) -> None:
        self.folder = folder
        self.server = Server(folder, SMTP_HOST="127.0.0.1", SMTP_FROM="hive@example.org")
        self.server.start()
        self.key = self.server.create_key()
        self._own_port = free_port()
        self._test_key = self.server.create_key("test")
        self.page = page
        self._worker: subprocess.Popen[str] | None = None
        self._staying: list[subprocess.Popen[bytes]] = []
        self._leaving: list[Callable[[], None]] = []
        (folder / "bin").mkdir()
        (folder / "bin" / "hiveboard").symlink_to(hiveboard_binary())
        # An export of an older server, which pages read.
        old = event(
            "agent_registered", agent_id="old-agent", agent_type="general", environment="production", group="default"
        )
        (folder / "old.ndjson.gz").write_bytes(gzip.compress(json.dumps(old).encode() + b"\n"))
        # A refused request is a failure, which curl alone does not say.
        (folder / ".curlrc").write_text("fail-with-body\nsilent\nshow-error\n")

    def run(self, block: Block) -> None:
        """Does what the block says; an AssertionError says what did not work."""
        if "given" in block.options:
            HAPPENED[block.options["given"]](self)
        text = self.as_typed(block.text)
        if "file" in block.options:
            (self.folder / block.options["file"]).write_text(text)
        kind = {"sh": self._shell, "python": self._python, "http": self._http}.get(block.language)
        if kind and "file" not in block.options:
            kind(block, text)
        else:
            check_syntax(block, text)

    def at_end(self, leave: Callable[[], None]) -> None:
        """Keeps what is to be done when the page is closed."""
        self._leaving.append(leave)

    def end(self) -> None:
        """Ends all that was started."""
        for leave in self._leaving:
            leave()
        if self._worker is not None:
            assert self._worker.stdin is not None
            self._worker.stdin.close()
            code = self._worker.wait(30)
            assert self._worker.stdout is not None
            self._worker.stdout.close()
            assert code == 0, f"the interpreter of {self.page} ended with {code}"
        for process in reversed(self._staying):
            if process.poll() is None:
                process.terminate()
            process.wait(30)
        figures = httpx.get(f"{self.server.url}/metrics").text
        self.server.end()
        rejected = re.findall(r"^hiveboard_events_rejected_total\S* ([1-9]\d*)", figures, re.MULTILINE)
        assert not rejected, f"events of {self.page} were rejected"

    def as_typed(self, text: str) -> str:
        """The text with the reader's own addresses, keys and folders in it."""
        if PRINTED_BEGINNING in text:
            text = text.replace(PRINTED_BEGINNING, self.server.create_key()[:16])
        text = PRINTED_KEY.sub(self.key, text)
        if PRINTED_READ_KEY.search(text):
            text = PRINTED_READ_KEY.sub(self.server.create_key("read"), text)
        text = text.replace(PRINTED_TEST_KEY, self._test_key)
        for printed, own in {
            "https://board.example.org": self.server.url,
            "localhost:8000": self.server.address,
            "127.0.0.1:8000": self.server.address,
            "0.0.0.0:443": f"127.0.0.1:{free_port()}",
            # Where a program of the reader's own listens.
            "127.0.0.1:9000": f"127.0.0.1:{self._own_port}",
            "/var/lib/hiveboard": f"{self.folder}/var",
            "/etc/hiveboard/": f"{self.folder}/",
            "/backups/": f"{self.folder}/backups/",
        }.items():
            text = text.replace(printed, own)
        return text

    def environment(self) -> dict[str, str]:
        """What the reader's shell knows."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("HIVE", "OTEL"))}
        path = [str(self.folder / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]]
        return inherited | {
            "HOME": str(self.folder),
            "PATH": os.pathsep.join(path),
            "KEY": self.key,
            "HIVEBOARD_DATA_DIR": str(self.server.data),
            "HIVEBOARD_ADDR": self.server.address,
            "HIVEBOARD_OTLP_GRPC_ADDR": "",
            "HIVEBOARD_URL": self.server.url,
            "HIVEBOARD_API_KEY": self.key,
            "HIVELOOP_ENDPOINT": self.server.url,
            "HIVELOOP_API_KEY": self.key,
        }

    def _shell(self, block: Block, text: str) -> None:
        if "stays" in block.options:
            self._start(block, text)
            return
        if "terminal" in block.options:
            self._look(block, text)
            return
        if "stopped" in block.options:
            self.server.stop()
        keyboard, terminal = os.openpty()
        # To whatever is asked the answer is yes.
        os.write(keyboard, b"y\n" * 20)
        try:
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", text],
                cwd=self.folder,
                env=self.environment(),
                stdin=terminal,
                capture_output=True,
                text=True,
                timeout=100,
            )
        finally:
            os.close(keyboard)
            os.close(terminal)
            if "stopped" in block.options:
                self.server.start()
        wanted = int(block.options.get("ends", 0))
        assert done.returncode == wanted, f"{block.where} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"

    def _look(self, block: Block, text: str) -> None:
        """Looks at what fills a terminal, and leaves it."""
        shell = Shell(self.folder)
        shell.environment = self.environment() | {"TERM": "xterm-256color"}
        (command,) = (line.partition("#")[0].split() for line in text.splitlines() if line.strip())
        assert command[0] == "hiveboard", f"{block.where}: one command of the server's fills a terminal"
        seen = Terminal(shell, *command[1:])
        try:
            seen.shows(block.options["terminal"])
            seen.press("q")
            assert seen.ended() == 0, f"{block.where}\n{seen.text}"
        finally:
            seen.close()

    def _start(self, block: Block, text: str) -> None:
        """Starts what goes on, and waits until it says that it has started."""
        environment = self.environment()
        if "hiveboard serve" in text:
            # The page's own server holds its data directory and its address.
            address = f"127.0.0.1:{free_port()}"
            text = text.replace(self.server.address, address)
            environment |= {"HIVEBOARD_ADDR": address, "HIVEBOARD_DATA_DIR": str(self.folder / f"data-{block.line}")}
        printed = self.folder / f"printed-{block.line}.txt"
        with printed.open("wb") as log:
            self._staying.append(
                subprocess.Popen(
                    # Without the shell in between, what is told to end ends.
                    ["bash", "-euc", f"exec {text.strip()}"],
                    cwd=self.folder,
                    env=environment,
                    stdout=log,
                    stderr=log,
                    stdin=subprocess.DEVNULL,
                )
            )
        process, wanted = self._staying[-1], block.options["stays"]
        eventually(lambda: wanted in printed.read_text(errors="replace") or process.poll() is not None)
        said = printed.read_text(errors="replace")
        assert wanted in said, f"{block.where} did not say {wanted!r}:\n{said}"

    def _python(self, block: Block, text: str) -> None:
        if "signature" in block.options:
            check_syntax(block, text)
            return
        if self._worker is None:
            self._worker = self._start_worker("frameworks" in block.options)
            if self.page in GIVEN:
                self._ask(self._worker, self.as_typed(GIVEN[self.page]), f"given for {self.page}")
        self._ask(self._worker, text, block.where)

    def _start_worker(self, with_frameworks: bool) -> subprocess.Popen[str]:
        interpreter = os.environ.get("FRAMEWORKS_PYTHON", sys.executable) if with_frameworks else sys.executable
        return subprocess.Popen(
            [interpreter, str(WORKER)],
            cwd=self.folder,
            env=self.environment() | {"OPENAI_API_KEY": "sk-none", "ANTHROPIC_API_KEY": "sk-none"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def _ask(self, worker: subprocess.Popen[str], code: str, where: str) -> None:
        told, answers = worker.stdin, worker.stdout
        assert told is not None
        assert answers is not None
        told.write(json.dumps({"code": code, "where": where}) + "\n")
        told.flush()
        answer = answers.readline()
        assert answer, f"{where} ended the interpreter"
        fault = json.loads(answer)
        assert fault is None, f"{where}\n{fault}"

    def _http(self, block: Block, text: str) -> None:
        """Sends the request as it stands; it must be taken."""
        head, _, body = text.partition("\n\n")
        first, *lines = head.splitlines()
        method, path = first.split()
        headers = dict(line.split(": ", 1) for line in lines)
        answer = httpx.request(method, self.server.url + path, headers=headers, content=body.encode(), timeout=30)
        assert answer.status_code == 200, f"{block.where}: {answer.status_code} {answer.text}"


class Readers:
    """One reader at a time, who leaves when another page is opened."""

    def __init__(self, make_folder: Callable[[str], Path]) -> None:
        self._make_folder = make_folder
        self._reading: Reader | None = None

    def of(self, page: str) -> Reader:
        """Who reads this page, from where they are."""
        if self._reading is None or self._reading.page != page:
            self.end()
            self._reading = Reader(self._make_folder(Path(page).stem), page)
        return self._reading

    def end(self) -> None:
        """The page is closed."""
        if self._reading is not None:
            reading, self._reading = self._reading, None
            reading.end()


def eventually(fits: Callable[[], bool]) -> None:
    """Waits until it fits, or for a minute."""
    deadline = time.monotonic() + STARTS_SECONDS
    while not fits() and time.monotonic() < deadline:
        time.sleep(0.05)


def check_syntax(block: Block, text: str) -> None:
    """Whether a block that is not run is at least one of its language."""
    if block.language == "python":
        if "signature" in block.options:
            head, _, returns = text.strip().partition(" -> ")
            text = f"def {head.rsplit('.', 1)[-1] if '.' in head.split('(')[0] else head}"
            text += f" -> {returns}: ..." if returns else ": ..."
        compile(text, block.where, "exec", dont_inherit=True)
    elif block.language == "sh":
        done = subprocess.run(["bash", "-n", "-c", text], capture_output=True, text=True)
        assert done.returncode == 0, f"{block.where}: {done.stderr}"
    elif block.language == "json":
        json.loads(text)
    elif block.language == "toml":
        tomllib.loads(text)
    elif block.language == "yaml":
        check_manifests(block, text)
    else:
        assert block.language in {"text", "ini", "ts", "dockerfile"}, f"{block.where}: nothing runs {block.language!r}"


def check_manifests(block: Block, text: str) -> None:
    """YAML as it is read; what goes to Kubernetes says what it is, and names what it mounts and selects."""
    for document in yaml.safe_load_all(text):
        assert isinstance(document, dict), f"{block.where}: not a mapping"
        if "kind" not in document:
            continue
        assert {"apiVersion", "metadata"} <= set(document), f"{block.where}: {sorted(document)}"
        assert re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", document["metadata"]["name"]), document["metadata"]
        spec = document.get("spec", {})
        template = spec.get("template")
        if template:
            labels = template["metadata"]["labels"]
            assert spec["selector"]["matchLabels"].items() <= labels.items(), (
                f"{block.where}: selects no pod of its own"
            )
            pod = template["spec"]
            volumes = {volume["name"] for volume in pod.get("volumes", [])}
            volumes |= {claim["metadata"]["name"] for claim in spec.get("volumeClaimTemplates", [])}
            for container in pod["containers"]:
                mounted = {mount["name"] for mount in container.get("volumeMounts", [])}
                assert mounted <= volumes, f"{block.where}: mounts {mounted - volumes}, which there is not"
