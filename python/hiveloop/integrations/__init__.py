"""One line for each framework and client: what they do becomes tasks, actions and calls of models.

Importing this package imports no framework; importing one of its modules does not either.
"""

from __future__ import annotations

from hiveloop.integrations._auto import auto, off
from hiveloop.integrations._faults import faults

__all__ = ["auto", "faults", "off"]
