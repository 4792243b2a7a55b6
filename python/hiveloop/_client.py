"""`hiveloop.init` and what it returns."""

from __future__ import annotations

import os
import sys
import threading
import time
import weakref

from hiveloop import _callbacks, _greenlets, _native, _processes, _settings
from hiveloop._agent import Agent
from hiveloop._log import logger, say_ignored, tell, warn
from hiveloop._version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

RESET_TIMEOUT_SECONDS = 10.0
# Settings that say nothing of what is wanted.
_USUAL: dict[str, Any] = {
    "flush_interval": 5.0,
    "batch_size": 100,
    "max_queue_size": 10_000,
    "capture_previews": True,
    "scrub_urls": True,
}
_USUAL_SECONDS = {"heartbeat_interval": 30, "stuck_threshold": 300}

_lock = threading.RLock()
_instance: HiveBoard | None = None
# Set by the package's own tests: (first wait, longest wait, wait after a refusal), in seconds.
_retry_seconds: tuple[float, float, float] | None = None


class HiveBoard:
    """A connection to HiveBoard, made by `hiveloop.init`."""

    def __init__(
        self,
        api_key: str | None = None,
        endpoint: str | None = None,
        environment: str | None = None,
        group: str | None = None,
        flush_interval: float = 5.0,
        batch_size: int = 100,
        max_queue_size: int = 10_000,
        debug: bool | None = None,
        *,
        before_send: Callable[[dict[str, Any]], dict[str, Any] | None] | None = None,
        capture_previews: bool = True,
        ca_file: str | os.PathLike[str] | None = None,
        compression: str | None = None,
        scrub_urls: bool = True,
        _disabled: bool = False,
        **unknown: Any,
    ) -> None:
        notes: list[str] = []
        self._native = _native.Client(
            api_key=_settings.text("api_key", api_key, "HIVELOOP_API_KEY", ""),
            endpoint=_settings.text("endpoint", endpoint, "HIVELOOP_ENDPOINT", "https://api.hiveboard.io"),
            environment=_settings.text("environment", environment, "HIVELOOP_ENVIRONMENT", "production"),
            group=_settings.text("group", group, "HIVELOOP_GROUP", "default"),
            flush_interval=_settings.number("flush_interval", flush_interval, 5.0, notes),
            batch_size=int(_settings.number("batch_size", batch_size, 100, notes)),
            max_queue_size=int(_settings.number("max_queue_size", max_queue_size, 10_000, notes)),
            debug=_settings.flag("HIVELOOP_DEBUG") if debug is None else _settings.is_on("debug", debug, False, notes),
            capture_previews=_settings.is_on("capture_previews", capture_previews, True, notes),
            gzip=_settings.gzip(compression, notes),
            ca_file=_settings.path("ca_file", ca_file),
            disabled=_disabled or _settings.flag("HIVELOOP_DISABLED"),
            runtime="python-{}.{}.{}".format(*sys.version_info[:3]),
            sdk_version=f"hiveloop-{__version__}",
            before_send=_settings.hook(before_send, notes),
            retry=_retry_seconds,
            scrub_urls=_settings.is_on("scrub_urls", scrub_urls, True, notes),
        )
        if unknown:
            notes.append(f"init() does not know {', '.join(unknown)}: ignored")
        if self._native.has_read_key:
            notes.append("this key may only read: the server will refuse events; use hb_live_… or hb_test_…")
        for note in notes:
            self._native.say(30, note)
        self._agents: weakref.WeakValueDictionary[str, Agent] = weakref.WeakValueDictionary()
        self._lock = threading.RLock()
        self._callback_threads = 0
        # When somebody has last pressed Ctrl-C while something was sent.
        self._interrupted_at: float | None = None
        # What `init` was given, to compare with when it is called again.
        self._asked: dict[str, Any] = {}
        _processes.watch(self)
        logger()
        self._native.pass_on_lines()

    def __copy__(self) -> HiveBoard:
        return self

    def __deepcopy__(self, memo: object) -> HiveBoard:
        return self

    def __reduce__(self) -> tuple[object, tuple[()]]:
        from hiveloop import _restore

        return _restore.client, ()

    def agent(
        self,
        agent_id: str = "agent",
        type: str = "general",
        version: str | None = None,
        framework: str = "custom",
        heartbeat_interval: float = 30,
        stuck_threshold: float = 300,
        heartbeat_payload: Callable[[], dict[str, Any] | None] | None = None,
        queue_provider: Callable[[], dict[str, Any] | None] | None = None,
        *more: Any,
        **unknown: Any,
    ) -> Agent:
        """Register an agent, which then shows on the board and sends heartbeats.

        The same id gives the same agent again, as it was registered first; newer callbacks take the place of the old.

        In doubt an agent's heartbeat goes on for as long as the program runs. It ends by `Agent.close` and
        `HiveBoard.remove_agent`, which say goodbye, and at the end of the program. It also ends when the program lets
        go (``del agents["x"]``) of an agent that had worked and then had nothing open for longer than its interval;
        nothing is said then, and the server notices after `stuck_threshold`. One that never worked, or that is
        fetched by its id again and again, beats on.

        Args:
            agent_id: The agent's name, at most 256 characters.
            type: Classification, shown on the agent's card.
            version: The agent's version.
            framework: What it is made with, as in ``langchain``.
            heartbeat_interval: Seconds between heartbeats; 0 for none. A number, its text or a `timedelta`; what is
                none of them is the usual time.
            stuck_threshold: The same, of silence after which the server calls the agent stuck.
            heartbeat_payload: Gives what each heartbeat carries. May block: then the heartbeat goes without.
            queue_provider: Gives the state of the work queue, sent with each heartbeat.
            *more: Logged and ignored.
            **unknown: Logged and ignored.

        Returns:
            The agent.

        >>> hb = hiveloop.init(api_key="hb_test_0123456789abcdef0123456789abcdef")
        >>> hb.agent("etl", type="etl") is hb.agent("etl")
        True
        """
        agent_id = "" if agent_id is None else _settings.shown(agent_id)
        if not agent_id:
            agent_id = "agent"
            self._native.say(30, 'an agent needs a name: "agent" instead of none')
        say_ignored("agent", more, unknown)
        notes: list[str] = []
        heartbeat_interval = _settings.period("heartbeat_interval", heartbeat_interval, 30, notes)
        stuck_threshold = _settings.period("stuck_threshold", stuck_threshold, 300, notes)
        for note in notes:
            self._native.say(30, f"agent {agent_id!r}: {note}")
        heartbeat_payload = _callable("heartbeat_payload", heartbeat_payload)
        queue_provider = _callable("queue_provider", queue_provider)
        with self._lock:
            agent = self.get_agent(agent_id)
            if agent is None:
                agent = Agent(
                    self._native,
                    agent_id,
                    type,
                    version,
                    framework,
                    heartbeat_interval,
                    stuck_threshold,
                    heartbeat_payload,
                    queue_provider,
                )
                self._agents[agent_id] = agent
            else:
                agent.mark_fetched()
                if heartbeat_payload is not None or queue_provider is not None:
                    agent.replace_callbacks(heartbeat_payload, queue_provider)
                given = {"type": type, "version": version, "framework": framework}
                times = {"heartbeat_interval": heartbeat_interval, "stuck_threshold": stuck_threshold}
                self._say_differences(agent, {**given, **times})
            if heartbeat_payload is not None or queue_provider is not None:
                self._start_callback_thread()
        agent.register()
        return agent

    def _say_differences(self, agent: Agent, given: dict[str, Any]) -> None:
        """Say what an agent keeps from its first registration, where something else was asked for by name."""
        usual = {"type": "general", "version": None, "framework": "custom", **_USUAL_SECONDS}
        kept = []
        for name, value in given.items():
            before = getattr(agent, "agent_type" if name == "type" else name)
            is_plain = value is None or type(value) is int or type(value) is float
            told: Any = value if is_plain else _settings.shown(value)
            if told not in (None, usual[name], before):
                kept.append(f"{name} {before!r} (not {told!r})")
        if kept:
            warn(
                f"agent {agent.agent_id!r} is registered already and keeps its {', '.join(kept)}; "
                f"call hb.remove_agent({agent.agent_id!r}) before to change it"
            )

    def get_agent(self, agent_id: str = "agent", *more: Any, **unknown: Any) -> Agent | None:
        """Give the agent of this id, if the program has it or its heartbeat goes on.

        Args:
            agent_id: The agent's name.
            *more: Logged and ignored.
            **unknown: Logged and ignored.

        Returns:
            The agent, or None.
        """
        say_ignored("get_agent", more, unknown)
        agent_id = _settings.shown(agent_id)
        with self._lock:
            agent = self._agents.get(agent_id)
            if agent is not None:
                return None if agent.closed else agent
            if not self._native.lives_on(agent_id[:256]):
                return None
            agent = self._agents[agent_id] = Agent(self._native, agent_id)
            return agent

    def remove_agent(self, agent_id: str = "agent", *more: Any, **unknown: Any) -> bool:
        """End an agent: say goodbye for it and stop its heartbeats, as `Agent.close` does.

        Args:
            agent_id: The agent's name.
            *more: Logged and ignored.
            **unknown: Logged and ignored.

        Returns:
            Whether there was such an agent.

        >>> hb = hiveloop.init(api_key="hb_test_0123456789abcdef0123456789abcdef")
        >>> agent = hb.agent("worker-7")
        >>> hb.remove_agent("worker-7"), hb.get_agent("worker-7")
        (True, None)
        """
        say_ignored("remove_agent", more, unknown)
        with self._lock:
            agent = self.get_agent(agent_id)
            if agent is None:
                return False
            agent.close()
            self._agents.pop(agent.agent_id, None)
            return True

    def flush(self, timeout: float = 10, *more: Any, **unknown: Any) -> bool:
        """Send what is queued now; see `hiveloop.flush`.

        Args:
            timeout: Seconds to wait at most.
            *more: Logged and ignored.
            **unknown: Logged and ignored.

        Returns:
            Whether everything was accepted, rejected or dropped in time.
        """
        say_ignored("flush", more, unknown)
        return self._wait(self._native.begin_flush(), _settings.seconds(timeout, 10.0))

    def shutdown(self, timeout: float = 10, *more: Any, **unknown: Any) -> bool:
        """Send what is queued and end the connection; see `hiveloop.shutdown`.

        Args:
            timeout: Seconds to wait at most.
            *more: Logged and ignored.
            **unknown: Logged and ignored.

        Returns:
            Whether everything was accepted, rejected or dropped in time.
        """
        say_ignored("shutdown", more, unknown)
        return self._shutdown(_settings.seconds(timeout, 10.0))

    def _wait(self, flush: int, timeout: float) -> bool:
        """Wait for a flush. Ctrl-C ends it at once, and the flush at the end of the program with it."""
        try:
            sleep = _greenlets.cooperative_sleep()
            if sleep is None or not _greenlets.may_wait():
                return bool(self._native.wait_for(flush, timeout))
            end = time.monotonic() + timeout
            while True:
                done = self._native.wait_for(flush, 0.0)
                if done is not None or time.monotonic() >= end:
                    return bool(done)
                sleep(min(0.02, max(0.0, end - time.monotonic())))
        except KeyboardInterrupt:
            self._interrupted_at = time.monotonic()
            raise

    def stats(self, *more: Any, **unknown: Any) -> dict[str, int]:
        """Count what was done so far; see `hiveloop.stats`.

        Args:
            *more: Logged and ignored.
            **unknown: Logged and ignored.

        Returns:
            Counts of events in this process.
        """
        say_ignored("stats", more, unknown)
        return self._native.stats()

    def _start_callback_thread(self) -> None:
        if self._callback_threads >= _callbacks.MOST_THREADS or self._native.closed:
            return
        thread = threading.Thread(target=_callbacks.work, args=(self._native,), name="hiveloop-callback", daemon=True)
        try:
            thread.start()
            self._callback_threads += 1
        except RuntimeError as error:  # no thread to be had, or the interpreter ends: heartbeats go without values
            self._native.say(30, f"no thread for heartbeat callbacks: {error}")

    def _shutdown(self, timeout: float) -> bool:
        flush = self._native.begin_shutdown()
        try:
            return self._wait(flush, timeout)
        finally:
            _processes.forget(self)
            self._native.finish_shutdown()

    def _after_fork_in_child(self) -> None:
        self._native.after_fork_child()
        # Whoever held a lock in the parent is not here to give it back.
        global _lock
        _lock = threading.RLock()
        self._lock = threading.RLock()
        self._callback_threads = 0


def _is_same(one: Any, other: Any) -> bool:
    """Tell whether two settings are the same; what is not plain is compared by what it is, not by its own rules."""
    if one is other:
        return True
    is_plain = any(type(one) is kind for kind in (str, int, float, bool))
    return bool(is_plain and type(one) is type(other) and one == other)


def _callable(name: str, given: Any) -> Any:
    """Give a callback, or None for what cannot be called."""
    if given is None or callable(given):
        return given
    warn(f"{name} cannot be called, and is left out: give a function that returns a dict")
    return None


def init(
    api_key: str | None = None,
    environment: str | None = None,
    group: str | None = None,
    endpoint: str | None = None,
    flush_interval: float = 5.0,
    batch_size: int = 100,
    max_queue_size: int = 10_000,
    debug: bool | None = None,
    *more: Any,
    before_send: Callable[[dict[str, Any]], dict[str, Any] | None] | None = None,
    capture_previews: bool = True,
    ca_file: str | os.PathLike[str] | None = None,
    compression: str | None = None,
    scrub_urls: bool = True,
    **unknown: Any,
) -> HiveBoard:
    """Connect to HiveBoard, once a program. A second call gives the same connection, and logs a warning.

    Nothing is sent before the first event. ``HIVELOOP_API_KEY``, ``HIVELOOP_ENDPOINT``, ``HIVELOOP_ENVIRONMENT``,
    ``HIVELOOP_GROUP`` and ``HIVELOOP_DEBUG`` stand in for what is not given; with ``HIVELOOP_DISABLED=1`` nothing is
    ever sent. Proxies are taken from ``https_proxy``, ``http_proxy``, ``all_proxy`` and ``no_proxy``, as curl does; in
    capital letters, too, except for ``HTTP_PROXY`` under CGI.

    Args:
        api_key: The key; starts with ``hb_``.
        environment: Operational context, by default ``production``; at most 64 characters.
        group: Organisational label, by default ``default``; at most 128 characters.
        endpoint: The server's address, by default ``https://api.hiveboard.io``.
        flush_interval: Seconds an event waits at most.
        batch_size: Events a request carries at most, 1 to 500.
        max_queue_size: Events that wait in memory at most; beyond, the oldest is dropped and counted.
        debug: Tell on standard error what the client does.
        *more: Logged and ignored.
        before_send: Sees every event before it is queued, on the thread that emits it; gives the event, changed or
            not, or None to withhold it. If it raises, the event is dropped.
        capture_previews: Send the previews of prompts and responses.
        ca_file: A PEM file of certificate authorities to trust besides the system's and those that
            ``REQUESTS_CA_BUNDLE`` and ``CURL_CA_BUNDLE`` name.
        compression: ``"gzip"`` to compress requests.
        scrub_urls: Mask passwords and keys of addresses in the texts of exceptions, which travel as they are otherwise.
        **unknown: Logged and ignored.

    Returns:
        The connection.

    Raises:
        HiveLoopConfigError: A setting cannot work: no key or one of another form, an endpoint that is no server's
            address, a `ca_file` that cannot be read. Other settings that are out of range are brought into it, with a
            warning.

    >>> hb = hiveloop.init(api_key="hb_test_0123456789abcdef0123456789abcdef", endpoint="http://localhost:8000")
    >>> hb is hiveloop.init()
    True
    >>> hiveloop.reset()
    >>> hiveloop.init(api_key="sk-123")
    Traceback (most recent call last):
    hiveloop._errors.HiveLoopConfigError: api_key must start with "hb_" (hb_live_…, hb_test_…); make one with ...
    """
    global _instance
    if endpoint is None and _settings.shown(environment).startswith(("http://", "https://")):
        # Given by place, as the users' manual lists the settings.
        endpoint, environment = environment, None
    if more:
        unknown[f"{len(more)} more arguments"] = more
    settings = {
        "api_key": api_key,
        "endpoint": endpoint,
        "environment": environment,
        "group": group,
        "flush_interval": flush_interval,
        "batch_size": batch_size,
        "max_queue_size": max_queue_size,
        "debug": debug,
        "before_send": before_send,
        "capture_previews": capture_previews,
        "ca_file": ca_file,
        "compression": compression,
        "scrub_urls": scrub_urls,
    }
    with _lock:
        if _instance is not None and not _instance._native.closed:
            _say_second_init(_instance, settings)
            return _instance
        _instance = HiveBoard(**settings, **unknown)  # type: ignore[arg-type]
        _instance._asked = settings
        return _instance


def _say_second_init(instance: HiveBoard, settings: dict[str, Any]) -> None:
    """Warn that `init` was called again; where all can see it if something else was asked for."""
    in_force = dict(zip(("endpoint", "environment", "group"), instance._native.settings(), strict=True))
    differing = []
    for name, value in settings.items():
        if value is None or _is_same(value, _USUAL.get(name)):
            continue
        if name in instance._asked and _is_same(value, instance._asked[name]):
            continue
        if name == "api_key":
            is_in_force = instance._native.has_key(_settings.text(name, value, "", "").strip())
        else:
            is_in_force = name in in_force and _settings.shown(value).strip() == in_force[name]
        if not is_in_force:
            differing.append(name)
    line = "init() was called again; it gives the connection made first"
    if differing:
        line += f", with another {', '.join(differing)} than asked for now"
        warn(f"{line}. Call hiveloop.reset() before to change it.")
    else:
        tell(f"{line}. Call reset() before to change it.")


def flush(timeout: float = 10, *more: Any, **unknown: Any) -> bool:
    """Send what is queued now, and wait until the server has it.

    Args:
        timeout: Seconds to wait at most.
        *more: Logged and ignored.
        **unknown: Logged and ignored.

    Returns:
        Whether everything queued at the call was accepted, rejected or dropped in time; True without a connection.

    >>> hiveloop.flush(timeout=0.1)
    True
    """
    say_ignored("flush", more, unknown)
    instance = _instance
    return True if instance is None else instance.flush(timeout)


def stats(*more: Any, **unknown: Any) -> dict[str, int]:
    """Count what was done so far in this process.

    Args:
        *more: Logged and ignored.
        **unknown: Logged and ignored.

    Returns:
        ``queued`` (waiting, those on their way included), ``queued_bytes``, ``sent`` (accepted by the server),
        ``dropped`` (lost here: the queue was full, `before_send` failed, or the time at the end was too short),
        ``rejected`` (refused by the server for what they are), ``retries`` (attempts that were repeated) and
        ``filtered`` (withheld by `before_send`). All zero without a connection.

    >>> hiveloop.stats()["sent"]
    0
    """
    say_ignored("stats", more, unknown)
    instance = _instance
    if instance is None:
        names = ("queued", "queued_bytes", "sent", "dropped", "rejected", "retries", "filtered")
        return dict.fromkeys(names, 0)
    return instance.stats()


def shutdown(timeout: float = 10, *more: Any, **unknown: Any) -> bool:
    """Send what is queued, and stop all threads. Later calls do nothing; `init` starts anew.

    Args:
        timeout: Seconds to wait at most.
        *more: Logged and ignored.
        **unknown: Logged and ignored.

    Returns:
        Whether everything queued was accepted, rejected or dropped in time; True without a connection.

    >>> hiveloop.shutdown(timeout=1)
    True
    """
    say_ignored("shutdown", more, unknown)
    instance = _instance
    return True if instance is None else instance.shutdown(timeout)


def reset(*more: Any, **unknown: Any) -> None:
    """Shut down and forget the connection, so that `init` can make another. For tests; takes 10 s at most.

    Args:
        *more: Logged and ignored.
        **unknown: Logged and ignored.
    """
    say_ignored("reset", more, unknown)
    global _instance
    with _lock:
        instance, _instance = _instance, None
    if instance is not None:
        instance._shutdown(RESET_TIMEOUT_SECONDS)
