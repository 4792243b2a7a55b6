"""Real processes and the small tools to look at them."""
