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
    fields = kind.model_fields
    hidden = {name for name, field in fields.items() if field.repr is False or field.exclude}
    decorators = getattr(kind, "__pydantic_decorators__", None)
    if getattr(decorators, "model_serializers", None):
        # The class has a form of its own, which may be there to mask something.
        return _dumped(value, exclude=hidden)
    given = {name: getattr(value, name, None) for name in fields if name not in hidden}
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
    dumped = value.model_dump(**choice)
    return dict(dumped) if isinstance(dumped, dict) else {"value": dumped}
