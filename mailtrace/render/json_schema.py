"""The JSON Schema of what a command prints, derived from the records that it prints."""

from datetime import datetime
from inspect import cleandoc
from typing import Any, get_args, get_type_hints

import msgspec

from mailtrace.records import Struct
from mailtrace.report import ErrorReport, Report

DIALECT = "https://json-schema.org/draft/2020-12/schema"

CLOSED = frozenset(
    {
        "ARCResult",
        "Authenticity",
        "Basis",
        "Comparison",
        "DKIMResult",
        "DMARCPolicy",
        "DMARCResult",
        "EventKind",
        "EvidenceClass",
        "ForcedAnswer",
        "JoinedBy",
        "Outcome",
        "ForcedPolicy",
        "SPFResult",
        "Security",
        "Standing",
        "TransportAnswer",
    }
)
"""Vocabularies to which no word is ever added within a schema version; every other one is open."""


def _printed(command: str) -> tuple[tuple[Any, ...], str]:
    """Return what a command prints, and what that is. What `analyze` does not print is not imported for it."""
    if command == "find":
        from mailtrace.delivery.answer import FindReport  # noqa: PLC0415

        return (FindReport,), "What became of a message, for each recipient. Fields may be added."
    if command == "forced-tls":
        from mailtrace.delivery.forced.report import ForcedTLSReport  # noqa: PLC0415

        described = "The transfers to listed domains that were in clear, not verified, or cannot be decided."
        return (ForcedTLSReport,), f"{described} Fields may be added."
    described = "The report on one message; or, with `error`, why there is none. Fields may be added."
    return (Report, ErrorReport), described


_TITLES = {"forced-tls": "find --forced-tls"}


def schema(command: str = "analyze") -> dict[str, Any]:
    """Derive the JSON Schema of everything that a command prints."""
    kinds, description = _printed(command)
    references, components = msgspec.json.schema_components(kinds, ref_template="#/$defs/{name}")
    moments = _moments(kinds)
    return {
        "$schema": DIALECT,
        "title": f"mailtrace {_TITLES.get(command, command)}",
        "description": description,
        **({"anyOf": list(references)} if len(references) > 1 else references[0]),
        "$defs": {name: _definition(name, _described(components[name]), moments) for name in sorted(components)},
    }


def _described(definition: dict[str, Any]) -> dict[str, Any]:
    """Take the indentation out of a description: Python 3.13 keeps docstrings without it, those before do not."""
    if "description" not in definition:
        return definition
    return {**definition, "description": cleandoc(definition["description"])}


def _definition(name: str, definition: dict[str, Any], moments: frozenset[tuple[str, str]]) -> dict[str, Any]:
    if "enum" in definition and name not in CLOSED:
        return {"title": name, "type": "string", "examples": definition["enum"]}
    if "properties" not in definition:
        return definition
    properties = {
        field: _property(detail, (name, field) in moments) for field, detail in definition["properties"].items()
    }
    # Nothing is ever left out of a report: absent is null.
    return {**definition, "properties": properties, "required": list(properties)}


def _property(detail: dict[str, Any], is_moment: bool) -> dict[str, Any]:
    kept = {key: value for key, value in detail.items() if key != "default"}
    if not is_moment:
        return kept
    return {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]}


def _moments(kinds: tuple[Any, ...]) -> frozenset[tuple[str, str]]:
    """Find the fields that hold a time, by class and name: the schema knows them only as strings."""
    found: set[tuple[str, str]] = set()
    waiting: list[Any] = list(kinds)
    seen: set[Any] = set()
    while waiting:
        kind = waiting.pop()
        if kind in seen:
            continue
        seen.add(kind)
        if not (isinstance(kind, type) and issubclass(kind, Struct)):
            waiting.extend(get_args(kind))
            continue
        for name, hint in get_type_hints(kind).items():
            waiting.append(hint)
            if datetime in (hint, *get_args(hint)):
                found.add((str(getattr(kind, "__name__", kind)), name))
    return frozenset(found)
