"""Answers from a recording (CONTRACT §4): the JSON of `--record`, its flat form, and the dict of a test.

A recording is open unless it says `"default": "NXDOMAIN"`: a question that an open one does not hold is NOT_RECORDED,
which is not an answer. Nothing here touches dnspython or the network.
"""

import importlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from mailtrace.errors import RecordingError
from mailtrace.resolver import Answer, Mode, Outcome, Question, RRType, escape_octets

MAX_SIZE = 64 * 1024 * 1024
"""Octets of a recording at the most."""

MAX_CNAME = 10
"""CNAMEs followed at the most, as resolvers do."""


class RecordedResolver:
    """Answers from memory; the same question always has the same answer."""

    mode = Mode.RECORDED

    def __init__(
        self,
        answers: Mapping[Question, Answer],
        *,
        names: frozenset[str] = frozenset(),
        closed: bool = False,
        recorded_at: datetime | None = None,
    ) -> None:
        """Take answers by question; `closed`: what is not there does not exist. `names`: every name that exists."""
        self._answers = dict(answers)
        self._names = names or frozenset(question.name for question in answers)
        self._closed = closed
        self._recorded_at = recorded_at

    @property
    def recorded_at(self) -> datetime | None:
        """When the recording was made (UTC); None if it does not say."""
        return self._recorded_at

    @property
    def answers(self) -> Mapping[Question, Answer]:
        """Everything the recording holds."""
        return self._answers

    def resolve(self, name: str, rrtype: RRType, /) -> Answer:
        """Answer from the recording, following a stored CNAME."""
        asked = name = name.lower().rstrip(".")
        chain: list[str] = []
        while True:
            answer = self._answers.get(Question(name, rrtype))
            if answer is not None:
                return _as_asked(answer, asked, chain)
            alias = self._answers.get(Question(name, RRType.CNAME))
            if rrtype is RRType.CNAME or alias is None or alias.outcome is not Outcome.ANSWER:
                return self._missing(asked, name, rrtype, chain)
            name = alias.records[0].lower().rstrip(".")
            chain.append(name)
            if len(chain) > MAX_CNAME:
                return Answer(
                    name=asked, rrtype=rrtype, outcome=Outcome.SERVFAIL, cname=tuple(chain), detail="CNAME loop"
                )

    def _missing(self, asked: str, name: str, rrtype: RRType, chain: list[str]) -> Answer:
        if not self._closed:
            outcome = Outcome.NOT_RECORDED
        elif name in self._names or any(other.endswith("." + name) for other in self._names):
            outcome = Outcome.NODATA
        else:
            outcome = Outcome.NXDOMAIN
        return Answer(name=asked, rrtype=rrtype, outcome=outcome, cname=tuple(chain))

    def prefetch(self, questions: Iterable[Question], /) -> None:
        """Do nothing: every answer is at hand."""

    def for_message(self) -> "RecordedResolver":
        """Return itself: there is no deadline."""
        return self


def _as_asked(answer: Answer, asked: str, chain: list[str]) -> Answer:
    if not chain:
        return answer
    return Answer(
        name=asked,
        rrtype=answer.rrtype,
        outcome=answer.outcome,
        records=answer.records,
        cname=(*chain, *answer.cname),
        ttl=answer.ttl,
        authenticated=answer.authenticated,
        detail=answer.detail,
    )


def from_mapping(recording: Mapping[str, Any]) -> RecordedResolver:
    """Build a resolver from a decoded recording, or from its flat form `{name: {TYPE: ...}}`.

    Raises RecordingError, naming the place, if something is not as CONTRACT §4 has it.
    """
    framed = "mailtrace_dns" in recording
    if framed and recording["mailtrace_dns"] != 1:
        raise RecordingError(f"recording of an unknown version: {recording['mailtrace_dns']!r}")
    names = recording.get("answers") if framed else recording
    if not isinstance(names, Mapping):
        raise RecordingError("recording without an object of answers")
    answers: dict[Question, Answer] = {}
    for name, types in names.items():
        if not isinstance(types, Mapping):
            raise RecordingError(f"recording: the answers of {name!r} are not an object")
        for rrtype, entry in types.items():
            answer = _read_entry(name.lower().rstrip("."), rrtype, entry)
            if answer is not None:
                answers[Question(answer.name, answer.rrtype)] = answer
    return RecordedResolver(
        answers,
        names=frozenset(a.name for a in answers.values() if a.outcome in (Outcome.ANSWER, Outcome.NODATA)),
        closed=framed and recording.get("default") == "NXDOMAIN",
        recorded_at=_read_time(recording.get("recorded_at")) if framed else None,
    )


def _read_entry(name: str, rrtype: str, entry: Any) -> Answer | None:
    if rrtype not in RRType.__members__:
        return None  # a type that nothing here asks for
    detail = {"records": entry} if isinstance(entry, list) else entry
    if not isinstance(detail, Mapping):
        raise RecordingError(f"recording: {name!r} {rrtype} is neither an object nor a list")
    records = detail.get("records", [])
    if not isinstance(records, list):
        raise RecordingError(f"recording: the records of {name!r} {rrtype} are not a list")
    return Answer(
        name=name,
        rrtype=RRType(rrtype),
        outcome=_read_outcome(name, rrtype, detail.get("rcode", "NOERROR"), bool(records)),
        records=tuple(sorted(_read_record(name, rrtype, record) for record in records)),
        cname=tuple(str(target).lower().rstrip(".") for target in detail.get("cname") or ()),
        ttl=_typed(name, rrtype, detail, "ttl", int),
        authenticated=_typed(name, rrtype, detail, "ad", bool),
        detail=_typed(name, rrtype, detail, "detail", str),
    )


_T = TypeVar("_T", int, bool, str)


def _typed(name: str, rrtype: str, entry: Mapping[str, Any], key: str, kind: type[_T]) -> _T | None:
    value = entry.get(key)
    if value is None or type(value) is kind:
        return value
    raise RecordingError(f"recording: {key} of {name!r} {rrtype} is not of the type it should be: {value!r}")


_RCODES = {
    "NXDOMAIN": Outcome.NXDOMAIN,
    "SERVFAIL": Outcome.SERVFAIL,
    "REFUSED": Outcome.REFUSED,
    "FORMERR": Outcome.FORMERR,
    "TIMEOUT": Outcome.TIMEOUT,
    "UNREACHABLE": Outcome.UNREACHABLE,
    "BADNAME": Outcome.BADNAME,
}


def _read_outcome(name: str, rrtype: str, rcode: Any, has_records: bool) -> Outcome:
    if rcode == "NOERROR":
        return Outcome.ANSWER if has_records else Outcome.NODATA
    if rcode not in _RCODES:
        raise RecordingError(f"recording: {name!r} {rrtype} has an unknown rcode: {rcode!r}")
    return _RCODES[rcode]


def _read_record(name: str, rrtype: str, record: Any) -> str:
    r"""Read one record: text, or for TXT a list of its strings. Raw non-ASCII becomes the `\DDD` of its UTF-8."""
    if rrtype == "TXT" and isinstance(record, list):
        record = "".join(map(str, record))
    if not isinstance(record, str):
        raise RecordingError(f"recording: a record of {name!r} {rrtype} is not text: {record!r}")
    if record.isascii() and record.isprintable():
        return record
    return "".join(
        char if char.isascii() and char.isprintable() else escape_octets(char.encode("utf-8", "surrogatepass"))
        for char in record
    )


def _read_time(value: Any) -> datetime | None:
    if value is None:
        return None
    try:
        time = datetime.fromisoformat(value)
    except (TypeError, ValueError) as fault:
        raise RecordingError(f"recording: recorded_at is not a time: {value!r}") from fault
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)


def load_dns(path: str | Path) -> RecordedResolver:
    """Read a recording from a file. Raises RecordingError if it cannot be read as one, OSError if not at all."""
    with Path(path).open("rb") as file:
        octets = file.read(MAX_SIZE + 1)
    if len(octets) > MAX_SIZE:
        raise RecordingError(f"a recording of more than {MAX_SIZE} octets")
    if not octets.lstrip().startswith((b"{", b"[")):
        # a door: the zone file's reader brings dnspython
        zonefile = importlib.import_module("mailtrace.resolver.zonefile")
        zone: RecordedResolver = zonefile.read_zone(octets.decode("utf-8", "backslashreplace"))
        return zone
    try:
        recording = json.loads(octets, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as fault:
        raise RecordingError(f"not a DNS recording: {fault}") from fault
    if not isinstance(recording, dict):
        raise RecordingError("not a DNS recording: not an object")
    return from_mapping(recording)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that stands twice: one of the two would be lost without a word."""
    members = dict(pairs)
    if len(members) != len(pairs):
        twice = next(name for number, (name, _) in enumerate(pairs) if name in dict(pairs[:number]))
        raise RecordingError(f"recording: {twice!r} stands twice")
    return members
