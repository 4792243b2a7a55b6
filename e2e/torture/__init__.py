"""kill -9, over and over, while days pass: see `rounds`."""
