"""Log records as issues."""

from __future__ import annotations

import json
import logging
import re
import zlib

from hiveloop._agent import Agent
from hiveloop._log import say_ignored, warn
from hiveloop._native import scrubbed
from hiveloop._outcomes import message_of
from hiveloop._settings import class_name, quoted, shown

_SEVERITIES = ((logging.CRITICAL, "critical"), (logging.ERROR, "high"), (logging.WARNING, "medium"))


_LONGEST_SUMMARY = 512
_LONGEST_ID = 256
# What tells one occasion from another in a line that was filled in before: words with figures, addresses, what stands
# in quotes.
_FIGURES = re.compile(r"""(?<!\w)(?:'[^']*'|"[^"]*")|\S*[0-9@]\S*|[0-9a-fA-F-]{8,}""")
# What lines of named fields call what they tell of, and where it stands in lines of `name=value`.
_EVENT_NAMES = ("event", "message", "msg")
_EVENT_FIELD = re.compile(r"""(?:^|\s)(?:event|msg|message)=('[^']*'|"[^"]*"|\S+)""")
_LONGEST_LINE = 10_000
# Beyond this many lines that look different, a place in the code is one issue.
_MOST_TEMPLATES = 50


def _event_of(message: object) -> str:
    """Give what a line of named fields tells of, as structlog and its like write it; of other lines, the whole."""
    fields: object = message
    if type(message) is str and message[:1] == "{" and len(message) <= _LONGEST_LINE:
        try:
            fields = json.loads(message)
        except ValueError:
            fields = None
    if type(fields) is dict:
        event = next((fields[name] for name in _EVENT_NAMES if type(fields.get(name)) is str), None)
        return shown(message) if event is None else str(event)
    found = _EVENT_FIELD.search(message) if type(message) is str else None
    return shown(message) if found is None else found[1].strip("'\"")


class HiveBoardLogHandler(logging.Handler):
    """Reports what a program logs as issues of an agent.

    Lines of one template, from one place in the code, are one issue, however they are filled in: their ids tell the
    logger, the level and the place, as in ``log-crm-ERROR-1f9a6c03``.

    Args:
        agent: Whose issues they are.
        level: Records below are left alone.
        category: The issues' category.
        *more: Logged and ignored.
        **unknown: Logged and ignored.

    >>> import logging
    >>> agent = hiveloop.init(api_key="hb_test_0123456789abcdef0123456789abcdef").agent("lead-qualifier")
    >>> log = logging.getLogger("crm")
    >>> log.addHandler(HiveBoardLogHandler(agent))
    >>> log.error("CRM API timed out after %d ms", 5000)
    """

    def __init__(
        self,
        agent: Agent,
        level: int | str = logging.WARNING,
        category: str = "log",
        *more: object,
        **unknown: object,
    ) -> None:
        super().__init__()
        say_ignored("HiveBoardLogHandler", more, unknown)
        try:
            self.setLevel(level)
        except (TypeError, ValueError):
            warn(f"HiveBoardLogHandler: {quoted(level)} is no level of logging: WARNING instead")
            self.setLevel(logging.WARNING)
        if not issubclass(type(agent), Agent):
            warn(f"HiveBoardLogHandler: needs an agent, not {class_name(type(agent))}: nothing is reported")
        self._agent = agent
        self._category = category
        self._templates: dict[tuple[str, int], set[str]] = {}

    def __copy__(self) -> HiveBoardLogHandler:
        return self

    def __deepcopy__(self, memo: object) -> HiveBoardLogHandler:
        return self

    def __reduce__(self) -> tuple[object, tuple[Agent, int, str]]:
        return HiveBoardLogHandler, (self._agent, self.level, self._category)

    def emit(self, record: logging.LogRecord) -> None:
        """Report one record.

        Args:
            record: What was logged. The client's own lines are left alone: they would report themselves.
        """
        name = str(record.name)
        if name == "hiveloop" or name.startswith("hiveloop.") or not issubclass(type(self._agent), Agent):
            return
        try:
            context = {
                "logger": record.name,
                "filename": record.filename,
                "lineno": record.lineno,
                "funcName": record.funcName,
            }
            if record.exc_info and record.exc_info[0] is not None:
                context["exception_type"] = record.exc_info[0].__name__
                context["exception_message"] = scrubbed(message_of(record.exc_info[1]))[:_LONGEST_SUMMARY]
            severity = next((name for least, name in _SEVERITIES if record.levelno >= least), "low")
            # Without arguments the line was filled in before: figures and ids tell occasions apart, not templates.
            template = shown(record.msg) if record.args else self._template(record)
            place = f"{template}\n{record.pathname}\n{record.lineno}"
            digest = zlib.crc32(place.encode("utf-8", "replace"))
            self._agent.report_issue(
                summary=scrubbed(self._summary(record))[:_LONGEST_SUMMARY],
                severity=severity,
                issue_id=f"log-{record.name}-{record.levelname}-{digest:08x}"[:_LONGEST_ID],
                category=self._category,
                context=context,
            )
        except Exception:
            self.handleError(record)

    def _template(self, record: logging.LogRecord) -> str:
        template = _FIGURES.sub("#", _event_of(record.msg))
        seen = self._templates.setdefault((record.pathname, record.lineno), set())
        if template not in seen and len(seen) >= _MOST_TEMPLATES:
            return ""
        seen.add(template)
        return template

    def _summary(self, record: logging.LogRecord) -> str:
        """Give the line as the handler's formatter makes it; without one, the message alone, and no traceback.

        A template that its arguments do not fit is given as it is: what went wrong is worth more than how it is said.
        """
        try:
            return record.getMessage() if self.formatter is None else self.format(record)
        except Exception:
            return shown(record.msg)
