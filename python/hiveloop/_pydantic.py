"""Models of pydantic, field by field: a dump of the whole would fail at the first value it has no form for."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
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
        return {name: given for name, given in _mapping(value.model_dump()).items() if name not in hidden}
    if getattr(decorators, "model_serializers", None):
        # The class has a form of its own, which may be there to mask something.
        return _dumped(value, exclude=hidden)
    given: Any = fields_by_name(value, kind, [name for name in fields if name not in hidden])
    if not isinstance(given, dict):
        return {"value": given}
    for name, field in fields.items():
        is_left_out = getattr(field, "exclude_if", None)
        if callable(is_left_out) and name in given and is_left_out(given[name]):
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
    own_form -= hidden
    if own_form:
        given.update(_dumped(value, include=own_form))
    return given


def _dumped(value: Any, **choice: set[str]) -> dict[str, Any]:
    return _mapping(value.model_dump(**choice))


def _mapping(dumped: Any) -> dict[str, Any]:
    return dict(dumped) if isinstance(dumped, dict) else {"value": dumped}
