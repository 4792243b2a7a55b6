"""Real processes and the small tools to look at them."""

import sys
from pathlib import Path

# What the scripts share with the tests: engines, free ports.
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
