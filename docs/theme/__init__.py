"""Parts of how the documentation's site is built."""
