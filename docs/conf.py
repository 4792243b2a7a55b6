"""How Sphinx makes the documentation's site, which the server carries and serves at /docs."""

from __future__ import annotations

import re
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER))

from theme.externals import move_inline_parts_out  # noqa: E402

project = "HiveBoard"
author = "the HiveBoard authors"
project_copyright = "the HiveBoard authors"
version = release = re.search(r'^version = "(.+)"$', (FOLDER.parent / "Cargo.toml").read_text(), re.MULTILINE)[1]

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["site", "theme", "tests", "requirements.txt", "pictures/README.md"]
# A link that leads nowhere is an error of the build (-W).
nitpicky = True

myst_enable_extensions = ["attrs_block", "colon_fence"]
myst_heading_anchors = 4
# What follows the language of a block tells the tests how to run it; wire examples hold dots in place of ids.
suppress_warnings = ["misc.highlighting_failure"]

html_theme = "furo"
html_title = f"HiveBoard {release}"
html_static_path = ["theme/static"]
html_favicon = "../web/public/favicon.svg"
html_css_files = ["board.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}
templates_path = []


def setup(app: object) -> None:
    """The server's content policy refuses inline scripts and styles, so the site has none."""
    app.connect("build-finished", move_inline_parts_out)
