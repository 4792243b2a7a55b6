"""Log records as issues."""

from __future__ import annotations

import json
import logging
import uuid
from typing import Any

import pytest
from conftest import Server

import hiveloop
from hiveloop.contrib.log_handler import HiveBoardLogHandler


@pytest.fixture
def logger(agent: hiveloop.Agent) -> logging.Logger:
    logger = logging.Logger("crm")
    logger.addHandler(HiveBoardLogHandler(agent))
    return logger


def test_records_become_issues(server: Server, logger: logging.Logger) -> None:
    logger.info("all well")
    logger.warning("slow: %d ms", 900)
    try:
        raise TimeoutError("CRM")
    except TimeoutError:
        logger.exception("timed out")
    logger.critical("down")
    hiveloop.flush()
    payloads = [event["payload"] for event in server.events()]
    assert [(payload["summary"], payload["data"]["severity"]) for payload in payloads] == [
        ("slow: 900 ms", "medium"),
        ("timed out", "high"),
        ("down", "critical"),
    ]
    data = payloads[1]["data"]
    assert (data["action"], data["category"]) == ("reported", "log")
    assert data["context"]["exception_type"] == "TimeoutError"
    assert data["context"]["lineno"] > 0
    assert {"logger": "crm", "filename": "test_contrib.py"}.items() <= data["context"].items()
    assert data["context"]["funcName"] == "test_records_become_issues"
    assert data["issue_id"].startswith("log-crm-ERROR-")


def test_one_template_is_one_issue_however_it_is_filled_in(server: Server, logger: logging.Logger) -> None:
    for number in range(100):
        logger.error("order %s failed after %d ms", uuid.uuid4(), number)
        logger.error(f"order {uuid.uuid4()} failed after {number} ms")
    logger.error("another")
    hiveloop.flush()
    ids = [event["payload"]["data"]["issue_id"] for event in server.events()]
    assert sorted(ids.count(each) for each in set(ids)) == [1, 100, 100]


def test_lines_filled_in_before_with_words_are_not_an_issue_each(server: Server, logger: logging.Logger) -> None:
    for number in range(200):
        name = "".join(chr(97 + int(figure)) for figure in str(number))
        logger.error(f"no mail to {name}@example.org, {name!r} is unknown")
        logger.error(f"no seat for {name}")
    hiveloop.flush()
    ids = [event["payload"]["data"]["issue_id"] for event in server.events()]
    assert len(set(ids[::2])) == 1, "addresses and what stands in quotes tell occasions apart"
    assert len(set(ids[1::2])) == 51, "in doubt a place tells fifty things, and then one"


@pytest.mark.parametrize(
    "render",
    [
        lambda event, **fields: {**fields, "event": event},
        lambda event, **fields: json.dumps({**fields, "event": event}),
        lambda event, **fields: f"event={event!r} " + " ".join(f"{name}={value!r}" for name, value in fields.items()),
    ],
    ids=["fields", "json", "name=value"],
)
def test_lines_of_named_fields_are_an_issue_by_what_they_tell_of(
    server: Server, logger: logging.Logger, render: Any
) -> None:
    # As structlog writes them: all from one place of its own.
    for number, who in enumerate(["ada", "bob", "cy"]):
        for event in ("order failed", "database gone"):
            logger.error(render(event, order=number, who=who))
    hiveloop.flush()
    issues = {event["payload"]["data"]["issue_id"] for event in server.events("custom")}
    assert len(issues) == 2


def test_a_log_handler_is_made_whatever_it_is_given(hb: hiveloop.HiveBoard, log: Any) -> None:
    log.may_swallow = True
    record = logging.makeLogRecord({"msg": "x", "levelno": 40, "levelname": "ERROR"})
    agent = hb.agent("a", heartbeat_interval=0)
    for level in ("loud", None, object()):
        assert HiveBoardLogHandler(agent, level, "log", "more", wait=True).level == logging.WARNING  # type: ignore[arg-type]
    for wrong in (None, "a", object()):
        HiveBoardLogHandler(wrong).handle(record)  # type: ignore[arg-type]
    assert log.having("'loud' is no level of logging: WARNING instead")
    assert log.having("needs an agent, not NoneType: nothing is reported")


def test_a_formatter_is_used_and_long_lines_are_cut(server: Server, logger: logging.Logger) -> None:
    logger.handlers[0].setFormatter(logging.Formatter("%(levelname)s! %(message)s"))
    logger.error("x" * 1000)
    logger.error("no route to https://u:s3cret@h/")
    hiveloop.flush()
    long, masked = (event["payload"]["summary"] for event in server.events())
    assert long == "ERROR! " + "x" * 505
    assert masked == "ERROR! no route to https://u:***@h/"


def test_the_clients_own_lines_are_left_alone(server: Server, agent: hiveloop.Agent) -> None:
    handler = HiveBoardLogHandler(agent)
    logging.getLogger("hiveloop").addHandler(handler)
    try:
        hiveloop.init()  # warns that it was called again
    finally:
        logging.getLogger("hiveloop").removeHandler(handler)
    hiveloop.flush()
    assert server.events() == []


def test_lines_that_cannot_be_filled_in_or_shown_are_issues_all_the_same(
    server: Server, agent: hiveloop.Agent, capsys: pytest.CaptureFixture[str]
) -> None:
    class Unshowable:
        def __str__(self) -> str:
            raise RuntimeError("not shown")

    handler = HiveBoardLogHandler(agent)
    log = logging.Logger("crm")
    log.addHandler(handler)
    log.error("%d orders failed", "many")
    log.error("file %s", "caf\udce9")
    log.error(Unshowable())
    handler.handle(logging.makeLogRecord({"msg": "made elsewhere", "levelno": logging.ERROR}))
    handler.setFormatter(logging.Formatter("%(absent)s"))
    log.error("kept")
    hiveloop.flush()
    summaries = [event["payload"]["summary"] for event in server.events("custom")]
    assert summaries == ["%d orders failed", "file caf\ufffd", "<Unshowable>", "made elsewhere", "kept"]
    assert capsys.readouterr().err == ""
