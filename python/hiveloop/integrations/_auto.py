"""`hiveloop.auto`: every integration whose framework is installed."""

from __future__ import annotations

import importlib

from hiveloop import _client
from hiveloop._log import logger
from hiveloop.integrations._imports import when_imported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hiveloop._agent import Agent
    from hiveloop._client import HiveBoard

# The integration, what is installed, and what is imported.
KNOWN = {
    "openai": ("openai", "openai"),
    "anthropic": ("anthropic", "anthropic"),
    "google_genai": ("google-genai", "google.genai"),
    "google_adk": ("google-adk", "google.adk.runners"),
    "llama_index": ("llama-index-core", "llama_index.core"),
    "litellm": ("litellm", "litellm"),
    "langchain": ("langchain-core", "langchain_core"),
    "crewai": ("crewai", "crewai"),
    "autogen": ("autogen-agentchat", "autogen_agentchat"),
    "pydantic_ai": ("pydantic-ai-slim", "pydantic_ai"),
    "claude_agent_sdk": ("claude-agent-sdk", "claude_agent_sdk"),
    "openai_agents": ("openai-agents", "agents"),
}


class Switched(dict[str, str]):
    """What was done about each integration; shown, it is one line for each that is installed."""

    def __str__(self) -> str:
        told = [f"{name}: {what}" for name, what in self.items() if what != "not installed"]
        return "\n".join(told) or "no framework is installed that HiveLoop has an integration for"


def auto(hb: HiveBoard | None = None, project: str | None = None, agent: Agent | str | None = None) -> Switched:
    """Switch on the integration of every framework and client that is installed.

    What has been imported is switched on at once, everything else as soon as it is imported; this imports nothing.

    Args:
        hb: The connection; by default the one that `hiveloop.init` has made, or makes now from the environment.
        project: The project of the tasks.
        agent: The agent of everything, or its name; by default each framework's own, else the program's.

    Returns:
        What was done, by integration; ``print`` shows it. Later ones appear in it when they are switched on.

    >>> hb = hiveloop.init(api_key="hb_test_0123456789abcdef0123456789abcdef")
    >>> switched = hiveloop.auto(hb)
    """
    connection = hb or _client._instance or _client.init()
    told = Switched()
    for name, (distribution, package) in KNOWN.items():
        version = _version_of(distribution)
        if version is None:
            told[name] = "not installed"
            continue
        told[name] = f"on when {package} is imported ({distribution} {version})"
        when_imported(package, _switching(name, f"{distribution} {version}", told, connection, project, agent))
    logger().info("integrations: %s", str(told).replace("\n", "; "))
    return told


def _version_of(distribution: str) -> str | None:
    from importlib import metadata

    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _switching(name: str, version: str, told: Switched, hb: HiveBoard, project: Any, agent: Any) -> Any:
    def switch() -> None:
        try:
            importlib.import_module(f"hiveloop.integrations.{name}").install(hb, project, agent)
            told[name] = f"on ({version})"
        except Exception as error:
            told[name] = f"off: {error}"
        logger().info("integration %s: %s", name, told[name])

    return switch


def off() -> None:
    """Switch off every integration that is on."""
    import sys

    from hiveloop.integrations import _imports

    _imports._waiting.clear()
    for name in KNOWN:
        module = sys.modules.get(f"hiveloop.integrations.{name}")
        if module is not None:
            module.uninstall()
