"""What classes, libraries and names keep to themselves never leaves the process."""

from __future__ import annotations

import collections
import decimal
import http.cookiejar
import ipaddress
import json
import os
import pathlib
import urllib.parse
import uuid
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import httpx
import pydantic
import pydantic_core
import pytest
import requests.cookies
from conftest import Server, sent

import hiveloop

SECRET = "s3cret0987654321"


def test_a_scalar_of_a_class_that_masks_itself_is_sent_masked(server: Server, agent: hiveloop.Agent) -> None:
    class Balance(decimal.Decimal):
        def __repr__(self) -> str:
            return "Balance(***)"

    class Key(uuid.UUID):
        def __repr__(self) -> str:
            return "Key(***)"

    class Vault(pathlib.PurePosixPath):
        def __repr__(self) -> str:
            return "Vault(***)"

    class Host(ipaddress.IPv4Address):
        def __repr__(self) -> str:
            return "Host(***)"

    class Token(str):
        def __str__(self) -> str:
            return "tok_***"

    class Open(decimal.Decimal):
        def __repr__(self) -> str:
            return f"Open({self})"

    hidden = [Balance("987654321"), Key(int=987654321), Vault(f"/{SECRET}"), Host("98.76.54.32"), Token(SECRET)]
    assert sent(server, agent, [*hidden, Open("1.5")]) == [
        "<Balance: Balance(***)>",
        "<Key: Key(***)>",
        "<Vault: Vault(***)>",
        "<Host: Host(***)>",
        "tok_***",
        1.5,
    ]


def test_a_mapping_or_text_that_masks_itself_is_sent_masked(server: Server, agent: hiveloop.Agent) -> None:
    class Quiet(collections.UserDict[str, str]):
        def __repr__(self) -> str:
            return "Quiet(***)"

    class Partly(Mapping[str, str]):
        def __getitem__(self, name: str) -> str:
            return {"user": "ada", "pin": SECRET}[name]

        def __iter__(self) -> Iterator[str]:
            return iter(("user", "pin"))

        def __len__(self) -> int:
            return 2

        def __repr__(self) -> str:
            return "Partly(user='ada', pin=...)"

    class Text(collections.UserString):
        def __repr__(self) -> str:
            return "Text(***)"

    assert sent(server, agent, [Quiet(pin=SECRET), Partly(), Text(SECRET), collections.UserDict(user="ada")]) == [
        "<Quiet: Quiet(***)>",
        {"user": "ada", "pin": "***"},
        "<Text: Text(***)>",
        {"user": "ada"},
    ]


def test_headers_cookies_and_the_environment_are_sent_without_what_lets_one_in(
    server: Server, agent: hiveloop.Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = httpx.Headers({"x-auth-token": SECRET, "PRIVATE-TOKEN": SECRET, "x-goog-api-key": SECRET, "accept": "*"})
    cookies = httpx.Cookies({"session": SECRET})
    jar = requests.cookies.RequestsCookieJar()
    jar.set("session", SECRET)
    assert isinstance(jar, http.cookiejar.CookieJar)
    for name in ("CRM_DB_PASSWORD", "AWS_SECRET_ACCESS_KEY", "OPENAI_API_KEY", "GITHUB_TOKEN"):
        monkeypatch.setenv(name, SECRET)
    monkeypatch.setenv("REGION", "eu")
    shown, first, second = sent(server, agent, [headers, cookies, jar])
    assert shown == {"x-auth-token": "***", "private-token": "***", "x-goog-api-key": "***", "accept": "*"}
    assert first == second == {"session": "***"}
    environment = sent(server, agent, os.environ)
    assert (environment["CRM_DB_PASSWORD"], environment["REGION"]) == ("***", "eu")
    assert SECRET not in json.dumps(server.received())


def test_counts_of_tokens_are_no_secrets(server: Server, agent: hiveloop.Agent) -> None:
    usage = collections.ChainMap({"tokens_in": 1500, "token_price": 0.5})
    assert sent(server, agent, usage) == {"tokens_in": 1500, "token_price": 0.5}


def test_addresses_in_their_parts_lose_their_passwords(server: Server, agent: hiveloop.Agent) -> None:
    address = f"https://ada:{SECRET}@h/x?token={SECRET}&page=2"
    masked = "https://ada:***@h/x?token=***&page=2"
    assert sent(server, agent, [urllib.parse.urlsplit(address), urllib.parse.urlparse(address)]) == [masked, masked]


class Reference(str):
    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        schema = pydantic_core.core_schema
        written = schema.plain_serializer_function_ser_schema(lambda value: "ref_***")
        return schema.no_info_plain_validator_function(cls, serialization=written)


class Payment(pydantic.BaseModel):
    card: Annotated[str, pydantic.PlainSerializer(lambda value: f"***{value[-4:]}", when_used="json")]
    reference: Reference
    amount: decimal.Decimal


def test_a_model_is_sent_as_it_would_be_written_as_json(server: Server, agent: hiveloop.Agent) -> None:
    payment = Payment(card=SECRET, reference=SECRET, amount=decimal.Decimal("9.5"))  # type: ignore[arg-type]
    assert sent(server, agent, payment) == {"card": "***4321", "reference": "ref_***", "amount": 9.5}


def test_notes_and_causes_of_exceptions_lose_their_passwords(server: Server, agent: hiveloop.Agent) -> None:
    error = ValueError("no route")
    error.__notes__ = [f"tried redis://:{SECRET}@h/0", f"sent Authorization: Bearer {SECRET}X"]  # type: ignore[attr-defined]
    error.__cause__ = KeyError(f"postgres://app:{SECRET}@db/x")
    with pytest.raises(ValueError, match="no route"), agent.task("t"):
        raise error
    hiveloop.flush()
    assert server.events("task_failed")
    assert SECRET not in json.dumps(server.received())


class Login(pydantic.BaseModel):
    user: int
    password: int
    access_token: pydantic.SecretStr


def test_an_input_that_was_meant_for_a_password_is_not_told_by_its_error(server: Server, agent: hiveloop.Agent) -> None:
    with pytest.raises(pydantic.ValidationError), agent.task("t"):
        Login(user="ada", password=SECRET, access_token=987654321)  # type: ignore[arg-type]
    hiveloop.flush()
    message = server.events("task_failed")[0]["payload"]["exception_message"]
    assert "input_value='ada'" in message
    assert message.count("input_value=***") == 2
    assert SECRET not in json.dumps(server.received())
