"""DKIM keys from elsewhere than DNS: old ones that a rotation took away, kept by an archive, a log or a recording.

    {"mailtrace_keys": 1,
     "keys": [{"domain": "example.com", "selector": "s1", "record": "v=DKIM1; k=rsa; p=MIIB...",
               "source": "the archive at keys.example.net", "first_seen": "2023-01-01T00:00:00Z",
               "last_seen": "2024-06-30T00:00:00Z"}]}

`seen` alone stands for both times. A DNS recording or an RFC 1035 zone file is read too: its TXT records under
`_domainkey` are keys that were seen when it was recorded. An archive is never asked for anything but keys, and what it
lacks is not recorded, whatever the file says of other names: it cannot show that a key did not exist.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from mailtrace.digests import sha256
from mailtrace.errors import RecordingError
from mailtrace.names.domain import a_labels
from mailtrace.records import Struct
from mailtrace.resolver import Answer, Outcome, Question, RRType, bad_name, canonical
from mailtrace.resolver.recorded import RecordedResolver
from mailtrace.resolver.recording_format import (
    MAX_SIZE,
    Recording,
    read_recording,
    read_text,
    read_txt,
)
from mailtrace.resolver.strict_json import read_json, shown

if TYPE_CHECKING:
    from pathlib import Path

_PLACE = "._domainkey."
"""What stands between selector and domain in a key's name (RFC 6376 §3.6.2.1)."""
_MEMBERS = frozenset({"domain", "selector", "record", "source", "seen", "first_seen", "last_seen"})


class KeyOrigin(Struct, frozen=True, kw_only=True):
    """Where a key that is not from DNS was found, by the word of whoever made the file. None: it does not say."""

    source: str | None
    first_seen: datetime | None
    """UTC."""
    last_seen: datetime | None


class KeyArchive(RecordedResolver):
    """Keys by name, and where each of them is from."""

    def __init__(self, origins: Mapping[tuple[str, str], KeyOrigin], *, sha256: str | None = None) -> None:
        """Take the origin of each key by the key's name and record."""
        records: dict[str, list[str]] = {}
        for name, record in origins:
            records.setdefault(name, []).append(record)
        super().__init__({Question(name, RRType.TXT): _answer(name, texts) for name, texts in records.items()})
        self._origins = dict(origins)
        self.sha256 = sha256
        """Of the file that they were read from."""

    def origin(self, name: str, record: str) -> KeyOrigin | None:
        """Return where this record of that name is from."""
        return self._origins.get((canonical(name), record))


def _answer(name: str, texts: list[str]) -> Answer:
    return Answer(name=name, rrtype=RRType.TXT, outcome=Outcome.ANSWER, records=tuple(sorted(texts)))


def load_keys(path: "str | Path") -> KeyArchive:
    """Read a file of keys, a DNS recording or a zone file.

    Raises RecordingError, naming the place, if it is none of them; OSError if it cannot be read at all.
    """
    with open(path, "rb") as file:  # noqa: PTH123 - pathlib is slow to import
        octets = file.read(MAX_SIZE + 1)
    if len(octets) > MAX_SIZE:
        raise RecordingError(f"{str(path)!r} is too large for a file of keys: more than {MAX_SIZE >> 20} MiB")
    try:
        return KeyArchive(read_keys(octets.decode("utf-8-sig")), sha256=sha256(octets).finalize().hex())
    except UnicodeDecodeError as fault:
        raise RecordingError(f"{str(path)!r} is not a file of keys: not UTF-8 text") from fault
    except RecordingError as fault:
        raise RecordingError(f"{str(path)!r}: {fault}") from fault


def read_keys(text: str) -> dict[tuple[str, str], KeyOrigin]:
    """Read the text of such a file: the origin of each key, by name and record. Raises RecordingError."""
    if text.lstrip()[:1] != "{":
        return dict(_of_recording(read_text(text)))
    members = read_json(text)
    if "mailtrace_keys" not in members:
        return dict(_of_recording(read_recording(members)))
    version = members["mailtrace_keys"]
    if type(version) is not int or version != 1:
        raise RecordingError(f"file of keys of an unknown version: {shown(version)}")
    entries = members.get("keys")
    if not isinstance(entries, list):
        raise RecordingError("file of keys without a list of keys")
    return dict(_of_entry(entry, number) for number, entry in enumerate(entries))


def _of_recording(recording: Recording) -> Iterator[tuple[tuple[str, str], KeyOrigin]]:
    seen = recording.recorded_at
    origin = KeyOrigin(source="a DNS recording", first_seen=seen, last_seen=seen)
    for question, answer in recording.answers.items():
        if question.rrtype is RRType.TXT and _PLACE in question.name:
            yield from (((question.name, record), origin) for record in answer.records)


def _of_entry(entry: Any, number: int) -> tuple[tuple[str, str], KeyOrigin]:
    place = f"key {number}"
    if not isinstance(entry, dict):
        raise RecordingError(f"{place} is not an object: {shown(entry)}")
    if unknown := sorted(set(entry) - _MEMBERS):
        raise RecordingError(f"{place} has a member that is none of a key: {shown(unknown[0])}")
    domain, selector, record = (_text(entry, member, place) for member in ("domain", "selector", "record"))
    if domain is None or selector is None or record is None:
        raise RecordingError(f"{place} lacks a domain, a selector or a record")
    name = canonical(f"{selector}{_PLACE}{a_labels(domain) or domain}")
    if why := bad_name(name):
        raise RecordingError(f"{place} is at no name that DNS could hold: {why}")
    seen = _time(entry, "seen", place)
    origin = KeyOrigin(
        source=_text(entry, "source", place),
        first_seen=_time(entry, "first_seen", place) or seen,
        last_seen=_time(entry, "last_seen", place) or seen,
    )
    return (name, read_txt(Question(name, RRType.TXT), record)), origin


def _text(entry: Mapping[str, Any], member: str, place: str) -> str | None:
    value = entry.get(member)
    if value is None or (isinstance(value, str) and value.strip()):
        return value
    raise RecordingError(f"{place}: {member} is not text: {shown(value)}")


def _time(entry: Mapping[str, Any], member: str, place: str) -> datetime | None:
    """Read an RFC 3339 time, or a day alone."""
    value = _text(entry, member, place)
    if value is None:
        return None
    try:
        time = datetime.fromisoformat(value)
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as fault:
        raise RecordingError(f"{place}: {member} is not a time: {shown(value)}") from fault
