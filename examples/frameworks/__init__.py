"""One agent for each framework, on models that are made up, offline."""
