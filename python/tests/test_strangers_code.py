"""Looking at a value runs as little of the program's code as can be, and shows nothing that is hidden."""

from __future__ import annotations

import array
import collections
import functools
import json
import resource
import types
import xml.etree.ElementTree
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import attrs
import pydantic
import pytest
import werkzeug.local
import wrapt
from conftest import Server, sent

import hiveloop


@dataclass
class Account:
    name: str
    password: str = field(repr=False)


@attrs.define
class Session:
    user: str
    token: str = attrs.field(repr=False)


class Settings(pydantic.BaseModel):
    host: str
    key: pydantic.SecretStr
    hidden: str = pydantic.Field(repr=False)
    left_out: str = pydantic.Field(exclude=True)
    masked: str

    @pydantic.field_serializer("masked")
    def mask(self, value: str) -> str:
        return "m***"


def test_fields_hidden_by_their_class_never_leave_the_process(server: Server, agent: hiveloop.Agent) -> None:
    settings = Settings(host="h", key=pydantic.SecretStr("s3cret"), hidden="s3cret", left_out="s3cret", masked="s3cret")
    values = [Account("ada", "s3cret"), Session("ada", "s3cret"), settings, {"deep": [settings]}]
    assert sent(server, agent, values) == [
        {"name": "ada"},
        {"user": "ada"},
        {"host": "h", "key": "**********", "masked": "m***"},
        {"deep": [{"host": "h", "key": "**********", "masked": "m***"}]},
    ]
    assert "s3cret" not in json.dumps(server.received())


@dataclass(repr=False)
class Silent:
    password: str


@attrs.define(repr=False)
class SilentToo:
    password: str


@attrs.define
class Masked:
    user: str
    password: str = attrs.field(repr=lambda _: "***")


def test_what_a_class_masks_or_never_shows_stays_in_the_process(server: Server, agent: hiveloop.Agent) -> None:
    failure = ValueError("no route to postgres://app:s3cret@db/x")
    assert sent(server, agent, [Silent("s3cret"), SilentToo("s3cret"), Masked("ada", "s3cret"), failure]) == [
        f"<{__name__}.Silent>",
        f"<{__name__}.SilentToo>",
        {"user": "ada"},
        "ValueError: no route to postgres://app:***@db/x",
    ]
    assert "s3cret" not in json.dumps(server.received())


class Parent(pydantic.BaseModel):
    name: str
    children: list[Child] = []


class Child(pydantic.BaseModel):
    name: str
    parent: Parent | None = None


def test_a_back_reference_costs_only_itself(server: Server, agent: hiveloop.Agent) -> None:
    parent = Parent(name="p")
    parent.children.append(Child.model_construct(name="c", parent=parent))
    assert sent(server, agent, parent) == {"name": "p", "children": [{"name": "c", "parent": "<cycle>"}]}


class Order(pydantic.BaseModel):
    number: int = 1
    broken: int = 2
    masked: str = "s3cret"

    @pydantic.field_serializer("broken")
    def break_down(self, value: int) -> int:
        raise RuntimeError("not today")

    @pydantic.field_serializer("masked")
    def mask(self, value: str) -> str:
        return "m***"


def test_a_field_whose_serializer_fails_costs_only_itself(server: Server, agent: hiveloop.Agent) -> None:
    shown = sent(server, agent, Order())
    assert shown == {"number": 1, "broken": "<value that cannot be shown>", "masked": "m***"}


def test_credentials_of_any_mapping_of_headers_are_masked(server: Server, agent: hiveloop.Agent) -> None:
    class CaseInsensitive(Mapping[str, str]):
        def __init__(self, **entries: str) -> None:
            self.entries = entries

        def __getitem__(self, name: str) -> str:
            return self.entries[name]

        def __iter__(self) -> Iterator[str]:
            return iter(self.entries)

        def __len__(self) -> int:
            return len(self.entries)

    shown = sent(server, agent, CaseInsensitive(Authorization="Bearer s3cret", accept="text/plain"))
    assert shown == {"Authorization": "***", "accept": "text/plain"}


def test_what_is_no_mapping_though_it_has_keys_is_shown_as_it_shows_itself(
    server: Server, agent: hiveloop.Agent
) -> None:
    element = xml.etree.ElementTree.fromstring("<item name='x'/>")
    assert "Element 'item'" in sent(server, agent, element)


def test_proxies_show_what_they_stand_for(server: Server, agent: hiveloop.Agent) -> None:
    target = {"user": "ada"}
    unbound: Any = werkzeug.local.LocalProxy(werkzeug.local.Local(), "nothing")
    values = [werkzeug.local.LocalProxy(lambda: target), wrapt.ObjectProxy([1, 2]), unbound]
    assert sent(server, agent, values) == [{"user": "ada"}, [1, 2], "<werkzeug.local.LocalProxy>"]


class Query:
    """What an object-relational mapper gives: it fetches when it is looked at."""

    def __init__(self) -> None:
        self.fetched = 0

    def __iter__(self) -> Iterator[int]:
        self.fetched += 1
        return iter([1])

    def __len__(self) -> int:
        self.fetched += 1
        return 1

    def __repr__(self) -> str:
        self.fetched += 1
        return "<Query [1]>"


def test_a_query_is_named_and_not_run(server: Server, agent: hiveloop.Agent) -> None:
    query = Query()
    assert sent(server, agent, query) == f"<{__name__}.Query>"
    assert query.fetched == 0


def test_a_query_within_what_python_shows_is_not_run(server: Server, agent: hiveloop.Agent) -> None:
    query = Query()
    held = [ValueError(query), KeyError("a", [query]), types.SimpleNamespace(q=query), functools.partial(print, query)]
    named = f"<{__name__}.Query>"
    assert sent(server, agent, held) == [
        f"ValueError: {named}",
        f"KeyError: ('a', ({named},))",
        "<types.SimpleNamespace>",
        "<functools.partial>",
    ]
    with pytest.raises(RuntimeError), agent.task("t"):
        raise RuntimeError(query) from LookupError({"query": query})
    assert sent(server, agent, ValueError(Child(name="c"))) == "ValueError: name='c' parent=None"
    payload = hiveloop.tool_payload(args={"rows": [query]}, result={"rows": (query,)})
    assert sent(server, agent, payload) == {"success": True, "args": {"rows": [named]}, "result": {"rows": [named]}}
    [failure] = server.events("task_failed")
    assert failure["payload"]["exception_message"].startswith(named)
    assert query.fetched == 0


@pytest.mark.parametrize("make", [lambda: b"x" * 50_000_000, lambda: "é" * 25_000_000, lambda: bytearray(50_000_000)])
def test_large_values_are_not_copied(agent: hiveloop.Agent, make: Any) -> None:
    value = make()
    agent.event("custom", {"value": "warm up"})
    before = resident_bytes()
    for _ in range(3):
        agent.event("custom", {"value": value})
    assert resident_bytes() - before < 5_000_000


def resident_bytes() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


def test_shared_children_are_looked_at_once(server: Server, agent: hiveloop.Agent) -> None:
    looked = collections.Counter[int]()

    @dataclass
    class Leaf:
        number: int

        def __getattribute__(self, name: str) -> Any:
            if name == "number":
                looked["number"] += 1  # type: ignore[index]
            return super().__getattribute__(name)

    leaves = [Leaf(number) for number in range(40)]
    rows = [{"row": number, "leaves": leaves} for number in range(10)]
    found = sent(server, agent, rows)
    assert found[9]["leaves"][39] == {"number": 39}
    assert sum(looked.values()) == 40


def test_passwords_of_addresses_are_masked_in_exceptions(server: Server, hb: hiveloop.HiveBoard) -> None:
    agent = hb.agent("worker", heartbeat_interval=0)
    with pytest.raises(ConnectionError), agent.task("t"), agent.track_context("a"):
        try:
            raise ValueError("no route to postgres://app:s3cret@db/x")
        except ValueError as error:
            raise ConnectionError("https://h/?token=s3cret failed") from error
    hiveloop.flush()
    assert "s3cret" not in json.dumps(server.received())
    payload = server.events("task_failed")[0]["payload"]
    assert payload["exception_message"].startswith("https://h/?token=*** failed")
    hiveloop.reset()
    agent = hiveloop.init(endpoint=server.url, api_key="hb_live_0", scrub_urls=False).agent("b", heartbeat_interval=0)
    agent.start_task("t").fail("redis://:open@h")
    hiveloop.flush()
    assert server.events("task_failed")[-1]["payload"]["exception_message"] == "redis://:open@h"


class Row:
    """As object-relational mappers have it: what was not loaded is fetched when it is asked for."""

    class _meta:
        db_table = "lead"

    fetched = 0

    def __init__(self, **loaded: object) -> None:
        self.__dict__.update(loaded)

    def __getattr__(self, name: str) -> object:
        type(self).fetched += 1
        return name

    def __repr__(self) -> str:
        return f"<Row {self.author}>"


def test_a_row_is_named_and_not_fetched(server: Server, agent: hiveloop.Agent) -> None:
    assert sent(server, agent, [Row(id=7, name="ada"), Row()]) == [f"<{__name__}.Row 7>", f"<{__name__}.Row>"]
    assert Row.fetched == 0


class Address(NamedTuple):
    host: str
    password: str

    def __repr__(self) -> str:
        return f"{self.host}:***"


class Headers(Mapping[str, str]):
    def __getitem__(self, key: str) -> str:
        return "s3cret" if key == "Authorization" else "text/plain"

    def __iter__(self) -> Iterator[str]:
        return iter(["Authorization", "Accept"])

    def __len__(self) -> int:
        return 2


class Engine:
    def __repr__(self) -> str:
        return "Engine(postgres://app:s3cret@db/x)"


class Site(pydantic.BaseModel):
    database: pydantic.PostgresDsn


def test_what_shows_itself_without_its_secrets_is_shown_so(server: Server, agent: hiveloop.Agent) -> None:
    site = Site(database="postgres://app:s3cret@db/x")  # type: ignore[arg-type]
    assert sent(server, agent, [Address("db", "s3cret"), Headers(), Engine(), site]) == [
        "<Address: db:***>",
        {"Authorization": "***", "Accept": "text/plain"},
        "<Engine: Engine(postgres://app:***@db/x)>",
        {"database": "postgres://app:***@db/x"},
    ]
    assert "s3cret" not in json.dumps(server.received())


class Token(str):
    def __repr__(self) -> str:
        return "Token(***)"


class Pin(int):
    def __repr__(self) -> str:
        return "Pin(***)"


class Raw(bytes):
    def __repr__(self) -> str:
        return "Raw(***)"


class Tokens(list[str]):
    def __repr__(self) -> str:
        return f"Tokens({len(self)})"


class Options(dict[str, str]):
    def __repr__(self) -> str:
        return repr({name: "***" if name == "password" else value for name, value in self.items() if name != "key"})


@dataclass
class Login:
    user: str
    password: str

    def __repr__(self) -> str:
        return f"Login({self.user})"


@attrs.define(repr=False)
class Visit:
    user: str
    token: str

    def __repr__(self) -> str:
        return f"Visit({self.user})"


class Member(pydantic.BaseModel):
    user: str
    password: str

    def __repr_args__(self) -> Any:
        return [("user", self.user)]


class Dumped(pydantic.BaseModel):
    user: str
    password: str

    def model_dump(self, **_: Any) -> dict[str, Any]:
        return {"user": self.user, "password": "***"}


class LeftOut(pydantic.BaseModel):
    user: str
    password: str = pydantic.Field(default="s3cret", exclude_if=lambda value: True)


@pydantic.dataclasses.dataclass
class Checked:
    user: str
    password: str = pydantic.Field(default="s3cret", exclude=True)


@dataclass
class Honest:
    user: str
    flag: bool = True
    tags: tuple[str, ...] = ("a", "b")

    def __repr__(self) -> str:
        return f"<{self.user} with {self.tags}>"


class Marked(str):
    """As text is that need not be escaped."""

    def __repr__(self) -> str:
        return f"Marked({super().__repr__()})"


def test_what_a_repr_of_its_own_leaves_out_stays_in_the_process(server: Server, agent: hiveloop.Agent) -> None:
    values = [
        (Token("s3cret"), "<Token: Token(***)>"),
        (Pin(471147114711), "<Pin: Pin(***)>"),
        (Raw(b"s3cret"), "<Raw: Raw(***)>"),
        (Tokens(["s3cret"]), "<Tokens: Tokens(1)>"),
        (Options(user="ada", password="s3cret", key="s3cret"), {"user": "ada", "password": "***"}),
        (Login("ada", "s3cret"), {"user": "ada"}),
        (Visit("ada", "s3cret"), {"user": "ada"}),
        (Member(user="ada", password="s3cret"), {"user": "ada"}),
        (Dumped(user="ada", password="s3cret"), {"user": "ada", "password": "***"}),
        (LeftOut(user="ada"), {"user": "ada"}),
        (Checked("ada"), {"user": "ada"}),
        ({Token("s3cret"): 1, (1, Token("s3cret")): 2}, {"<Token: Token(***)>": 1, "(1, <Token: Token(***)>)": 2}),
        (Honest("ada"), {"user": "ada", "flag": True, "tags": ["a", "b"]}),
        (Marked("a 'b'\n"), "a 'b'\n"),
    ]
    assert sent(server, agent, [value for value, _ in values]) == [expected for _, expected in values]
    assert "s3cret" not in json.dumps(server.received())
    assert "471147114711" not in json.dumps(server.received())


def test_a_lazy_object_is_not_fetched_to_be_shown(server: Server, agent: hiveloop.Agent) -> None:
    fetched = []

    def fetch() -> Any:
        fetched.append(1)
        return {"x": 1}

    class Simple:
        """As Django's are: what they stand for is a marker until it is first asked for."""

        _wrapped: Any = None

        def __init__(self) -> None:
            self.__dict__["_wrapped"] = object()

        @property
        def __class__(self) -> Any:  # type: ignore[override]
            return type(fetch())

    lazy: Any = wrapt.LazyObjectProxy(fetch)
    names = [f"<{type(lazy).__module__}.LazyObjectProxy>", f"<{__name__}.{Simple.__qualname__}>"]
    assert (sent(server, agent, [lazy, Simple()]), fetched) == (names, [])
    assert lazy["x"] == 1
    assert sent(server, agent, lazy) == {"x": 1}


class LongText(str):
    pass


@pytest.mark.parametrize(
    "value",
    [memoryview(array.array("d", bytes(40_000_000))), LongText("é" * 20_000_000)],
    ids=["figures", "a text of one's own"],
)
def test_large_values_of_other_kinds_are_not_copied(agent: hiveloop.Agent, value: Any) -> None:
    agent.event("custom", {"value": "warm up"})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    agent.event("custom", {"value": value})
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 5_000
