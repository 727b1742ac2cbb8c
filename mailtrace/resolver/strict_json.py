"""One JSON object, all of whose members have names of their own."""

from typing import Any

from mailtrace.errors import RecordingError
from mailtrace.records import from_json, to_json


def read_json(text: str) -> dict[str, Any]:
    """Decode it. Raises RecordingError if it is none."""
    recording = _decoded(text)
    if not isinstance(recording, dict):
        raise RecordingError("not a DNS recording: not an object")
    return recording


def _decoded(text: str) -> Any:
    """Decode with msgspec, many times as fast as the standard library, which takes over where anything is wrong."""
    try:
        decoded = from_json(text)
        # A name that stands twice takes the place of its first value: quotation marks are lost with that.
        if text.count('"') == to_json(decoded).count(b'"') and "\\u0022" not in text:
            return decoded
    except (ValueError, RecursionError):
        pass
    return _decoded_strictly(text)


def _decoded_strictly(text: str) -> Any:
    """Decode; what is wrong is named with its place."""
    import json  # noqa: PLC0415 - slow to import, and seldom needed

    try:
        return json.loads(text, object_pairs_hook=_no_duplicates)
    except (ValueError, RecursionError) as fault:
        raise RecordingError(f"not a DNS recording: {fault}") from fault


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise RecordingError(f"recording: {shown(twice)} stands twice in one object")
    return members


def shown(value: Any) -> str:
    """Show a value on one line, cut short: a recording may come from anybody."""
    text = ascii(value[:80] if isinstance(value, str) else value)
    return text if len(text) <= 100 else text[:100] + "..."
