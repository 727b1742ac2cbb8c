"""Recorded DNS as a file: JSON, one object, sorted by name and type; easy to compare with diff, easy to write by hand.

    {"mailtrace_dns": 1, "recorded_at": "2026-05-01T10:00:00Z", "resolver": "192.0.2.53",
     "answers": {"example.com": {"TXT": {"rcode": "NOERROR", "ttl": 300, "records": ["v=spf1 -all"]},
                                 "MX": ["10 mx.example.com"]},
                 "gone.example": {"TXT": {"rcode": "NXDOMAIN"}}}}

An answer is an object, or, short, the list of its records. The flat form is the object of answers alone. Here it is
read, strictly: what is not as it should be is one RecordingError that names the place, never a guess.
"""

import ipaddress
from codecs import BOM_UTF8
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from mailtrace.errors import RecordingError
from mailtrace.patterns import lazy
from mailtrace.records import Struct
from mailtrace.resolver import Answer, Outcome, Question, RRType, canonical, escape_octets
from mailtrace.resolver.strict_json import read_json, shown

if TYPE_CHECKING:
    from pathlib import Path

MAX_SIZE = 64 * 1024 * 1024
"""Octets of a recording or zone file at the most."""

RCODES = {
    "NXDOMAIN": Outcome.NXDOMAIN,
    "SERVFAIL": Outcome.SERVFAIL,
    "REFUSED": Outcome.REFUSED,
    "FORMERR": Outcome.FORMERR,
    "TIMEOUT": Outcome.TIMEOUT,
    "UNREACHABLE": Outcome.UNREACHABLE,
    "BADNAME": Outcome.BADNAME,
}
"""Besides NOERROR, which is ANSWER with records and NODATA without."""

_NAME_VALUED = frozenset({RRType.CNAME, RRType.NS, RRType.PTR})
_ESCAPE = lazy(r"\\(\d{3})")


class Recording(Struct, frozen=True, kw_only=True):
    """What a file holds."""

    answers: Mapping[Question, Answer]
    names: frozenset[str] = frozenset()
    """Names that exist although no answer here says so: those of a zone file with other types."""
    closed: bool = False
    recorded_at: datetime | None = None


def read_file(path: "str | Path") -> Recording:
    """Read a recording or an RFC 1035 zone file. Raises RecordingError if it is neither, OSError if unreadable."""
    with open(path, "rb") as file:  # noqa: PTH123 - pathlib is slow to import
        octets = file.read(MAX_SIZE + 1)
    shown = repr(str(path))
    if len(octets) > MAX_SIZE:
        raise RecordingError(f"{shown} is too large for a DNS recording: more than {MAX_SIZE >> 20} MiB")
    try:
        text = octets.removeprefix(BOM_UTF8).decode()
    except UnicodeDecodeError as fault:
        raise RecordingError(f"{shown} is neither a DNS recording nor a zone file: not UTF-8 text") from fault
    try:
        return read_text(text)
    except RecordingError as fault:
        raise RecordingError(f"{shown}: {fault}") from fault


def read_text(text: str) -> Recording:
    """Read the text of a recording, or of a zone file: no zone file begins with `{`."""
    start = text.lstrip()[:1]
    if start == "":
        raise RecordingError("not a DNS recording: empty")
    if start not in "{[":
        # the zone file's reader brings dnspython, which a JSON recording does not need
        from mailtrace.resolver.zonefile import read_zone  # noqa: PLC0415

        return read_zone(text)
    return read_recording(read_json(text))


def read_recording(recording: Mapping[str, Any]) -> Recording:
    """Read a decoded recording, or its flat form. Raises RecordingError, naming the place."""
    if "mailtrace_dns" not in recording:
        return Recording(answers=_read_answers(recording))
    version = recording["mailtrace_dns"]
    if type(version) is not int or version != 1:
        raise RecordingError(f"recording of an unknown version: {shown(version)}")
    default = recording.get("default")
    if default not in (None, "NXDOMAIN"):
        raise RecordingError(f"recording: default is neither absent nor NXDOMAIN: {shown(default)}")
    return Recording(
        answers=_read_answers(recording.get("answers")),
        closed=default is not None,
        recorded_at=_read_time(recording.get("recorded_at")),
    )


def _read_answers(names: Any) -> dict[Question, Answer]:
    if not isinstance(names, Mapping):
        raise RecordingError("recording without an object of answers")
    answers: dict[Question, Answer] = {}
    for name, types in names.items():
        if not isinstance(name, str) or not isinstance(types, Mapping):
            raise RecordingError(f"recording: the answers of {shown(name)} are not an object")
        for rrtype, entry in types.items():
            known = str(rrtype).upper()
            if known not in RRType.__members__:
                continue  # a type that nothing here asks for
            question = Question(canonical(name), RRType(known))
            if question in answers:
                raise RecordingError(f"recording: {_place(question)} stands there twice")
            answers[question] = _read_entry(question, entry)
    return answers


def _read_entry(question: Question, entry: Any) -> Answer:
    detail = {"records": entry} if isinstance(entry, list) else entry
    if not isinstance(detail, Mapping):
        raise RecordingError(f"recording: {_place(question)} is neither an object nor a list")
    records = tuple(sorted(_read_record(question, record) for record in _list(question, detail, "records")))
    chain = _list(question, detail, "cname")
    if not all(isinstance(target, str) for target in chain):
        raise RecordingError(f"recording: the cname of {_place(question)} is not a list of names")
    return Answer(
        name=question.name,
        rrtype=question.rrtype,
        outcome=_read_outcome(question, detail.get("rcode", "NOERROR"), bool(records)),
        records=records,
        cname=tuple(canonical(target) for target in chain),
        ttl=_read_ttl(question, detail.get("ttl")),
        authenticated=_typed(question, detail, "ad", bool),
        detail=_typed(question, detail, "detail", str),
    )


def _list(question: Question, detail: Mapping[str, Any], key: str) -> list[Any]:
    value = detail.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise RecordingError(f"recording: the {key} of {_place(question)} are not a list")
    return value


def _typed(question: Question, detail: Mapping[str, Any], key: str, kind: type) -> Any:
    value = detail.get(key)
    if value is not None and not isinstance(value, kind):
        raise RecordingError(f"recording: the {key} of {_place(question)} is not a {kind.__name__}: {shown(value)}")
    return value


def _read_ttl(question: Question, ttl: Any) -> int | None:
    # RFC 2181 §8: a TTL has 31 bits
    if ttl is None or (type(ttl) is int and 0 <= ttl < 1 << 31):
        return ttl
    raise RecordingError(f"recording: the ttl of {_place(question)} is not a number of seconds: {shown(ttl)}")


def _read_outcome(question: Question, rcode: Any, has_records: bool) -> Outcome:
    if rcode == "NOERROR":
        return Outcome.ANSWER if has_records else Outcome.NODATA
    if not isinstance(rcode, str) or rcode not in RCODES:
        raise RecordingError(f"recording: {_place(question)} has an unknown rcode: {shown(rcode)}")
    if has_records:
        raise RecordingError(f"recording: {_place(question)} has records and is {rcode}")
    return RCODES[rcode]


def _read_record(question: Question, record: Any) -> str:
    """Read one record: text, or for TXT a list of its strings."""
    if question.rrtype is RRType.TXT and isinstance(record, list) and all(isinstance(part, str) for part in record):
        record = "".join(record)
    if not isinstance(record, str):
        raise RecordingError(f"recording: a record of {_place(question)} is not text: {shown(record)}")
    match question.rrtype:
        case RRType.TXT:
            return read_txt(question, record)
        case RRType.A | RRType.AAAA:
            return _read_address(question, record)
        case RRType.MX:
            return _read_exchange(question, record)
        case kind if kind in _NAME_VALUED:
            return _read_name(question, record)
        case _:
            return read_txt(question, record)


def read_txt(question: Question, record: str) -> str:
    r"""Keep text; raw non-ASCII becomes the `\DDD` of its UTF-8. An escape above 255 is none (RFC 1035 §5.1)."""
    if "\\" in record and any(int(number) > 255 for number in _ESCAPE.findall(record)):
        raise RecordingError(f"recording: {_place(question)} has an escape above \\255: {shown(record)}")
    if record.isascii() and record.isprintable():
        return record
    return "".join(
        char if char.isascii() and char.isprintable() else escape_octets(char.encode("utf-8", "surrogatepass"))
        for char in record
    )


def _read_address(question: Question, record: str) -> str:
    version = 4 if question.rrtype is RRType.A else 6
    try:
        address = ipaddress.ip_address(record)
    except ValueError as fault:
        raise RecordingError(f"recording: {_place(question)} is not an address: {shown(record)}") from fault
    if address.version != version or "%" in record:
        raise RecordingError(f"recording: {_place(question)} is not an IPv{version} address: {shown(record)}")
    return record.lower()


def _read_exchange(question: Question, record: str) -> str:
    preference, _, host = record.strip().partition(" ")
    if not (preference.isascii() and preference.isdigit() and len(preference) <= 5 and int(preference) < 1 << 16):
        raise RecordingError(f"recording: {_place(question)} is not `preference host`: {shown(record)}")
    return f"{int(preference)} {_read_name(question, host.strip() or '.')}"


def _read_name(question: Question, record: str) -> str:
    """Read a name: lower case without the final dot; the root is `.` (a null MX, RFC 7505)."""
    if not (record.isascii() and record.isprintable()) or " " in record or not record:
        raise RecordingError(f"recording: {_place(question)} is not a name in A-labels: {shown(record)}")
    return canonical(record) or "."


def _read_time(value: Any) -> datetime | None:
    if value is None:
        return None
    try:
        time = datetime.fromisoformat(value)
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError) as fault:
        raise RecordingError(f"recording: recorded_at is not a time: {shown(value)}") from fault


def _place(question: Question) -> str:
    return f"{shown(question.name)} {question.rrtype}"
