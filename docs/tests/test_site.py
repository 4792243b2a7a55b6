"""The site as the server serves it: every page and all that it needs, below any path, under the server's content policy."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import httpx
import pytest

from blocks import ROOT
from harness.nginx import Nginx
from harness.server import Server

sys.path.append(str(ROOT / "scripts"))
import build_docs


class Page(HTMLParser):
    """What a page loads, where it leads, and what of it is inline."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: set[str] = set()
        self.links: set[str] = set()
        self.ids: set[str] = set()
        self.inline: list[str] = []
        self._inside: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids |= {given["id"] or ""} if "id" in given else set()
        for name, value in attrs:
            if name == "style" or name.startswith("on"):
                self.inline.append(f"{tag} {name}={value}")
        if tag == "a" and given.get("href"):
            self.links.add(given["href"] or "")
        if tag == "link" and given.get("href"):
            self.loads.add(given["href"] or "")
        if given.get("src"):
            self.loads.add(given["src"] or "")
        self._inside = tag if tag in {"script", "style"} and "src" not in given else None

    def handle_data(self, data: str) -> None:
        if self._inside and data.strip():
            self.inline.append(f"{self._inside} {data[:80]}")

    def handle_endtag(self, tag: str) -> None:
        self._inside = None


@pytest.fixture(scope="module", params=["at the root", "below a path"])
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the documentation is, directly and behind a proxy that passes on what lies below a path."""
    folder = tmp_path_factory.mktemp("site")
    server = Server(folder, TRUSTED_PROXIES="127.0.0.1/32,::1/128")
    if request.param == "at the root":
        server.start()
        yield f"{server.url}/docs"
    else:
        (folder / "nginx").mkdir()
        nginx = Nginx(folder / "nginx", server.address)
        server.environment["HIVEBOARD_PUBLIC_URL"] = f"{nginx.site}/hive/"
        server.start()
        nginx.start()
        yield f"{nginx.site}/hive/docs"
        nginx.end()
    server.end()


def test_every_page_holds_under_the_policy_and_leads_somewhere(address: str) -> None:
    pages: dict[str, Page] = {}
    files: set[str] = set()
    with httpx.Client(follow_redirects=True) as client:
        first = client.get(address)
        assert first.url == f"{address}/index.html"
        waiting, leads = [str(first.url)], []
        while waiting:
            url = waiting.pop()
            if url in pages:
                continue
            answer = client.get(url)
            assert answer.status_code == 200, url
            policy = answer.headers["content-security-policy"]
            assert "script-src 'self'" in policy
            assert "unsafe" not in policy
            pages[url] = Page(answer.text)
            assert not pages[url].inline, f"{url}: {pages[url].inline}"
            for link in pages[url].links:
                target, fragment = urldefrag(urljoin(url, link))
                if not target.startswith(address):
                    # Elsewhere: never the board itself by a path of its own, which would leave the proxy's.
                    assert target.startswith(("http://", "https://")), link
                elif target.endswith(".html"):
                    waiting.append(target)
                    leads.append((url, target, fragment))
                else:
                    files.add(target)
            files |= {urldefrag(urljoin(url, part))[0] for part in pages[url].loads}
        for file in files:
            assert file.startswith(address), file
            answer = client.get(file)
            assert answer.status_code == 200, file
            if not re.search(r"\.(html|Dockerfile)$", file):
                assert "text/html" not in answer.headers["content-type"], file
    for url, target, fragment in leads:
        assert not fragment or fragment in pages[target].ids, f"{url} leads to {target}#{fragment}"
    assert len(pages) > 40


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("# Alone\n\nNobody leads here.\n", "document isn't included in any toctree"),
        ("# Lost\n\n[There](nowhere.md).\n", "cross-reference target not found"),
    ],
    ids=["in no tree", "a link that leads nowhere"],
)
def test_a_page_that_nobody_finds_or_that_leads_nowhere_ends_the_build(
    tmp_path: Path, fault: str, complaint: str
) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "index.md").write_text("# Pages\n\n```{toctree}\nfirst\n```\n")
    (tmp_path / "pages" / "first.md").write_text("# First\n\nIt is in the tree.\n")
    build = build_docs.command(tmp_path / "pages", tmp_path / "site", tmp_path / "memory")
    assert subprocess.run(build, capture_output=True, text=True).returncode == 0
    (tmp_path / "pages" / "second.md").write_text(fault)
    failed = subprocess.run(build, capture_output=True, text=True)
    assert failed.returncode != 0
    assert complaint in failed.stderr


def test_pages_are_found_without_their_ending_and_others_are_not(server: Server) -> None:
    with httpx.Client(base_url=server.url) as client:
        for path in ("/docs", "/docs/"):
            answer = client.get(path, follow_redirects=True)
            assert (answer.status_code, str(answer.url)) == (200, f"{server.url}/docs/index.html"), path
        assert str(client.get("/docs/errors", follow_redirects=True).url) == f"{server.url}/docs/errors.html"
        missing = client.get("/docs/nothing-of-this-name.html")
        assert missing.status_code == 404
        assert missing.json()["error"] == "not_found"
        for outside in ("/docs/%2e%2e/%2e%2e/Cargo.toml", "/docs/..%2f..%2fCargo.toml", "/docs//etc/passwd"):
            assert client.get(outside).status_code == 404, outside
        assert client.post("/docs/index.html").status_code == 405


def test_the_search_knows_every_word_of_a_page(server: Server) -> None:
    index = httpx.get(f"{server.url}/docs/searchindex.js").text
    for word in ("heartbeat", "storage_ful", "retention_day"):
        assert word in index, word
