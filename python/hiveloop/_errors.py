"""What `hiveloop.init` can raise."""


class HiveLoopError(Exception):
    """Anything that this package raises."""


class HiveLoopConfigError(HiveLoopError, ValueError):
    """A setting given to `hiveloop.init` cannot work; the message says which, and what would."""
