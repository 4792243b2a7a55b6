"""Log records as issues."""

from __future__ import annotations

import logging

from hiveloop._agent import Agent

_SEVERITIES = ((logging.CRITICAL, "critical"), (logging.ERROR, "high"), (logging.WARNING, "medium"))


class HiveBoardLogHandler(logging.Handler):
    """Reports what a program logs as issues of an agent.

    Args:
        agent: Whose issues they are.
        level: Records below are left alone.
        category: The issues' category; by default the logger's name.

    >>> import logging
    >>> agent = hiveloop.init(api_key="hb_test_0123456789abcdef0123456789abcdef").agent("lead-qualifier")
    >>> log = logging.getLogger("crm")
    >>> log.addHandler(HiveBoardLogHandler(agent))
    >>> log.error("CRM API timed out")
    """

    def __init__(self, agent: Agent, level: int | str = logging.WARNING, category: str | None = None) -> None:
        super().__init__(level)
        self._agent = agent
        self._category = category

    def emit(self, record: logging.LogRecord) -> None:
        """Report one record; the same message of the same place in the code is the same issue.

        Args:
            record: What was logged. The client's own lines are left alone: they would report themselves.
        """
        if record.name == "hiveloop" or record.name.startswith("hiveloop."):
            return
        try:
            context = {"logger": record.name, "level": record.levelname, "file": record.pathname, "line": record.lineno}
            if record.exc_info and record.exc_info[0] is not None:
                context["exception_type"] = record.exc_info[0].__name__
                context["exception_message"] = str(record.exc_info[1])
            severity = next((name for least, name in _SEVERITIES if record.levelno >= least), "low")
            self._agent.report_issue(
                summary=record.getMessage(),
                severity=severity,
                category=self._category or record.name,
                context=context,
            )
        except Exception:
            self.handleError(record)
