"""The manual's code as printed, with its indentation restored, and the way to run it.

Each `sNN_*.py` file holds the blocks of one section. They are not modules: a line
`# %% name` begins a block, and a block is run on its own with the names it needs.
"""
