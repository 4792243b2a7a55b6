"""Integrations beside each other, and what goes wrong inside of them."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from typing import Any
from uuid import uuid4

import pytest

import hiveloop
from hiveloop.integrations import _faults, faults
from hiveloop.integrations._watch import Watch
from hiveloop.integrations.langchain import LangChainCallback


def test_importing_the_package_imports_no_framework() -> None:
    code = (
        "import sys, hiveloop, hiveloop.integrations, hiveloop.integrations.openai, hiveloop.integrations.anthropic\n"
        "print([name for name in ('openai', 'anthropic', 'langchain_core', 'pydantic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("name", "package"), [("openai", "openai"), ("anthropic", "anthropic"), ("langchain", "langchain_core")]
)
def test_a_framework_that_is_missing_is_named(name: str, package: str) -> None:
    code = (
        "import sys, hiveloop\n"
        f"sys.modules[{package!r}] = None\n"
        "hiveloop.init(api_key='hb_test_0123456789abcdef0123456789abcdef', endpoint='http://127.0.0.1:9')\n"
        "try:\n"
        f"    from hiveloop.integrations import {name}\n"
        f"    {name}.install()\n"
        "except hiveloop.HiveLoopIntegrationError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=30)
    assert f"pip install '{name}" in done.stdout, done.stderr


def test_a_client_that_sends_another_way_is_refused(hb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import openai

    from hiveloop.integrations import openai as integration

    owner = next(base for base in openai.OpenAI.__mro__ if "request" in vars(base))
    monkeypatch.setattr(owner, "request", lambda self, something: None)
    with pytest.raises(hiveloop.HiveLoopIntegrationError, match="another way"):
        integration.install(hb)


def test_a_fault_inside_is_counted_and_silent(hb: Any, seen: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    callback = LangChainCallback(hb)
    monkeypatch.setattr(_faults, "_counts", {})
    monkeypatch.setattr(callback.watch, "begin", lambda *_, **__: 1 / 0)
    callback.on_chain_start({}, {}, run_id=uuid4(), name="job")
    assert faults() == {"langchain.on_chain_start": 1}
    monkeypatch.undo()


def test_a_parent_that_ends_takes_its_children_along(hb: Any, seen: Any) -> None:
    callback = LangChainCallback(hb)
    root, tool = uuid4(), uuid4()
    callback.on_chain_start({}, {}, run_id=root, name="job")
    callback.on_tool_start({}, "x", run_id=tool, parent_run_id=root, name="search")
    callback.on_chain_end({}, run_id=root)
    callback.on_tool_end("late", run_id=tool)
    assert seen.actions() == {"search": ["cancelled"]}
    assert seen.one_task() == ("job", ["completed"])


def test_after_the_client_is_shut_down_nothing_happens(hb: Any, seen: Any) -> None:
    callback = LangChainCallback(hb)
    hiveloop.shutdown()
    root = uuid4()
    callback.on_chain_start({}, {}, run_id=root, name="job")
    callback.on_chain_end({}, run_id=root)


def test_auto_switches_on_what_is_installed_when_it_is_imported() -> None:
    code = """
        import sys, hiveloop
        hiveloop.init(api_key="hb_test_0123456789abcdef0123456789abcdef", endpoint="http://127.0.0.1:9")
        import anthropic
        told = hiveloop.auto(project="p")
        assert "openai" not in sys.modules and "langchain_core" not in sys.modules
        assert told["anthropic"].startswith("on (anthropic "), told
        assert told["openai"].startswith("on when openai is imported"), told
        assert told["crewai"] == "not installed", told
        import openai, agents, pydantic_ai, langchain.agents
        assert openai.__spec__.loader.__class__.__name__ == "SourceFileLoader"
        for name in ("openai", "openai_agents", "pydantic_ai", "langchain"):
            assert told[name].startswith("on ("), (name, told)
        assert hasattr(openai.OpenAI.request, "__wrapped__")
        assert "openai: on (openai " in str(told) and "crewai" not in str(told)
        hiveloop.integrations.off()
        assert not hasattr(openai.OpenAI.request, "__wrapped__")
        print("all is well")
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout.strip() == "all is well", done.stderr


def test_auto_says_what_it_could_not_do(hb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import openai

    owner = next(base for base in openai.OpenAI.__mro__ if "request" in vars(base))
    monkeypatch.setattr(owner, "request", lambda self, something: None)
    told = hiveloop.auto(hb)
    hiveloop.integrations.off()
    assert told["openai"].startswith("off: this version of openai sends its requests another way")


def test_equal_ids_of_different_tasks_are_different_calls(hb: Any, seen: Any) -> None:
    """Servers on one's own machine count from 1, each of them."""
    agent = hb.agent("own", heartbeat_interval=0)
    for source in ("one", "other"):
        with agent.task(f"t-{source}"):
            Watch(source, hb).call("chat", source).end(response_id="chatcmpl-1")
    assert [call["model"] for call in seen.calls()] == ["one", "other"]


def test_equal_ids_of_one_task_are_one_call(hb: Any, seen: Any) -> None:
    with hb.agent("own", heartbeat_interval=0).task("t-1"):
        for source in ("one", "other"):
            Watch(source, hb).call("chat", source).end(response_id="chatcmpl-1")
    assert [call["model"] for call in seen.calls()] == ["one"]
