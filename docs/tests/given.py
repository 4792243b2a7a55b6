"""What pages take for granted: names that stand in a reader's program already, and what people did between two blocks."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING

import hiveloop
import httpx

from blocks import ROOT
from harness import hive

if TYPE_CHECKING:
    from reader import Reader

_AGENT = """
import hiveloop
hb = hiveloop.init(api_key="hb_live_…", endpoint="http://localhost:8000")
agent = hb.agent("my-agent", type="general")
"""

# By page: what the reader's program holds before the first block.
GIVEN = {
    "python/README.md": "def resize(event): return event\n",
    "docs/client-reference.md": "import hiveloop\nfrom hiveloop.contrib.log_handler import HiveBoardLogHandler\n",
    "docs/integrations/README.md": _AGENT,
    "docs/integrations/langchain.md": _AGENT
    + """
from langchain.agents import create_agent
from langchain_core.language_models.fake_chat_models import FakeListChatModel
agent = create_agent(FakeListChatModel(responses=["Sunny."]), tools=[])
""",
    "docs/integrations/openai.md": _AGENT,
    "docs/integrations/anthropic.md": _AGENT,
    "docs/integrations/openai_agents.md": _AGENT,
    "docs/integrations/pydantic_ai.md": _AGENT + "from pydantic_ai import Agent\n",
}


def _certificate(reader: Reader) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", "30", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    command += ["-keyout", str(reader.folder / "tls.key"), "-out", str(reader.folder / "tls.crt")]
    subprocess.run(command, check=True, capture_output=True)


def _follow_the_link(reader: Reader, address: str, role: str, name: str) -> None:
    link = reader.server.command("members", "invite", address, "--role", role).split()[-1]
    token = link.partition("token=")[2] or link.rpartition("/")[2]
    origin = {"Origin": reader.server.url}
    answer = httpx.post(
        f"{reader.server.url}/v1/invitations/accept",
        json={"token": token, "name": name, "password": "correct horse battery staple"},
        headers=origin,
    )
    assert answer.status_code == 200, answer.text


def _bo_and_ada(reader: Reader) -> None:
    _follow_the_link(reader, "ada@example.org", "owner", "Ada")
    _follow_the_link(reader, "bo@example.org", "viewer", "Bo")


def _table(reader: Reader) -> None:
    shutil.copy(ROOT / "crates" / "prices" / "table.csv", reader.folder / "table.csv")


def _fleet(reader: Reader) -> None:
    """Agents that work, wait, failed and died; they report until the page is closed."""
    hive.report(reader.server.board())
    reader.at_end(hiveloop.reset)


HAPPENED: dict[str, Callable[[Reader], None]] = {
    "there is a certificate": _certificate,
    "there is a newer table": _table,
    "there is a fleet": _fleet,
    "ada and bo have followed their links": _bo_and_ada,
}
