"""The recording server of the client's own tests."""

from __future__ import annotations

import importlib.util
from pathlib import Path

_path = Path(__file__).parent.parent / "tests" / "conftest.py"
_spec = importlib.util.spec_from_file_location("client_conftest", _path)
assert _spec is not None
assert _spec.loader is not None
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)

KEY: str = _module.KEY
Server = _module.Server
