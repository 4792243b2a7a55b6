"""`hiveboard connect`: what it prints, writes and takes back, in a home directory of its own."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from harness.server import hiveboard_binary

KEY = "hb_live_" + "a" * 32


def connect(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HIVEBOARD_")}
    return subprocess.run(
        [str(hiveboard_binary()), "connect", *arguments, "--data-dir", str(home / "data")],
        env=environment | {"HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


def done(home: Path, *arguments: str) -> str:
    ran = connect(home, *arguments)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_the_settings_of_claude_code_are_written_and_taken_back(tmp_path: Path) -> None:
    path = tmp_path / ".claude" / "settings.json"
    path.parent.mkdir()
    before = '{\n  "model": "opus",\n  "env": {\n    "OTEL_METRICS_EXPORTER": "console"\n  }\n}\n'
    path.write_text(before)
    shown = done(tmp_path, "claude-code", "--write", "--yes", "--url", "http://127.0.0.1:8123/")
    assert '-    "OTEL_METRICS_EXPORTER": "console"' in shown
    written = json.loads(path.read_text())
    assert written["model"] == "opus"
    environment = written["env"]
    assert environment["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://127.0.0.1:8123"
    assert environment["OTEL_METRICS_EXPORTER"] == "otlp"
    scheme, key = environment["OTEL_EXPORTER_OTLP_HEADERS"].removeprefix("Authorization=").split(" ")
    assert scheme == "Bearer"
    assert key.startswith("hb_live_")
    assert key not in shown, "a key that is made goes into the file, and not over the screen"
    done(tmp_path, "claude-code", "--write", "--yes", "--key", KEY)
    assert KEY in path.read_text(), "written again, the newer key holds"
    done(tmp_path, "claude-code", "--undo")
    assert json.loads(path.read_text()) == json.loads(before)
    again = connect(tmp_path, "claude-code", "--undo")
    assert again.returncode != 0
    assert "nothing to take back" in again.stderr


def test_a_file_that_was_not_there_is_gone_again(tmp_path: Path) -> None:
    done(tmp_path, "codex", "--write", "--yes", "--key", KEY)
    path = tmp_path / ".codex" / "config.toml"
    written = path.read_text()
    assert written.startswith("[otel]\nexporter = {")
    assert 'endpoint = "http://127.0.0.1:8000/v1/logs"' in written
    assert f'headers = {{ authorization = "Bearer {KEY}" }}' in written
    assert path.stat().st_mode & 0o077 == 0, "it holds a key"
    done(tmp_path, "codex", "--undo")
    assert list(path.parent.iterdir()) == []


def test_a_folder_names_its_agent(tmp_path: Path) -> None:
    project = tmp_path / "shop"
    project.mkdir()
    done(tmp_path, "gemini-cli", "--write", "--yes", "--key", KEY, "--project", str(project))
    settings = json.loads((project / ".gemini" / "settings.json").read_text())
    assert settings["telemetry"]["otlpEndpoint"] == "http://127.0.0.1:8000"
    variables = (project / ".gemini" / ".env").read_text()
    assert f"OTEL_EXPORTER_OTLP_HEADERS=Authorization=Bearer {KEY}\n" in variables
    assert "OTEL_RESOURCE_ATTRIBUTES=hiveboard.agent_id=shop\n" in variables


def test_what_was_changed_since_is_left(tmp_path: Path) -> None:
    done(tmp_path, "claude-code", "--write", "--yes", "--key", KEY)
    path = tmp_path / ".claude" / "settings.json"
    settings = json.loads(path.read_text())
    settings["env"]["OTEL_EXPORTER_OTLP_ENDPOINT"] = "https://elsewhere.test"
    path.write_text(json.dumps(settings))
    assert "Left env.OTEL_EXPORTER_OTLP_ENDPOINT as it is" in done(tmp_path, "claude-code", "--undo")
    assert json.loads(path.read_text()) == {"env": {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://elsewhere.test"}}


@pytest.mark.parametrize("tool", ["claude-code", "codex", "gemini-cli", "qwen-code", "copilot", "opencode"])
def test_without_being_told_to_nothing_is_written(tmp_path: Path, tool: str) -> None:
    shown = done(tmp_path, tool, "--key", KEY)
    assert KEY in shown
    assert "http://127.0.0.1:8000" in shown
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_done_is_told(tmp_path: Path) -> None:
    path = tmp_path / ".claude" / "settings.json"
    path.parent.mkdir()
    path.write_text('{"env": ')
    broken = connect(tmp_path, "claude-code", "--write", "--yes")
    assert broken.returncode != 0
    assert "not valid JSON" in broken.stderr
    assert path.read_text() == '{"env": '
    path.unlink()
    unasked = connect(tmp_path, "claude-code", "--write")
    assert unasked.returncode != 0
    assert "--yes" in unasked.stderr
    no_file = connect(tmp_path, "copilot", "--write", "--yes")
    assert no_file.returncode != 0
    assert "your shell's profile" in no_file.stderr
    no_folder = connect(tmp_path, "codex", "--project", str(tmp_path))
    assert no_folder.returncode != 0
    assert "--name" in no_folder.stderr
