"""Alerts by real time, with real receivers: what people are told, how soon, once, and by whom it can be believed."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from harness import clock
from harness.board import Board
from harness.events import custom, event, registered
from harness.receivers import Got, MailServer, Receiver
from harness.server import Server

NewServer = Callable[..., Server]


class Owner:
    """The person who followed the one-time link."""

    def __init__(self, server: Server) -> None:
        link = server.command("login-link").strip().splitlines()[-1]
        token = link.split("token=", 1)[1]
        self.url = server.url
        self.cookies = httpx.get(f"{self.url}/enter?token={token}", timeout=30).cookies

    def ask(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        headers = {"Origin": self.url}
        answer = httpx.request(method, self.url + path, json=body, cookies=self.cookies, headers=headers, timeout=30)
        assert answer.status_code == status, answer.text
        return answer.json()

    def channel(self, kind: str, config: dict[str, Any], name: str = "") -> dict[str, Any]:
        body = {"name": name or kind, "type": kind, "config": config}
        made: dict[str, Any] = self.ask("POST", "/v1/alerts/channels", body, 201)
        return made

    def rule(self, condition: dict[str, Any], channels: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
        body = {"name": condition["type"], "severity": "critical", "condition": condition, **more}
        body["channels"] = [channel["channel_id"] for channel in channels]
        made: dict[str, Any] = self.ask("POST", "/v1/alerts/rules", body, 201)
        time.sleep(0.8)
        return made


@pytest.fixture
def alerting(new_server: NewServer) -> Server:
    return new_server(ALERTS_ALLOW_PRIVATE_TARGETS="true")


@pytest.fixture
def receivers() -> Iterator[Callable[..., Receiver]]:
    made: list[Receiver] = []

    def make(*arguments: Any, **named: Any) -> Receiver:
        made.append(Receiver(*arguments, **named))
        return made[-1]

    yield make
    for receiver in made:
        receiver.close()


def failed(task: str = "t", agent_id: str = "a") -> list[dict[str, Any]]:
    return [event("task_started", task_id=task), event("task_failed", task_id=task)]


def issue(severity: str = "high", summary: str = "disk <full> & hot") -> dict[str, Any]:
    return custom("issue", {"issue_id": "i", "severity": severity, "action": "reported"}, summary)


def is_signed(got: Got, secret: str) -> bool:
    parts = dict(part.split("=", 1) for part in got.headers["x-hiveboard-signature"].split(","))
    wanted = hmac.new(secret.encode(), parts["t"].encode() + b"." + got.body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted, parts["v1"]) and abs(time.time() - int(parts["t"])) < 60


def test_an_agent_that_dies_is_told_of_within_its_threshold_and_five_seconds(
    alerting: Server, receivers: Callable[..., Receiver]
) -> None:
    owner, board, receiver = Owner(alerting), alerting.board(), receivers()
    channel = owner.channel("webhook", {"url": receiver.url})
    owner.rule({"type": "agent_stuck"}, [channel])
    board.send("worker", [registered(4), event("task_started", task_id="t")])
    last_sign = time.time()
    got = receiver.wait_for(1, 4 + 5)[0]
    assert 4 <= got.at - last_sign <= 4 + 5
    assert is_signed(got, channel["secret"])
    assert not is_signed(got, "another")
    body = got.json()
    assert body["type"] == "alert.firing"
    assert body["alert"]["subject"] == {"kind": "agent", "agent_id": "worker"}
    assert 'Agent "worker" is stuck at task "t"' in body["alert"]["summary"]
    assert body["link"] == f"{alerting.url}/agent?agent=worker"
    listed = board.get("/v1/alerts", state="firing")["data"]
    assert body["alert"]["alert_id"] in [alert["alert_id"] for alert in listed]
    board.send("worker", [event("heartbeat")])
    over = receiver.wait_for(2)[1].json()
    assert over["type"] == "alert.resolved"
    assert over["alert"]["alert_id"] == body["alert"]["alert_id"]


def test_what_an_alert_counts_by_now_is_what_its_link_shows(new_server: NewServer) -> None:
    board = new_server().board()

    def firing() -> list[dict[str, Any]]:
        return board.all("/v1/alerts", state="firing")

    board.send("a", failed("t-1"))
    board.eventually(firing, lambda alerts: [alert["value"] for alert in alerts] == [1], 15)
    board.send("a", failed("t-2"))
    (alert,) = board.eventually(firing, lambda alerts: [alert["value"] for alert in alerts] == [2], 15)
    shown = board.all("/v1/tasks", **dict(parse_qsl(urlsplit(alert["link"]).query)))
    assert sorted(run["task_id"] for run in shown) == ["t-1", "t-2"]


def test_each_service_gets_the_shape_that_it_takes(alerting: Server, receivers: Callable[..., Receiver]) -> None:
    owner, board = Owner(alerting), alerting.board()
    slack, discord, pagerduty = receivers(), receivers(lambda _: 204), receivers(lambda _: 202)
    channels = [
        owner.channel("slack", {"url": slack.url}),
        owner.channel("discord", {"url": discord.url}),
        owner.channel("pagerduty", {"url": pagerduty.url, "routing_key": "R" * 32}),
    ]
    owner.rule({"type": "issue_reported", "min_severity": "high"}, channels)
    board.send("a", [issue()])

    said = slack.wait_for(1)[0].json()
    assert set(said) == {"text", "blocks"}
    assert "disk &lt;full&gt; &amp; hot" in said["text"]
    assert [block["type"] for block in said["blocks"]] == ["section", "context", "actions"]
    assert said["blocks"][0]["text"]["type"] == "mrkdwn"
    assert len(said["blocks"][0]["text"]["text"]) <= 3000
    button = said["blocks"][2]["elements"][0]
    assert button["type"] == "button"
    assert button["url"].startswith(alerting.url)

    said = discord.wait_for(1)[0].json()
    embed = said["embeds"][0]
    assert said["allowed_mentions"] == {"parse": []}
    assert len(embed["title"]) <= 256
    assert "disk <full> & hot" in embed["description"]
    assert embed["url"].startswith(alerting.url)
    assert isinstance(embed["color"], int)
    assert all({"name", "value"} <= set(field) for field in embed["fields"])

    said = pagerduty.wait_for(1)[0].json()
    assert (said["routing_key"], said["event_action"]) == ("R" * 32, "trigger")
    payload = said["payload"]
    assert payload["severity"] in {"critical", "error", "warning", "info"}
    assert payload["source"] == "a"
    assert len(payload["summary"]) <= 1024
    assert {"href", "text"} == set(said["links"][0])
    board.send("a", [custom("issue", {"issue_id": "i", "action": "resolved"}, "done")])
    over = pagerduty.wait_for(2)[1].json()
    assert (over["event_action"], over["dedup_key"]) == ("resolve", said["dedup_key"])


def test_mail_goes_by_starttls_and_auth_as_text_and_html(new_server: NewServer, tmp_path: Path) -> None:
    mail = MailServer(tmp_path)
    try:
        settings = {"SMTP_HOST": "localhost", "SMTP_PORT": mail.port, "SMTP_USER": mail.user}
        settings |= {"SMTP_PASSWORD": mail.password, "SMTP_FROM": "HiveBoard <hive@example.org>"}
        server = new_server(environment={"SSL_CERT_FILE": str(mail.certificate)}, **settings)
        owner, board = Owner(server), server.board()
        channel = owner.channel("email", {"to": ["ada@example.org", "Bob <bob@example.org>"]})
        owner.rule({"type": "issue_reported"}, [channel])
        board.send("a", [issue()])
        got = mail.wait_for(1)[0]
        assert mail.signed_in == [True]
        assert got["subject"] == "Critical: issue_reported"
        assert "ada@example.org" in got["to"]
        delivery = board.get("/v1/alerts", state="firing")["data"][0]["deliveries"][0]
        assert got["message-id"] == f"<{delivery['delivery_id']}@example.org>"
        parts = {
            part.get_content_type(): part.get_payload(decode=True) for part in got.walk() if not part.is_multipart()
        }
        text, html = (bytes(parts[kind]).decode() for kind in ("text/plain", "text/html"))  # type: ignore[arg-type]
        assert "disk <full> & hot" in text
        assert f"{server.url}/pipeline?agent=a" in text
        assert "disk &lt;full&gt; &amp; hot" in html
        assert "<full>" not in html
        tested = owner.ask("POST", f"/v1/alerts/channels/{channel['channel_id']}/test")
        assert tested["delivered"], tested
    finally:
        mail.close()


def test_a_wrong_password_or_certificate_is_told_without_what_the_server_said(
    new_server: NewServer, tmp_path: Path
) -> None:
    mail = MailServer(tmp_path)
    try:
        common = {"SMTP_HOST": "localhost", "SMTP_PORT": mail.port, "SMTP_USER": mail.user}
        common |= {"SMTP_FROM": "hive@example.org"}
        trusting = {"SSL_CERT_FILE": str(mail.certificate)}
        wrong = new_server(environment=trusting, SMTP_PASSWORD="nope", **common)
        owner = Owner(wrong)
        channel = owner.channel("email", {"to": ["ada@example.org"]})
        said = owner.ask("POST", f"/v1/alerts/channels/{channel['channel_id']}/test")
        assert not said["delivered"]
        assert "535" in said["error"]
        assert "nope" not in str(said)
        distrusting = new_server(SMTP_PASSWORD=mail.password, **common)
        owner = Owner(distrusting)
        channel = owner.channel("email", {"to": ["ada@example.org"]})
        said = owner.ask("POST", f"/v1/alerts/channels/{channel['channel_id']}/test")
        assert not said["delivered"]
        assert not mail.mails
    finally:
        mail.close()


def test_killed_between_firing_and_delivery_it_is_delivered_once_under_one_id(
    alerting: Server, receivers: Callable[..., Receiver]
) -> None:
    owner, board = Owner(alerting), alerting.board()
    receiver = receivers(lambda number: 500 if number == 0 else 200)
    channel = owner.channel("webhook", {"url": receiver.url})
    owner.rule({"type": "task_failed", "window_seconds": 600}, [channel], name="failures")
    board.send("a", failed())
    receiver.wait_for(1)
    alerting.kill()
    alerting.start()
    got = receiver.wait_for(2)
    time.sleep(2)
    assert len(got) == 2, "it neither fired again nor was it sent again"
    assert got[0].headers["x-hiveboard-delivery"] == got[1].headers["x-hiveboard-delivery"]
    assert got[0].body == got[1].body
    alerts = [alert for alert in board.get("/v1/alerts")["data"] if alert["rule_name"] == "failures"]
    assert [(alert["state"], alert["deliveries"][0]["status"]) for alert in alerts] == [("firing", "delivered")]
    assert alerts[0]["deliveries"][0]["attempt"] == 2


def test_killed_right_after_it_told_of_a_silent_agent_it_tells_of_it_once(
    alerting: Server, receivers: Callable[..., Receiver]
) -> None:
    threshold_seconds = 4
    owner, board, receiver = Owner(alerting), alerting.board(), receivers()
    channel = owner.channel("webhook", {"url": receiver.url})
    owner.rule({"type": "agent_stuck"}, [channel])
    board.send("worker", [registered(threshold_seconds), event("heartbeat")])
    told = receiver.wait_for(1, threshold_seconds + 5)[0].json()
    # What the clock found is not written down yet: the next server takes the agent for alive, for as long as its limit.
    alerting.kill()
    alerting.start()
    board = alerting.board()
    until = time.monotonic() + threshold_seconds + 3
    while time.monotonic() < until:
        firing = board.get("/v1/alerts", state="firing", rule_id=told["rule"]["rule_id"])["data"]
        assert [alert["alert_id"] for alert in firing] == [told["alert"]["alert_id"]]
        time.sleep(0.2)
    assert board.get("/v1/agents/worker")["derived_status"] == "stuck"
    assert len(receiver.got) == 1, "it is told of once"
    board.send("worker", [event("heartbeat")])
    over = receiver.wait_for(2)[1].json()
    assert (over["type"], over["alert"]["alert_id"]) == ("alert.resolved", told["alert"]["alert_id"])


def test_the_end_of_an_alert_does_not_overtake_its_beginning(
    alerting: Server, receivers: Callable[..., Receiver]
) -> None:
    owner, board = Owner(alerting), alerting.board()
    receiver = receivers(lambda number: 500 if number == 0 else 200)
    rule = owner.rule({"type": "issue_reported"}, [owner.channel("webhook", {"url": receiver.url})])
    board.send("a", [issue()])
    receiver.wait_for(1)
    board.send("a", [custom("issue", {"issue_id": "i", "action": "resolved"}, "done")])
    told = [got.json()["type"] for got in receiver.wait_for(3)]
    assert told == ["alert.firing", "alert.firing", "alert.resolved"]
    board.send("a", [custom("issue", {"issue_id": "j", "severity": "high", "action": "reported"}, "again")])
    receiver.wait_for(4)
    owner.ask("DELETE", f"/v1/alerts/rules/{rule['rule_id']}")
    over = receiver.wait_for(5)[4].json()
    assert over["type"] == "alert.resolved"
    assert "its rule was deleted" in over["alert"]["resolution"]


def test_a_clock_that_is_set_makes_nobody_silent(new_server: NewServer, tmp_path: Path) -> None:
    shift = tmp_path / "shift"
    clock.shift(shift, 0)
    server = new_server(environment=clock.adjustable(shift))
    owner, board = Owner(server), server.board()
    for condition in ("heartbeat_lost", "no_events", "task_stalled"):
        owner.rule({"type": condition, "seconds": 5}, [])
    board.send("a", [registered(5), event("task_started", task_id="t")])
    for seconds in (7_200, -7_200, 0):
        clock.shift(shift, seconds)
        for _ in range(4):
            time.sleep(0.5)
            board.send("a", [event("heartbeat"), event("action_started", task_id="t", action_id=str(time.time()))])
    assert board.get("/v1/alerts")["data"] == []
    fired = board.eventually(lambda: board.get("/v1/alerts", state="firing")["data"], lambda seen: len(seen) >= 4, 30)
    # The rule that a workspace begins with among them: the agent is stuck.
    assert {alert["condition"] for alert in fired} == {"heartbeat_lost", "no_events", "task_stalled", "agent_stuck"}


def test_a_slow_receiver_delays_no_other(alerting: Server, receivers: Callable[..., Receiver]) -> None:
    owner, board = Owner(alerting), alerting.board()
    slow, quick = receivers(delay_seconds=12), receivers()
    channels = [owner.channel("webhook", {"url": one.url}, name) for name, one in (("slow", slow), ("quick", quick))]
    owner.rule({"type": "issue_reported"}, channels)
    for number in range(12):
        told = {"issue_id": f"i{number}", "severity": "high", "action": "reported"}
        board.send("a", [custom("issue", told, f"issue {number}")])
    sent = time.time()
    assert quick.wait_for(12, 5)[11].at - sent < 5
    assert len(slow.got) <= 4, "a channel has no more than four under way"


def test_what_a_receiver_says_is_shown_nowhere_and_no_redirect_is_followed(
    alerting: Server, receivers: Callable[..., Receiver]
) -> None:
    owner = Owner(alerting)
    for status, words in ((500, "it answered 500"), (302, "redirect"), (404, "it answered 404")):
        receiver = receivers(lambda _, status=status: status)
        channel = owner.channel("webhook", {"url": receiver.url}, f"answers {status}")
        said = owner.ask("POST", f"/v1/alerts/channels/{channel['channel_id']}/test")
        assert not said["delivered"]
        assert words in said["error"]
        assert Receiver.SECRET_ANSWER not in str(said)
        assert "elsewhere" not in str(said)
    assert Receiver.SECRET_ANSWER not in alerting.log()
    metrics = httpx.get(owner.url + "/metrics", cookies=owner.cookies, timeout=30).text
    assert Receiver.SECRET_ANSWER not in metrics


def test_addresses_of_the_own_network_are_refused_by_number_and_by_name(server: Server) -> None:
    owner = Owner(server)
    for url in ("http://127.0.0.1:9/", "http://169.254.169.254/latest", "http://[::1]/", "http://localhost/"):
        body = {"name": url, "type": "webhook", "config": {"url": url}}
        said = owner.ask("POST", "/v1/alerts/channels", body, 400)
        assert "alerts_allow_private_targets" in said["message"]
    # A name that only resolving tells of: the machine's own.
    own = __import__("socket").gethostname()
    body = {"name": "by name", "type": "webhook", "config": {"url": f"http://{own}:9/"}}
    answer = httpx.post(
        owner.url + "/v1/alerts/channels", json=body, cookies=owner.cookies, headers={"Origin": owner.url}, timeout=30
    )
    if answer.status_code == 201:
        said = owner.ask("POST", f"/v1/alerts/channels/{answer.json()['channel_id']}/test")
        assert not said["delivered"]


def test_rules_live_in_a_file(alerting: Server, tmp_path: Path) -> None:
    board: Board = alerting.board()
    exported = alerting.command("alerts", "export")
    file = tmp_path / "rules.toml"
    file.write_text(exported)
    assert "4 as they are" in alerting.command("alerts", "apply", "-f", str(file))
    rule = '\n[[rule]]\nname = "lost"\nseverity = "warning"\ncondition = {type = "heartbeat_lost", seconds = 2}\n'
    file.write_text(exported + rule)
    assert "+ lost" in alerting.command("alerts", "apply", "-f", str(file), "--dry-run")
    assert len(board.get("/v1/alerts/rules")["data"]) == 4
    alerting.command("alerts", "apply", "-f", str(file))
    assert len(board.get("/v1/alerts/rules")["data"]) == 5
    time.sleep(1)
    board.send("a", [event("heartbeat")])
    board.eventually(
        lambda: board.get("/v1/alerts")["data"], lambda seen: [one["rule_name"] for one in seen] == ["lost"], 7
    )
    log = [entry["action"] for entry in Owner(alerting).ask("GET", "/v1/audit")["data"]]
    assert log.count("alert_rule.created") == 1, "what the command line does is written down, too"
    second = alerting.command("workspaces", "create", "Second team").strip().splitlines()[-1]
    alerting.command("alerts", "apply", "-f", str(file), "--workspace", second)
    assert "5 as they are" in alerting.command("alerts", "apply", "-f", str(file), "--workspace", second)
    wrong = alerting.try_command("alerts", "apply", "-f", str(tmp_path / "none.toml"))
    assert wrong.returncode != 0
