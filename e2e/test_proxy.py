"""The server below a path, behind a real nginx and a real Caddy with the documented configurations, and directly as well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from harness.board import Board
from harness.caddy import Caddy
from harness.events import event
from harness.nginx import Nginx
from harness.server import Server, free_port
from harness.stream import StreamReader


class Site:
    """A server behind a proxy at `/hive/`."""

    def __init__(self, folder: Path, proxy: Callable[[Path, str], Nginx | Caddy]) -> None:
        (folder / "server").mkdir(parents=True)
        self.server = Server(folder / "server", TRUSTED_PROXIES="127.0.0.1/32,::1/128")
        self.proxy = proxy(folder / "proxy", self.server.address)
        self.server.environment["HIVEBOARD_PUBLIC_URL"] = f"{self.proxy.site}/hive/"
        self.server.start()
        self.proxy.start()
        self.key = self.server.create_key()

    @property
    def url(self) -> str:
        """The board's address for its visitors."""
        return f"{self.proxy.site}/hive"

    def end(self) -> None:
        self.proxy.end()
        self.server.end()


@pytest.fixture(
    scope="module",
    params=[Nginx, partial(Nginx, takes_path_off=True), Caddy],
    ids=["nginx, server takes the path off", "nginx takes the path off", "Caddy"],
)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(tmp_path_factory.mktemp("site"), request.param)
    yield made
    made.end()


def assets(page: httpx.Response) -> list[str]:
    """The addresses that the page loads, as a browser resolves them."""
    root = page.text.split('<base href="', 1)[1].split('"', 1)[0]
    base = urljoin(str(page.url), root)
    parts = [part.split('"', 1)[0] for name in ('src="', 'href="') for part in page.text.split(name)[1:]]
    return [urljoin(base, part) for part in parts if part != root]


@pytest.mark.parametrize("path", ["/", "/agent?agent_id=a", "/settings"])
def test_every_page_loads_what_it_needs_from_below_the_path(site: Site, path: str) -> None:
    page = httpx.get(site.url + path)
    assert page.status_code == 200
    assert "base-uri 'self'" in page.headers["content-security-policy"]
    found = assets(page)
    assert any(address.endswith(".js") for address in found)
    for address in found:
        assert address.startswith(site.url + "/"), address
        answer = httpx.get(address)
        assert answer.status_code == 200, address
        assert "text/html" not in answer.headers["content-type"], address


def test_without_its_last_slash_the_path_leads_to_the_board(site: Site) -> None:
    answer = httpx.get(site.url, follow_redirects=True)
    assert answer.status_code == 200
    assert str(answer.url) == site.url + "/"
    assert '<div id="root">' in answer.text


@dataclass
class Entrance:
    """How the first owner came in: from the server's own machine, and then by the proxy."""

    link: str
    directly: httpx.Response
    by_proxy: httpx.Response
    set_up: httpx.Response


PASSWORD = "a long enough password"


@pytest.fixture(scope="module")
def entrance(site: Site) -> Entrance:
    """Follows a link directly, and another one by the proxy, where its visitor becomes the owner."""
    first = urlsplit(new_link(site.server))
    directly = httpx.get(f"{site.server.url}/enter?{first.query}")
    link = new_link(site.server)
    by_proxy = httpx.get(link)
    token = by_proxy.headers["location"].partition("#token=")[2]
    owner = {"token": token, "name": "Ada", "email": "ada@example.org", "password": PASSWORD}
    set_up = httpx.post(site.url + "/v1/setup", json=owner, headers={"Origin": site.proxy.site})
    return Entrance(link, directly, by_proxy, set_up)


def new_link(server: Server) -> str:
    """A one-time link to the board."""
    return server.command("login-link").strip().splitlines()[-1]


def sign_in(site: Site, browser: httpx.Client) -> httpx.Response:
    """The owner signs in by the proxy."""
    browser.headers["Origin"] = site.proxy.site
    answer = browser.post(site.url + "/v1/login", json={"email": "ada@example.org", "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return answer


def test_the_link_the_cookie_and_every_redirect_stay_below_the_path(site: Site, entrance: Entrance) -> None:
    assert entrance.link.startswith(site.url + "/enter?token=")
    assert urljoin(entrance.link, entrance.by_proxy.headers["location"]).startswith(site.url + "/set-up#token=")
    assert entrance.set_up.status_code == 200, entrance.set_up.text
    again = httpx.get(entrance.link)
    assert urljoin(entrance.link, again.headers["location"]) == site.url + "/sign-in?link=used"
    with httpx.Client() as browser:
        for answer in (entrance.set_up, sign_in(site, browser)):
            cookie = answer.headers["set-cookie"]
            assert "Path=/hive/;" in cookie + ";"
            assert "HttpOnly" in cookie
            assert "Secure" not in cookie, "the site is not encrypted"
        assert browser.get(site.url + "/v1/session").status_code == 200
        assert browser.get(site.url + "/v1/session").json()["ingest_url"] == site.url
        left = browser.post(site.url + "/leave")
        assert urljoin(site.url + "/leave", left.headers["location"]) == site.url + "/sign-in"
        assert browser.get(site.url + "/v1/session").status_code == 401


def test_another_sites_page_cannot_use_the_session(site: Site, entrance: Entrance) -> None:
    assert entrance.set_up.status_code == 200
    with httpx.Client() as browser:
        sign_in(site, browser)
        for origin in ("http://evil.test", f"http://127.0.0.1:{free_port()}"):
            refused = browser.post(site.url + "/v1/projects", json={"project_id": "p"}, headers={"Origin": origin})
            assert refused.status_code == 403, origin
        made = browser.post(site.url + "/v1/projects", json={"project_id": "p", "name": "p"})
        assert made.status_code in (200, 201), made.text


def test_events_and_the_stream_travel_through_it(site: Site) -> None:
    board = Board(site.url, site.key)
    reader = StreamReader(board, ["events"])
    board.send("behind", [event("task_started", task_id="t")])
    assert reader.events(1, 5)[0]["task_id"] == "t"
    reader.close()
    board.close()


def test_the_server_answers_directly_at_the_same_time(site: Site, entrance: Entrance) -> None:
    page = httpx.get(site.server.url + "/agent")
    assert all(address.startswith(site.server.url + "/assets/") or "favicon" in address for address in assets(page))
    below = httpx.get(site.server.url + "/hive/v1/session", headers={"Authorization": f"Bearer {site.key}"})
    assert below.status_code == 200
    assert entrance.directly.headers["location"] == "/"
    assert "Path=/;" in entrance.directly.headers["set-cookie"] + ";"


def test_no_figures_without_a_key_for_visitors_of_the_proxy(site: Site) -> None:
    assert httpx.get(site.url + "/metrics").status_code == 401
    forged = httpx.get(site.url + "/metrics", headers={"X-Forwarded-For": "127.0.0.1", "Forwarded": "for=127.0.0.1"})
    assert forged.status_code == 401


def test_visitors_are_told_apart_behind_it(new_server: Callable[..., Server], tmp_path: Path) -> None:
    server = new_server(TRUSTED_PROXIES="127.0.0.1", PUBLIC_URL="https://board.example.org")
    told = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "board.example.org"}
    link = urlsplit(new_link(server))
    entered = httpx.get(f"{server.url}/enter?{link.query}", headers=told)
    owner = {"token": entered.headers["location"].partition("#token=")[2], "name": "Ada"}
    owner |= {"email": "ada@example.org", "password": PASSWORD}
    from_page = told | {"Origin": "https://board.example.org"}
    set_up = httpx.post(f"{server.url}/v1/setup", json=owner, headers=from_page)
    assert "Secure" in set_up.headers["set-cookie"]
    with httpx.Client(headers=told) as client:
        refused = [
            client.get(f"{server.url}/v1/agents", headers={"Authorization": f"Bearer hb_live_{number:032}"})
            for number in range(70)
        ]
    assert {answer.status_code for answer in refused} == {401}
    assert max(answer.elapsed.total_seconds() for answer in refused) >= 0.9, "one that guesses is slowed"
    other = told | {"X-Forwarded-For": "203.0.113.10", "Authorization": f"Bearer hb_live_{99:032}"}
    assert httpx.get(f"{server.url}/v1/agents", headers=other).elapsed.total_seconds() < 0.9, "others are not"


def test_a_proxy_that_drops_upgrade_refuses_the_stream_and_lets_events_be_fetched(tmp_path: Path) -> None:
    site = Site(tmp_path, partial(Nginx, drops_upgrade=True))
    try:
        board = Board(site.url, site.key)
        with pytest.raises(InvalidStatus, match="400"):
            connect(site.url.replace("http", "ws") + "/v1/stream", additional_headers={"X-API-Key": site.key})
        board.send("a", [event("task_started", task_id="first")])
        seq = board.events()[0]["seq"]
        board.send("a", [event("task_completed", task_id="first")])
        assert [one["event_type"] for one in board.get("/v1/events", after_seq=seq)["data"]] == ["task_completed"]
        board.close()
    finally:
        site.end()


def test_links_made_beside_a_server_are_of_its_public_address(new_server: Callable[..., Server]) -> None:
    """Whoever makes them sees the directory, and seldom the environment that the server was started with."""
    server = new_server(PUBLIC_URL="https://board.example.org/hive/")
    del server.environment["HIVEBOARD_PUBLIC_URL"]
    for command in (("login-link",), ("members", "invite", "ada@example.org", "--role", "owner")):
        link = server.command(*command).strip().splitlines()[-1]
        assert link.startswith("https://board.example.org/hive/"), link
