"""Doing something once a package has been imported, without importing it."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_waiting: dict[str, Callable[[], None]] = {}


class _Finder:
    """Stands first in `sys.meta_path`, finds nothing itself, and notices when what it waits for has been loaded."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Give the spec that the others find, with a loader that tells."""
        if name not in _waiting:
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find is not None and finder is not self else None
            if spec is not None:
                if spec.loader is not None and hasattr(spec.loader, "exec_module"):
                    spec.loader = _Loader(spec.loader, name)
                return spec
        return None


class _Loader:
    """Loads as another loader does, and tells."""

    def __init__(self, loader: Any, name: str) -> None:
        self._loader = loader
        self._name = name

    def create_module(self, spec: Any) -> Any:
        """Give what the other makes."""
        return self._loader.create_module(spec)

    def exec_module(self, module: Any) -> None:
        """Run the module, then what waits for it."""
        # What looks at the module afterwards finds the loader that it expects.
        module.__loader__ = module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        then = _waiting.pop(self._name, None)
        if then is not None:
            then()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)


_finder = _Finder()


def when_imported(name: str, then: Callable[[], None]) -> bool:
    """Do something as soon as a package has been imported; at once if it has been.

    Args:
        name: The package.
        then: What to do; must not raise.

    Returns:
        Whether it has been done.
    """
    if sys.modules.get(name) is not None:
        then()
        return True
    _waiting[name] = then
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)
    return False
