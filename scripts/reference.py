"""Writes docs/client-reference.md from the Python client's own signatures and docstrings.

    python scripts/reference.py            # writes it
    python scripts/reference.py --check    # fails if it is not current

Reads the sources, not the installed package: nothing has to be built. The native half is described by its stub.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "python" / "hiveloop"
PAGE = ROOT / "docs" / "client-reference.md"
SECTIONS = ("Args", "Returns", "Raises")
MODULES = ("_client.py", "_context.py", "_tools.py", "integrations/_auto.py")
OPENING = """# The Python client, call by call

Made from the package's own signatures and docstrings by `scripts/reference.py`; a test says when it is not current.

Times are in seconds unless a name says otherwise (`duration_ms`). Arguments named `*more` and `**unknown` are logged under the name
`hiveloop` and ignored. Nothing but `hiveloop.init` raises an error of its own; exceptions of your code are recorded and go on.
"""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def main() -> int:
    """Writes or checks the page; returns the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true", help="only say whether the page is current")
    options = parser.parse_args()
    text = page()
    if options.check:
        current = PAGE.exists() and PAGE.read_text() == text
        print(f"{PAGE.relative_to(ROOT)} is {'current' if current else 'not current: run scripts/reference.py'}")
        return 0 if current else 1
    PAGE.write_text(text)
    return 0


def page() -> str:
    """The whole page."""
    stub = read("_native.pyi")
    functions = {node.name: node for name in MODULES for node in functions_of(read(name))}
    functions |= {node.name: node for node in functions_of(stub)}
    classes = {node.name: node for node in stub.body if isinstance(node, ast.ClassDef)}
    own = {"HiveBoard": class_of("_client.py", "HiveBoard"), "Agent": class_of("_agent.py", "Agent")}
    parts = [OPENING, "## Functions\n"]
    public = public_names()
    parts += [describe("hiveloop.", functions[name]) for name in public if name in functions]
    for name in ("HiveBoard", "Agent", "Task", "Action"):
        made_of = [node for node in (classes.get(name), own.get(name)) if node is not None]
        parts += [f"## {name}\n", ast.get_docstring(made_of[-1]) or "", ""]
        parts += [describe(f"{name}.", node) for node in members(made_of)]
    parts += ["## Errors\n"]
    for node in read("_errors.py").body:
        if isinstance(node, ast.ClassDef):
            parts += [f"### `{node.name}({', '.join(map(ast.unparse, node.bases))})`\n", prose(docstring(node)), ""]
    parts += ["## Beside the core\n"]
    handler = class_of("contrib/log_handler.py", "HiveBoardLogHandler")
    starts = next(node for node in functions_of(handler) if node.name == "__init__")
    parts += [signature("hiveloop.contrib.log_handler.", handler.name, starts), body(docstring(handler))]
    errors = {node.name for node in read("_errors.py").body if isinstance(node, ast.ClassDef)}
    missing = set(public) - set(functions) - set(own) - set(classes) - errors
    assert missing == {"__version__", "SDK_VERSION"}, f"public, but nowhere described: {missing}"
    parts += ["## `hiveloop.__version__`\n", "The package's version, which is also its wheel's and its Rust core's.\n"]
    parts += ["## `hiveloop.SDK_VERSION`\n", "What the server is told: `hiveloop-` and the version.\n"]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(parts)).rstrip() + "\n"


def read(name: str) -> ast.Module:
    """A source file of the package."""
    return ast.parse((PACKAGE / name).read_text())


def class_of(module: str, name: str) -> ast.ClassDef:
    """A class of a module."""
    return next(node for node in read(module).body if isinstance(node, ast.ClassDef) and node.name == name)


def functions_of(owner: ast.Module | ast.ClassDef) -> list[Function]:
    """The functions that stand directly in a module or class."""
    return [node for node in owner.body if isinstance(node, Function)]


def public_names() -> list[str]:
    """The names that `hiveloop` exports."""
    for node in read("__init__.py").body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            names: list[str] = ast.literal_eval(node.value)
            return names
    raise AssertionError("hiveloop has no __all__")


def members(made_of: list[ast.ClassDef]) -> list[Function]:
    """The documented methods and properties, in the order of the sources; of overloads, what carries the docstring."""
    return [
        node
        for owner in made_of
        for node in functions_of(owner)
        if not node.name.startswith("_") and ast.get_docstring(node)
    ]


def docstring(node: ast.ClassDef | Function) -> str:
    """The docstring, which everything public has."""
    text = ast.get_docstring(node)
    assert text, f"{node.name} has no docstring"
    return text


def describe(owner: str, node: Function) -> str:
    """A function, method or property as a section of its own."""
    if any(ast.unparse(decorator) == "property" for decorator in node.decorator_list):
        kind = f": {ast.unparse(node.returns)}" if node.returns else ""
        return f"### `{owner}{node.name}{kind}`\n\n{prose(docstring(node))}\n"
    return signature(owner, node.name, node) + body(docstring(node))


def signature(owner: str, name: str, node: Function) -> str:
    """A heading and the signature, a parameter a line where one line would be too long."""
    given = parameters(node.args)
    # What a class gives is itself.
    returns = f" -> {ast.unparse(node.returns)}" if node.returns and node.name != "__init__" else ""
    line = f"{name}({', '.join(given)}){returns}"
    if len(line) > 100:
        line = f"{name}(\n" + "".join(f"    {one},\n" for one in given) + f"){returns}"
    return f"### `{owner}{name}`\n\n```python signature\n{line}\n```\n\n"


def parameters(arguments: ast.arguments) -> list[str]:
    """The parameters as one writes them, `self` left out."""
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    written = [parameter(one, default) for one, default in zip(positional, defaults, strict=True) if one.arg != "self"]
    if arguments.vararg:
        written.append(f"*{parameter(arguments.vararg, None)}")
    elif arguments.kwonlyargs:
        written.append("*")
    written += map(parameter, arguments.kwonlyargs, arguments.kw_defaults)
    if arguments.kwarg:
        written.append(f"**{parameter(arguments.kwarg, None)}")
    return written


def parameter(argument: ast.arg, default: ast.expr | None) -> str:
    """One parameter with its type and its default."""
    kind = f": {ast.unparse(argument.annotation)}" if argument.annotation else ""
    return f"{argument.arg}{kind}" + (f" = {ast.unparse(default)}" if default else "")


def body(text: str) -> str:
    """A docstring as Markdown: prose, a table of arguments, what is returned and raised, the example."""
    text, _, example = text.partition("\n>>> ")
    parts = re.split(rf"^({'|'.join(SECTIONS)}):$", text, flags=re.MULTILINE)
    out = [prose(parts[0])]
    for title, content in zip(parts[1::2], parts[2::2], strict=True):
        entries = inspect.cleandoc(content)
        if title == "Returns":
            out.append(f"**Returns** {prose(entries)}")
        elif title == "Args":
            out.append(
                "| argument | |\n|---|---|\n" + "\n".join(f"| `{name}` | {said} |" for name, said in pairs(entries))
            )
        else:
            out.append("\n".join(f"**Raises** `{name}`: {said}" for name, said in pairs(entries)))
    if example:
        out.append(f"```python\n>>> {example.strip()}\n```")
    return "\n\n".join(out) + "\n"


def pairs(entries: str) -> list[tuple[str, str]]:
    """`name: description` entries, whose descriptions may go on in indented lines."""
    found = re.findall(r"^(\S+): (.*(?:\n +.*)*)", entries, flags=re.MULTILINE)
    return [(name, prose(said).replace("|", "\\|")) for name, said in found]


def prose(text: str) -> str:
    """Running text: lines joined within paragraphs, ``code`` as Markdown writes it."""
    paragraphs = [" ".join(paragraph.split()) for paragraph in text.strip().split("\n\n")]
    return "\n\n".join(paragraphs).replace("``", "`")


if __name__ == "__main__":
    sys.exit(main())
