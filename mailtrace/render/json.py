"""JSON (RFC 8259) and its JSON Schema (2020-12), both from the records reachable from the reports.

The types are the format: msgspec takes them apart and derives the schema. What it cannot say is put right here: a lone
surrogate is U+FFFD (RFC 8259 §8.1 wants UTF-8), times are in UTC, and characters that could steer a terminal are
written as JSON escapes, so that a report may be looked at as it is.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from inspect import cleandoc
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import msgspec

from mailtrace.patterns import lazy
from mailtrace.records import Struct
from mailtrace.report import ErrorReport, Report

if TYPE_CHECKING:
    from mailtrace.delivery.answer import FindReport
    from mailtrace.delivery.forced.report import ForcedTLSReport

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

_SURROGATE = lazy("[\ud800-\udfff]")
_UNUSUAL = re.compile(r"[^ -~\n]")
# A time in another zone, or in none.
_NOT_UTC = re.compile(rb'"\d{4}-\d\d-\d\dT[\d:.]{8,15}(?:[+-]\d\d:\d\d)?"')


def dumps(report: "Report | ErrorReport | FindReport | ForcedTLSReport", *, indent: int | None = None) -> str:
    """Write a report as JSON: on one line, or indented. No line end at the end."""
    encoded = _encoded(report)
    if indent is not None:
        encoded = msgspec.json.format(encoded, indent=indent)
    return _UNUSUAL.sub(_as_escape, encoded.decode())


def _encoded(report: "Report | ErrorReport | FindReport | ForcedTLSReport") -> bytes:
    """Encode a report: in one go if nothing in it has to be put right, which is nearly always so."""
    with suppress(UnicodeEncodeError):  # it holds a lone surrogate
        encoded = msgspec.json.encode(report)
        if _NOT_UTC.search(encoded) is None:
            return encoded
    return msgspec.json.encode(builtins(report))


def builtins(report: "Report | ErrorReport | FindReport | ForcedTLSReport") -> dict[str, Any]:
    """Turn a report into dicts, lists, strings and numbers, as its JSON has them."""
    document: dict[str, Any] = _plain(msgspec.to_builtins(report, builtin_types=(datetime,)))
    return document


def _plain(value: Any) -> Any:
    """Walk the tree, which is as deep as the types and no deeper."""
    if isinstance(value, str):
        return value if value.isascii() else _SURROGATE.sub("\ufffd", value)
    if isinstance(value, Mapping):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return _instant(value) if isinstance(value, datetime) else value


def _instant(time: datetime) -> str:
    """RFC 3339 §5.6 in UTC, with `Z`."""
    utc = time.astimezone(UTC) if time.tzinfo else time
    return utc.replace(tzinfo=None).isoformat() + "Z"


def _as_escape(match: re.Match[str]) -> str:
    char = match[0]
    if char.isprintable():
        return char
    # RFC 8259 §7: beyond the basic plane a pair of surrogates.
    units = char.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


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
