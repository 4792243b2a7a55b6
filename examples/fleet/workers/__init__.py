"""One file per temper."""
