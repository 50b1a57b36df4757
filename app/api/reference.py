"""The API's description as a page can show it: endpoints, and the fields of what goes in and out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PREFIX = "#/components/schemas/"


@dataclass(frozen=True)
class Field:
    """One field of a JSON object."""

    name: str
    kind: str
    is_required: bool
    description: str


@dataclass(frozen=True)
class Shape:
    """A JSON object that endpoints take or give."""

    name: str
    description: str
    fields: list[Field]

    @property
    def anchor(self) -> str:
        """Its place on the page."""
        return anchor(self.name)


@dataclass(frozen=True)
class Answer:
    """One possible answer of an endpoint."""

    status: str
    description: str
    shape: str | None


@dataclass(frozen=True)
class Endpoint:
    """One deed that a machine can ask for."""

    method: str
    path: str
    summary: str
    description: str
    needs: list[str]
    body: str | None
    answers: list[Answer]


def anchor(name: str) -> str:
    """A shape's place on the page."""
    return "shape-" + name.replace(".", "-")


def endpoints_of(spec: dict[str, Any]) -> list[Endpoint]:
    """Every endpoint, in the order of the description."""
    return [
        _endpoint(method, path, operation)
        for path, operations in spec["paths"].items()
        for method, operation in operations.items()
    ]


def shapes_of(spec: dict[str, Any]) -> list[Shape]:
    """Every JSON object that is described by a name, without those that are mere lists of words."""
    return [
        Shape(name, _plain(schema.get("description", "")), _fields(schema))
        for name, schema in spec["components"]["schemas"].items()
        if "properties" in schema
    ]


def _endpoint(method: str, path: str, operation: dict[str, Any]) -> Endpoint:
    body = operation.get("requestBody", {}).get("content", {})
    return Endpoint(
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        description=_plain(operation.get("description", "")),
        needs=[name for choice in operation.get("security", []) for name in choice],
        body=_shape_in(body),
        answers=[
            Answer(status, _plain(response["description"]), _shape_in(response.get("content", {})))
            for status, response in sorted(operation["responses"].items())
        ],
    )


def _shape_in(content: dict[str, Any]) -> str | None:
    for part in content.values():
        reference: str = part.get("schema", {}).get("$ref", "")
        if reference:
            return reference.removeprefix(PREFIX)
    return None


def _fields(schema: dict[str, Any]) -> list[Field]:
    required = schema.get("required", [])
    return [
        Field(name, _kind(part), name in required, _plain(part.get("description", "")))
        for name, part in schema["properties"].items()
    ]


def _kind(schema: dict[str, Any]) -> str:
    """A schema in a few words, such as "list of PersonOut" or "string or null"."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(PREFIX).rpartition(".")[2]
    if "anyOf" in schema:
        return " or ".join(_kind(part) for part in schema["anyOf"])
    if "const" in schema:
        return f'"{schema["const"]}"'
    if "enum" in schema:
        return " | ".join(f'"{choice}"' for choice in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_kind(schema['additionalProperties'])}"
    if "properties" in schema:
        return str(schema.get("title", "object"))
    name = str(schema.get("format") or schema.get("type") or "anything")
    return {"date-time": "instant"}.get(name, name)


def _plain(text: str) -> str:
    return " ".join(text.replace("`", "").split())
