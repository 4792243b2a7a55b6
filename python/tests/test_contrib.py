"""Log records as issues."""

from __future__ import annotations

import logging

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
    assert (data["action"], data["category"]) == ("reported", "crm")
    assert data["context"]["exception_type"] == "TimeoutError"
    assert data["context"]["line"] > 0


def test_the_clients_own_lines_are_left_alone(server: Server, agent: hiveloop.Agent) -> None:
    handler = HiveBoardLogHandler(agent)
    logging.getLogger("hiveloop").addHandler(handler)
    try:
        hiveloop.init()  # warns that it was called again
    finally:
        logging.getLogger("hiveloop").removeHandler(handler)
    hiveloop.flush()
    assert server.events() == []
