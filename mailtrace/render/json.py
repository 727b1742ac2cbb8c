"""JSON (RFC 8259) and its JSON Schema (2020-12), both from the records reachable from the reports.

The types are the format: msgspec takes them apart and derives the schema. What it cannot say is put right here: a lone
surrogate is U+FFFD (RFC 8259 §8.1 wants UTF-8), times are in UTC, and characters that could steer a terminal are
written as JSON escapes, so that a report may be looked at as it is.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from mailtrace.patterns import lazy

if TYPE_CHECKING:
    from mailtrace.delivery.answer import FindReport
    from mailtrace.delivery.forced.report import ForcedTLSReport
    from mailtrace.report import ErrorReport, Report

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
