"""Small helpers beside the core: each in a module of its own, imported only by those who use it."""
