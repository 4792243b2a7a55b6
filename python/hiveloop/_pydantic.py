"""Models of pydantic, field by field: a dump of the whole would fail at the first value it has no form for."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_SERIALIZERS = ("PlainSerializer", "WrapSerializer")


def fields_of(value: Any, kind: Any) -> dict[str, Any]:
    """Give the fields of a model as it would dump them, without those it hides.

    Args:
        value: The model.
        kind: Its class.

    Returns:
        The fields by name; nested models are left as they are.
    """
    from hiveloop._plain import fields_by_name

    fields = kind.model_fields
    hidden = {name for name, field in fields.items() if field.repr is False or field.exclude}
    decorators = getattr(kind, "__pydantic_decorators__", None)
    dump = getattr(kind.model_dump, "__code__", None)
    if dump is not None and "pydantic" not in dump.co_filename:
        # The class dumps itself in a way of its own, which may be there to mask something.
        dumped = _ask(kind, lambda: _mapping(value.model_dump()))
        return {name: given for name, given in _mapping(dumped).items() if name not in hidden}
    if getattr(decorators, "model_serializers", None):
        # The class has a form of its own, which may be there to mask something.
        return _mapping(_ask(kind, lambda: _dumped(value, hidden)))
    given: Any = fields_by_name(value, kind, [name for name in fields if name not in hidden])
    if not isinstance(given, dict):
        return {"value": given}
    for name, field in fields.items():
        is_left_out = getattr(field, "exclude_if", None)
        if callable(is_left_out) and name in given and _is_left_out(kind, is_left_out, given[name]):
            del given[name]
    given.update(getattr(value, "model_extra", None) or {})
    own_form = {
        name
        for serializer in getattr(decorators, "field_serializers", {}).values()
        for name in (fields if "*" in serializer.info.fields else serializer.info.fields)
    }
    own_form |= {
        name for name, field in fields.items() if any(type(extra).__name__ in _SERIALIZERS for extra in field.metadata)
    }
    own_form |= {name for name in fields if _writes_itself(type(given.get(name)))}
    own_form -= hidden
    if own_form:
        given.update(_in_own_form(value, kind, own_form))
    return given


def _writes_itself(kind: Any) -> bool:
    """Tell whether a class of the program's, which is no model, says how pydantic is to write its values."""
    give = getattr(getattr(kind, "__get_pydantic_core_schema__", None), "__code__", None)
    return give is not None and "pydantic" not in give.co_filename and not hasattr(kind, "model_fields")


def _in_own_form(value: Any, kind: Any, names: set[str]) -> dict[str, Any]:
    """Give fields as the class's own serializers write them for JSON. One that fails costs its own field."""
    try:
        dumped = _ask(kind, lambda: value.model_dump(mode="json", include=names))
    except Exception:
        if len(names) == 1:
            return dict.fromkeys(names, "<value that cannot be shown>")
        return {name: form for one in names for name, form in _in_own_form(value, kind, {one}).items()}
    return dumped if isinstance(dumped, dict) else dict.fromkeys(names, dumped)


def _dumped(value: Any, hidden: set[str]) -> Any:
    try:
        return value.model_dump(mode="json", exclude=hidden)
    except Exception:  # something in it has no form in JSON
        return value.model_dump(exclude=hidden)


def _is_left_out(kind: Any, is_left_out: Callable[[Any], bool], value: Any) -> bool:
    try:
        return _ask(kind, lambda: bool(is_left_out(value))) is not False
    except Exception:
        return True


def _ask(kind: Any, question: Callable[[], Any]) -> Any:
    """Run code of the program's, within bounds; what took too long is named by its class."""
    from hiveloop._plain import ask_for

    return ask_for(kind, question)


def _mapping(dumped: Any) -> dict[str, Any]:
    return dict(dumped) if isinstance(dumped, dict) else {"value": dumped}
