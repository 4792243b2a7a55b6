"""The version of the package, which is the native half's."""

from hiveloop._native import VERSION as __version__

__all__ = ["__version__"]
