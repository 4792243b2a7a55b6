"""`hiveloop.init` and what it returns."""

from __future__ import annotations

import os
import sys
import threading
import weakref

from hiveloop import _callbacks, _native, _processes
from hiveloop._agent import Agent
from hiveloop._errors import HiveLoopConfigError
from hiveloop._log import logger
from hiveloop._version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

RESET_TIMEOUT_SECONDS = 10.0

_lock = threading.RLock()
_instance: HiveBoard | None = None
# Set by the package's own tests: (first wait, longest wait, wait after a refusal), in seconds.
_retry_seconds: tuple[float, float, float] | None = None


class HiveBoard:
    """A connection to HiveBoard, made by `hiveloop.init`."""

    def __init__(self, **settings: Any) -> None:
        self._native = _native.Client(**settings)
        self._agents: weakref.WeakValueDictionary[str, Agent] = weakref.WeakValueDictionary()
        self._lock = threading.RLock()
        self._callback_threads = 0
        _processes.watch(self)

    def agent(
        self,
        agent_id: str,
        type: str = "general",
        version: str | None = None,
        framework: str = "custom",
        heartbeat_interval: float = 30,
        stuck_threshold: float = 300,
        heartbeat_payload: Callable[[], dict[str, Any] | None] | None = None,
        queue_provider: Callable[[], dict[str, Any] | None] | None = None,
        **unknown: Any,
    ) -> Agent:
        """Register an agent, which then shows on the board and sends heartbeats.

        The same id gives the same agent again, as it was registered first. An agent that the program has kept for more
        than a second and then lets go of (``del agents["x"]``) stops sending heartbeats; the server notices after
        `stuck_threshold`. One that was never kept, or was asked for by its id again, lives as long as the program.

        Args:
            agent_id: The agent's name, at most 256 characters.
            type: Classification, shown on the agent's card.
            version: The agent's version.
            framework: What it is made with, as in ``langchain``.
            heartbeat_interval: Seconds between heartbeats; 0 for none.
            stuck_threshold: Seconds of silence after which the server calls the agent stuck.
            heartbeat_payload: Gives what each heartbeat carries. May block: then the heartbeat goes without.
            queue_provider: Gives the state of the work queue, sent with each heartbeat.
            **unknown: Logged and ignored.

        Returns:
            The agent.

        >>> hb = hiveloop.init(api_key="hb_test_0123456789abcdef0123456789abcdef")
        >>> hb.agent("etl", type="etl") is hb.agent("etl")
        True
        """
        agent_id = str(agent_id)
        if unknown:
            self._native.say(30, f"agent() does not know {', '.join(unknown)}: ignored")
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
                self._start_callback_thread()
        agent.register()
        return agent

    def get_agent(self, agent_id: str) -> Agent | None:
        """Give the agent of this id, if the program has it.

        Args:
            agent_id: The agent's name.

        Returns:
            The agent, or None.
        """
        return self._agents.get(str(agent_id))

    def flush(self, timeout: float = 10) -> bool:
        """Send what is queued now; see `hiveloop.flush`.

        Args:
            timeout: Seconds to wait at most.

        Returns:
            Whether everything was accepted, rejected or dropped in time.
        """
        return self._native.flush(float(timeout))

    def stats(self) -> dict[str, int]:
        """Count what was done so far; see `hiveloop.stats`.

        Returns:
            Counts of events in this process.
        """
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
        flushed = self._native.shutdown(float(timeout))
        _processes.forget(self)
        return flushed

    def _after_fork_in_child(self) -> None:
        self._native.after_fork_child()
        # Whoever held a lock in the parent is not here to give it back.
        global _lock
        _lock = threading.RLock()
        self._lock = threading.RLock()
        self._callback_threads = 0


def init(
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
    **unknown: Any,
) -> HiveBoard:
    """Connect to HiveBoard, once a program. A second call gives the same connection, and logs a warning.

    Nothing is sent before the first event. ``HIVELOOP_API_KEY``, ``HIVELOOP_ENDPOINT``, ``HIVELOOP_ENVIRONMENT``,
    ``HIVELOOP_GROUP`` and ``HIVELOOP_DEBUG`` stand in for what is not given; with ``HIVELOOP_DISABLED=1`` nothing is
    ever sent. Proxies are taken from ``HTTPS_PROXY``, ``HTTP_PROXY``, ``ALL_PROXY`` and ``NO_PROXY``.

    Args:
        api_key: The key; starts with ``hb_``.
        endpoint: The server's address, by default ``https://api.hiveboard.io``.
        environment: Operational context, by default ``production``; at most 64 characters.
        group: Organisational label, by default ``default``; at most 128 characters.
        flush_interval: Seconds an event waits at most.
        batch_size: Events a request carries at most, 1 to 500.
        max_queue_size: Events that wait in memory at most; beyond, the oldest is dropped and counted.
        debug: Tell on standard error what the client does.
        before_send: Sees every event before it is queued, on the thread that emits it; gives the event, changed or
            not, or None to withhold it. If it raises, the event is dropped.
        capture_previews: Send the previews of prompts and responses.
        ca_file: A PEM file of certificate authorities to trust besides the system's.
        compression: ``"gzip"`` to compress requests.
        **unknown: Logged and ignored.

    Returns:
        The connection.

    Raises:
        HiveLoopConfigError: A setting cannot work.

    >>> hb = hiveloop.init(api_key="hb_test_0123456789abcdef0123456789abcdef", endpoint="http://localhost:8000")
    >>> hb is hiveloop.init()
    True
    >>> hiveloop.reset()
    >>> hiveloop.init(api_key="sk-123")
    Traceback (most recent call last):
    hiveloop._errors.HiveLoopConfigError: api_key must start with "hb_" (hb_live_…, hb_test_…); make one with ...
    """
    global _instance
    with _lock:
        if _instance is not None and not _instance._native.closed:
            logger().warning(
                "init() was called again; it gives the connection made first. Call reset() before to change it."
            )
            return _instance
        disabled = _flag("HIVELOOP_DISABLED")
        if compression not in (None, "", "none", "gzip"):
            raise HiveLoopConfigError(f'compression must be "gzip" or None, not {compression!r}')
        try:
            instance = HiveBoard(
                api_key=str(api_key or os.environ.get("HIVELOOP_API_KEY") or ""),
                endpoint=str(endpoint or os.environ.get("HIVELOOP_ENDPOINT") or "https://api.hiveboard.io").strip(),
                environment=str(environment or os.environ.get("HIVELOOP_ENVIRONMENT") or "production"),
                group=str(group or os.environ.get("HIVELOOP_GROUP") or "default"),
                flush_interval=float(flush_interval),
                batch_size=int(batch_size),
                max_queue_size=int(max_queue_size),
                debug=_flag("HIVELOOP_DEBUG") if debug is None else bool(debug),
                capture_previews=bool(capture_previews),
                gzip=compression == "gzip",
                ca_file=None if ca_file is None else os.fspath(ca_file),
                disabled=disabled,
                runtime="python-{}.{}.{}".format(*sys.version_info[:3]),
                sdk_version=f"hiveloop-{__version__}",
                before_send=before_send,
                retry=_retry_seconds,
            )
        except (TypeError, ValueError, OverflowError) as error:
            if isinstance(error, HiveLoopConfigError):
                raise
            raise HiveLoopConfigError(f"a setting has the wrong type: {error}") from error
        if unknown:
            instance._native.say(30, f"init() does not know {', '.join(unknown)}: ignored")
        if str(api_key or "").startswith("hb_read_"):
            instance._native.say(
                30, "this key may only read: the server will refuse events; use hb_live_… or hb_test_…"
            )
        logger()
        instance._native.pass_on_lines()
        _instance = instance
        return instance


def _flag(name: str) -> bool:
    """Tell whether a variable of the environment says yes."""
    return os.environ.get(name, "").strip().lower() in ("1", "true", "yes", "on")


def flush(timeout: float = 10) -> bool:
    """Send what is queued now, and wait until the server has it.

    Args:
        timeout: Seconds to wait at most.

    Returns:
        Whether everything queued at the call was accepted, rejected or dropped in time; True without a connection.

    >>> hiveloop.flush(timeout=0.1)
    True
    """
    instance = _instance
    return True if instance is None else instance.flush(timeout)


def stats() -> dict[str, int]:
    """Count what was done so far in this process.

    Returns:
        ``queued`` (waiting, those on their way included), ``queued_bytes``, ``sent`` (accepted by the server),
        ``dropped`` (lost here: the queue was full, `before_send` failed, or the time at the end was too short),
        ``rejected`` (refused by the server for what they are), ``retries`` (attempts that were repeated) and
        ``filtered`` (withheld by `before_send`). All zero without a connection.

    >>> hiveloop.stats()["sent"]
    0
    """
    instance = _instance
    if instance is None:
        names = ("queued", "queued_bytes", "sent", "dropped", "rejected", "retries", "filtered")
        return dict.fromkeys(names, 0)
    return instance.stats()


def shutdown(timeout: float = 10) -> bool:
    """Send what is queued, and stop all threads. Later calls do nothing; `init` starts anew.

    Args:
        timeout: Seconds to wait at most.

    Returns:
        Whether everything queued was accepted, rejected or dropped in time; True without a connection.

    >>> hiveloop.shutdown(timeout=1)
    True
    """
    instance = _instance
    return True if instance is None else instance._shutdown(timeout)


def reset() -> None:
    """Shut down and forget the connection, so that `init` can make another. For tests; takes 10 s at most."""
    global _instance
    with _lock:
        instance, _instance = _instance, None
    if instance is not None:
        instance._shutdown(RESET_TIMEOUT_SECONDS)
