"""Examples in the documentation run, and the stub says what the native half has."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import pkgutil
from pathlib import Path
from typing import Any

import pytest
from conftest import Server

import hiveloop
from hiveloop import _native

PACKAGE = Path(hiveloop.__file__).parent
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages([str(PACKAGE)], "hiveloop.")
    if not module.name.startswith(("hiveloop._native", "hiveloop.integrations"))
)


@pytest.mark.parametrize("name", ["hiveloop", *MODULES])
def test_examples(name: str, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIVELOOP_ENDPOINT", server.url)
    module = importlib.import_module(name)
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    parser = doctest.DocTestFinder(exclude_empty=True)
    for example in parser.find(module, name, extraglobs={"hiveloop": hiveloop}):
        result = doctest.DocTestRunner(optionflags=flags).run(example, clear_globs=False)
        assert result.failed == 0, example.name
        hiveloop.reset()


def stub_examples() -> list[tuple[str, str]]:
    """Every docstring of the stub with an example in it."""
    tree = ast.parse((PACKAGE / "_native.pyi").read_text())
    found = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            text = ast.get_docstring(node)
            if text and ">>>" in text:
                found.append((f"{node.name}:{node.lineno}", text))
    return found


@pytest.mark.parametrize(("name", "text"), stub_examples(), ids=[name for name, _ in stub_examples()])
def test_examples_of_the_stub(name: str, text: str, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIVELOOP_ENDPOINT", server.url)
    example = doctest.DocTestParser().get_doctest(text, {"hiveloop": hiveloop}, name, "_native.pyi", 0)
    assert example.examples
    assert doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(example).failed == 0


def stub_members() -> dict[str, set[str]]:
    tree = ast.parse((PACKAGE / "_native.pyi").read_text())
    members: dict[str, set[str]] = {"": set()}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            members[node.name] = {
                item.name for item in node.body if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef))
            }
        elif isinstance(node, ast.FunctionDef):
            members[""].add(node.name)
    return members


def test_the_stub_is_complete() -> None:
    stubs = stub_members()
    for name, value in vars(_native).items():
        if inspect.isclass(value):
            special = ("__enter__", "__exit__", "__aenter__", "__aexit__")
            public = {member for member in vars(value) if not member.startswith("__") or member in special}
            assert public == {member for member in stubs[name] if member != "__init__" and member != "__new__"}, name
        elif callable(value):
            assert name in stubs[""], name


def parameters(function: Any) -> set[str]:
    return set(inspect.signature(function).parameters)


def test_the_stub_has_the_parameters_of_the_native_half() -> None:
    tree = ast.parse((PACKAGE / "_native.pyi").read_text())
    for node in tree.body:
        if not isinstance(node, ast.ClassDef):
            continue
        for item in node.body:
            if not isinstance(item, ast.FunctionDef) or item.name.startswith("__") or item.decorator_list:
                continue
            arguments = item.args
            stub = {argument.arg for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
            stub |= {argument.arg for argument in (arguments.vararg, arguments.kwarg) if argument}
            native = parameters(getattr(getattr(_native, node.name), item.name))
            assert stub == native, f"{node.name}.{item.name}"


def test_every_public_thing_is_documented() -> None:
    for name in hiveloop.__all__:
        value = getattr(hiveloop, name)
        if name != "__version__":
            assert inspect.getdoc(value), name
    for owner in (_native.Agent, _native.Task, _native.Action):
        for name, value in vars(owner).items():
            if not name.startswith("_") and callable(value):
                assert inspect.getdoc(value), f"{owner.__name__}.{name}"
