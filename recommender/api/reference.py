"""Turn the API's OpenAPI description into what its page shows: no scripts, and no other host's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Described = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Value:
    """A parameter, or a field of an answer."""

    name: str
    kind: str
    about: str
    is_needed: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    anchor: str
    path: str
    summary: str
    parameters: list[Value]
    answer: str  # the name of its shape


@dataclass(frozen=True, slots=True)
class Shape:
    name: str
    about: str
    values: list[Value]


def operations(described: Described) -> list[Operation]:
    return [_operation(path, one["get"]) for path, one in described["paths"].items()]


def shapes(described: Described) -> list[Shape]:
    """Return the kinds of objects in answers; those of cursors and choices are no objects."""
    schemas = described["components"]["schemas"].items()
    return [_shape(name, schema) for name, schema in schemas if schema["type"] == "object"]


def _operation(path: str, one: Described) -> Operation:
    answer = one["responses"][200]["content"]["application/json"]["schema"]
    parameters = [_parameter(parameter) for parameter in one["parameters"]]
    return Operation(one["operationId"], path, one["summary"], parameters, _kind(answer))


def _parameter(one: Described) -> Value:
    schema = one["schema"]
    return Value(one["name"], _bounded(schema), schema.get("description", ""), bool(one.get("required")))


def _shape(name: str, schema: Described) -> Shape:
    values = [Value(key, _kind(one), one.get("description", "")) for key, one in schema["properties"].items()]
    return Shape(name, schema.get("description", ""), values)


def _bounded(schema: Described) -> str:
    """Return the kind of a parameter with what it is when it is left out."""
    default = schema.get("default")
    return _kind(schema).removesuffix(" or null") + (f", else {default}" if default else "")


def _kind(schema: Described) -> str:
    """Return 'list of Paper', 'text', 'number or null' and the like."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    for several in ("anyOf", "allOf"):
        if several in schema:
            return " or ".join(map(_kind, schema[several]))
    if "enum" in schema:
        return " or ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}"
    return NAMES.get(schema.get("format", "") or schema.get("type", ""), "anything")


NAMES = {
    "string": "text",
    "integer": "number",
    "number": "number",
    "boolean": "true or false",
    "null": "null",
    "date": "day",
    "date-time": "moment",
}
