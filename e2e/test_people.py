"""People at a real server: invited, reset and removed by the command line beside it, and no secret anywhere."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from harness.events import custom, event
from harness.receivers import MailServer
from harness.server import Server

PASSWORD = "planted four words secret"


def at_board(server: Server) -> httpx.Client:
    """A browser: it keeps cookies and says where its pages come from."""
    return httpx.Client(base_url=server.url, headers={"Origin": server.url})


def token_of(link: str) -> str:
    """What a link carries behind the `#`."""
    return link.strip().splitlines()[-1].split("#token=")[1]


def owner(server: Server) -> httpx.Client:
    """Follows the one-time link and becomes the owner."""
    link = urlsplit(server.command("login-link").strip().splitlines()[-1])
    browser = at_board(server)
    assert browser.get(f"{link.path}?{link.query}").status_code == 303
    answer = browser.post("/v1/setup", json={"name": "Ada", "email": "ada@example.org", "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return browser


def until_refused(browser: httpx.Client) -> float:
    """Seconds until the browser's session lets it in no more."""
    started = time.monotonic()
    while browser.get("/v1/session").status_code == 200:
        assert time.monotonic() - started < 5
        time.sleep(0.02)
    return time.monotonic() - started


def test_an_invitation_is_followed_and_the_member_removed(new_server: Callable[..., Server]) -> None:
    server = new_server()
    with closing(owner(server)):
        link = server.command("members", "invite", "bo@example.org", "--role", "viewer", "--addr", server.address)
        assert link.strip().startswith(f"{server.url}/invitation#token=")
        with at_board(server) as bo:
            opened = bo.post("/v1/invitations/open", json={"token": token_of(link)}).json()
            assert (opened["email"], opened["role"], opened["has_account"]) == ("bo@example.org", "viewer", False)
            body = {"token": token_of(link), "name": "Bo", "password": PASSWORD}
            assert bo.post("/v1/invitations/accept", json=body).status_code == 200
            assert bo.get("/v1/session").json()["role"] == "viewer"
            assert bo.post("/v1/invitations/accept", json=body).status_code == 401, "once"
            server.command("members", "role", "bo@example.org", "admin")
            assert bo.get("/v1/session").json()["role"] == "admin", "at once"
            assert "bo@example.org" in server.command("members", "list")
            server.command("members", "remove", "bo@example.org")
            assert until_refused(bo) < 1.0
        last = server.try_command("members", "remove", "ada@example.org")
        assert last.returncode != 0
        assert "only owner" in last.stderr


def test_a_password_is_reset_by_mail_and_nobody_is_told_who_has_an_account(
    new_server: Callable[..., Server], tmp_path: Path
) -> None:
    with closing(MailServer(tmp_path)) as mail:
        settings = {"SMTP_HOST": "localhost", "SMTP_PORT": mail.port, "SMTP_USER": mail.user}
        settings |= {"SMTP_PASSWORD": mail.password, "SMTP_FROM": "HiveBoard <hive@example.org>"}
        server = new_server(environment={"SSL_CERT_FILE": str(mail.certificate)}, **settings)
        with closing(owner(server)) as ada, at_board(server) as anybody:
            assert anybody.get("/v1/login").json()["reset_by_mail"] is True
            answers = [
                # The link leads to the board, whatever host a request names.
                httpx.post(server.url + "/v1/password-reset/mail", json={"email": email}, headers={"Host": "evil.test"})
                for email in ("Ada@example.org", "nobody@example.org")
            ]
            assert [answer.status_code for answer in answers] == [202, 202]
            assert answers[0].json() == answers[1].json()
            got = mail.wait_for(1)[0]
            assert (got["to"], got["subject"]) == ("ada@example.org", "A new password for HiveBoard")
            text, html = (part.get_payload(decode=True).decode() for part in got.walk() if not part.is_multipart())
            link = next(line for line in text.splitlines() if "#token=" in line)
            assert link.startswith(f"{server.url}/reset#token=")
            assert link in html
            body = {"token": token_of(link), "password": PASSWORD + " anew"}
            assert anybody.post("/v1/password-reset", json=body).status_code == 200
            assert anybody.post("/v1/password-reset", json=body).status_code == 401, "once"
            assert until_refused(ada) < 1.0
            # Nobody's mailbox is filled: of many more asked for, two are sent.
            for _ in range(6):
                assert anybody.post("/v1/password-reset/mail", json={"email": "ada@example.org"}).status_code == 202
            mail.wait_for(3)
            log = [entry["action"] for entry in anybody.get("/v1/audit").json()["data"]]
            assert log.count("password.reset_mailed") == 3
            assert token_of(link) not in server.log()
        assert len(mail.mails) == 3
    without = new_server()
    with at_board(without) as anybody:
        refused = anybody.post("/v1/password-reset/mail", json={"email": "ada@example.org"})
        assert (refused.status_code, "hiveboard members reset" in refused.text) == (409, True)


def test_a_workspace_is_deleted_by_the_command_line(new_server: Callable[..., Server]) -> None:
    server = new_server()
    second = server.command("workspaces", "create", "Second team").strip().splitlines()[-1]
    key = server.create_key(workspace=second)
    board = server.board(key)
    board.send("a", [event("task_started", task_id="t")])
    refused = server.try_command("workspaces", "delete", second, "--confirm", "second")
    assert (refused.returncode != 0, "Second team" in refused.stderr) == (True, True)
    assert server.try_command("workspaces", "delete", second).returncode != 0, "nobody can be asked"
    assert server.try_command("workspaces", "delete", "1", "--confirm", "default").returncode != 0
    assert len(board.agents()) == 1
    server.command("workspaces", "delete", second, "--confirm", "Second team")
    board.eventually(lambda: board.client.get("/v1/agents").status_code, lambda status: status == 401, 1.0)
    assert "Second team" not in server.command("workspaces", "list")
    server.stop()
    server.start()
    assert server.create_key("read")


def test_a_password_is_reset_by_the_command_line(new_server: Callable[..., Server]) -> None:
    server = new_server()
    with closing(owner(server)) as before, at_board(server) as browser:
        link = server.command("members", "reset", "ada@example.org", "--addr", server.address)
        assert link.strip().startswith(f"{server.url}/reset#token=")
        new = {"token": token_of(link), "password": "another four words"}
        assert browser.post("/v1/password-reset", json=new).status_code == 200
        assert browser.get("/v1/session").json()["person"]["email"] == "ada@example.org"
        assert until_refused(before) < 1.0, "sessions from before end"
        sign_in = {"email": "ada@example.org", "password": PASSWORD}
        assert browser.post("/v1/login", json=sign_in).status_code == 401
        assert browser.post("/v1/login", json=sign_in | {"password": "another four words"}).status_code == 200
    refused = server.try_command("login-link")
    assert refused.returncode != 0
    assert "members reset" in refused.stderr


def test_keys_rotate_and_end_by_the_command_line(new_server: Callable[..., Server]) -> None:
    server = new_server()

    def works(key: str) -> bool:
        return httpx.get(server.url + "/v1/agents", headers={"Authorization": f"Bearer {key}"}).status_code == 200

    old = server.create_key()
    new = server.command("keys", "rotate", old[:12], "--overlap", "1h").strip().splitlines()[-1]
    assert new != old
    assert works(old), "for a while"
    assert works(new)
    third = server.command("keys", "rotate", new[:12], "--overlap", "0m").strip().splitlines()[-1]
    time.sleep(1.0)
    assert works(third)
    assert not works(new)
    sender = server.command("keys", "create", "--kind", "live", "--scopes", "ingest", "--expires", "90d").split()[-1]
    refused = httpx.get(server.url + "/v1/agents", headers={"Authorization": f"Bearer {sender}"})
    assert refused.status_code == 403
    assert "ingest" in refused.json()["message"]
    assert server.try_command("keys", "create", "--kind", "live", "--expires", "2020-01-01T00:00:00Z").returncode != 0


def test_workspaces_by_the_command_line(new_server: Callable[..., Server]) -> None:
    server = new_server()
    with closing(owner(server)) as browser:
        made = server.command("workspaces", "create", "Second", "--owner", "ada@example.org").strip().splitlines()[-1]
        key = server.command("keys", "create", "--kind", "live", "--workspace", made).strip().splitlines()[-1]
        server.board(key).send("elsewhere", [event("heartbeat")])
        assert browser.get("/v1/agents").json()["data"] == []
        assert browser.put("/v1/session", json={"workspace_id": int(made)}).status_code == 200
        assert [one["agent_id"] for one in browser.get("/v1/agents").json()["data"]] == ["elsewhere"]
        assert re.search(rf"^\s*{made}\s+1\s+by event\s+Second$", server.command("workspaces", "list"), re.MULTILINE)


def test_no_secret_is_in_logs_errors_audit_metrics_or_on_disk(new_server: Callable[..., Server]) -> None:
    server = new_server(LOG="debug,request=debug")
    secrets: dict[str, str] = {}
    said: list[str] = []

    def keep(answer: httpx.Response) -> httpx.Response:
        said.append(answer.text)
        return answer

    link = server.command("login-link").strip().splitlines()[-1]
    secrets["login token"] = link.split("token=")[1]
    browser = at_board(server)
    browser.get(f"/enter?token={secrets['login token']}")
    secrets["first session"] = browser.cookies["hiveboard_session"]
    browser.post("/v1/setup", json={"name": "Ada", "email": "ada@example.org", "password": PASSWORD})
    secrets["session"] = browser.cookies["hiveboard_session"]
    secrets["password"] = PASSWORD
    made = browser.post("/v1/api-keys", json={"kind": "live", "name": "wall"}).json()
    secrets["key"] = made["key"]
    secrets["rotated key"] = browser.post(f"/v1/api-keys/{made['key_id']}/rotate", json={}).json()["key"]
    secrets["key of the command line"] = server.create_key()
    invited = browser.post("/v1/invitations", json={"email": "bo@example.org", "role": "viewer"}).json()
    secrets["invitation"] = token_of(invited["link"])
    secrets["reset"] = token_of(server.command("members", "reset", "ada@example.org"))
    secrets["wrong password"] = "wrong-password-tried"
    secrets["wrong key"] = "hb_live_" + "wRoNg" * 6 + "42"
    secrets["current password"] = "current-password-tried"

    board = server.board(secrets["key"])
    board.send("a", [event("task_started", task_id="t"), custom("issue", {"issue_id": "i", "action": "reported"})])
    bearer = {"Authorization": f"Bearer {secrets['wrong key']}"}
    keep(httpx.get(server.url + "/v1/agents", headers=bearer))
    keep(httpx.get(server.url + f"/v1/stream?token={secrets['key']}"))
    keep(httpx.get(server.url + f"/v1/stream?token={secrets['wrong key']}"))
    keep(httpx.get(server.url + f"/v1/agents?token={secrets['key']}", headers={"X-API-Key": secrets["wrong key"]}))
    keep(httpx.get(server.url + "/v1/agents", cookies={"hiveboard_session": secrets["first session"]}))
    keep(httpx.post(server.url + "/v1/ingest", headers=bearer, content=secrets["key"]))
    for body in (
        {"email": "ada@example.org", "password": secrets["wrong password"]},
        {"email": "ada@example.org", "password": [secrets["wrong password"]]},
        {"email": "ada@example.org", "password": secrets["wrong password"], "extra": 1},
    ):
        keep(browser.post("/v1/login", json=body))
    eve = {"token": secrets["login token"], "name": "Eve", "email": "eve@example.org", "password": PASSWORD}
    keep(browser.post("/v1/setup", json=eve))
    keep(browser.post("/v1/invitations/open", json={"token": secrets["invitation"]}))
    keep(browser.post("/v1/password-reset", json={"token": secrets["reset"], "password": "short"}))
    secrets["new password"] = PASSWORD + "2"
    change = {"current_password": secrets["current password"], "new_password": secrets["new password"]}
    keep(browser.put("/v1/account/password", json=change))
    for noun in ("session", "sessions", "members", "invitations", "api-keys", "audit", "events"):
        keep(browser.get(f"/v1/{noun}"))
    keep(httpx.get(server.url + "/metrics"))
    for listing in (("keys", "list"), ("members", "list"), ("workspaces", "list")):
        said.append(server.command(*listing))
    said.append(server.log_path.read_text())
    assert "/v1/login" in said[-1], "the log holds the requests"
    browser.close()
    server.stop()
    said.append(server.log_path.read_text())
    for name, secret in secrets.items():
        for text in said:
            assert secret not in text, f"the {name} is shown: {text[max(0, text.index(secret) - 200) :][:400]}"
        for path in server.data.rglob("*"):
            if path.is_file():
                assert secret.encode() not in path.read_bytes(), f"{path.name} holds the {name} in the clear"
