"""See what your AI agents do.

Three lines make an agent visible on HiveBoard; nothing it does is slowed, broken or blocked by them.

>>> import hiveloop
>>> hb = hiveloop.init(api_key="hb_test_0123456789abcdef0123456789abcdef", endpoint="http://localhost:8000")
>>> agent = hb.agent("lead-qualifier", type="sales")
>>> with agent.task("lead-4801", project="sales") as task:
...     task.llm_call("scoring", "claude-sonnet-4-20250514", tokens_in=1500, tokens_out=200, cost=0.003)

Wrong settings make `init` raise `HiveLoopConfigError`. Nothing else raises: what goes wrong is logged under the name
``hiveloop``.
"""

from hiveloop._agent import Agent
from hiveloop._client import HiveBoard, flush, init, reset, shutdown, stats
from hiveloop._context import current_task, propagate
from hiveloop._errors import HiveLoopConfigError, HiveLoopError, HiveLoopIntegrationError
from hiveloop._native import Action, Task
from hiveloop._tools import tool_payload
from hiveloop._version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hiveloop.integrations._auto import auto

SDK_VERSION = f"hiveloop-{__version__}"

__all__ = [
    "SDK_VERSION",
    "Action",
    "Agent",
    "HiveBoard",
    "HiveLoopConfigError",
    "HiveLoopError",
    "HiveLoopIntegrationError",
    "Task",
    "__version__",
    "auto",
    "current_task",
    "flush",
    "init",
    "propagate",
    "reset",
    "shutdown",
    "stats",
    "tool_payload",
]


def __getattr__(name: str) -> object:
    if name == "auto":
        # Only who uses integrations pays for their import.
        from hiveloop.integrations._auto import auto

        globals()["auto"] = auto
        return auto
    raise AttributeError(f"module 'hiveloop' has no attribute {name!r}")
