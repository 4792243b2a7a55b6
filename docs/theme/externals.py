"""Moves inline scripts and styles of built pages into files, so that they hold under a strict content policy."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

INLINE = re.compile(r"<(script|style)((?:\s[^>]*)?)>(.*?)</\1>", re.DOTALL)
STYLE_ATTRIBUTE = re.compile(r'(<[^>]*?)\sstyle="([^"]*)"([^>]*>)')


def move_inline_parts_out(app: Any, exception: Exception | None) -> None:
    """Rewrites every page of the site."""
    if exception is not None or app.builder.name != "html":
        return
    site = Path(app.outdir)
    for page in site.rglob("*.html"):
        text = page.read_text()
        moved = externalise(text, site, "../" * (len(page.relative_to(site).parts) - 1))
        if moved != text:
            page.write_text(moved)


def externalise(text: str, site: Path, root: str) -> str:
    """The page with its inline parts in files of their own; `root` leads from the page to the site's root."""

    def file(content: str, ending: str) -> str:
        name = f"_static/inline-{hashlib.sha256(content.encode()).hexdigest()[:12]}.{ending}"
        (site / name).write_text(content)
        return root + name

    def part(found: re.Match[str]) -> str:
        kind, attributes, content = found.groups()
        if "src=" in attributes or not content.strip():
            return found[0]
        if kind == "style":
            return f'<link rel="stylesheet" type="text/css" href="{file(content, "css")}" />'
        return f'<script{attributes} src="{file(content, "js")}"></script>'

    def attribute(found: re.Match[str]) -> str:
        before, declarations, after = found.groups()
        name = "inline-" + hashlib.sha256(declarations.encode()).hexdigest()[:8]
        rules.append(f".{name} {{ {declarations} }}")
        whole = before + after
        if ' class="' in whole:
            return whole.replace(' class="', f' class="{name} ', 1)
        return re.sub(r"^(<[\w-]+)", rf'\1 class="{name}"', whole)

    rules: list[str] = []
    text = INLINE.sub(part, text)
    text = STYLE_ATTRIBUTE.sub(attribute, text)
    if rules:
        sheet = file("\n".join(sorted(set(rules))) + "\n", "css")
        text = text.replace("</head>", f'<link rel="stylesheet" type="text/css" href="{sheet}" />\n</head>', 1)
    return text
