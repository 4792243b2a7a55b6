"""What `hiveloop.init` and switching on an integration can raise."""


class HiveLoopError(Exception):
    """Anything that this package raises."""


class HiveLoopConfigError(HiveLoopError, ValueError):
    """A setting given to `hiveloop.init` cannot work; the message says which, and what would."""


class HiveLoopIntegrationError(HiveLoopError, ImportError):
    """A framework is not installed, or has no longer the hooks that its integration uses; the message says which."""
