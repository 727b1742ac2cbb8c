"""Answers from a recording (recording_format.py): the JSON of `--record`, its flat form, and the dict of a test.

A recording is open unless it says `"default": "NXDOMAIN"`: a question that an open one does not hold is NOT_RECORDED,
which is not an answer. Nothing here touches dnspython or the network.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mailtrace.records import replace
from mailtrace.resolver import MAX_CNAME, MAX_NAME, Answer, Mode, Outcome, Question, RRType, bad_name, canonical
from mailtrace.resolver.recording_format import read_file, read_recording

if TYPE_CHECKING:
    from pathlib import Path

_NOT_THERE = frozenset({Outcome.NXDOMAIN, Outcome.BADNAME})


class RecordedResolver:
    """Answers from memory; the same question always has the same answer."""

    mode = Mode.RECORDED

    def __init__(
        self,
        answers: Mapping[Question, Answer],
        *,
        names: Iterable[str] = (),
        closed: bool = False,
        recorded_at: datetime | None = None,
    ) -> None:
        """Take answers by question. `names`: names that exist without an answer here. `closed`: no others do."""
        self._answers = dict(answers)
        self._closed = closed
        self._recorded_at = recorded_at
        self._existing = _with_ancestors((*names, *_names_that_exist(answers))) if closed else frozenset()

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
        asked = name = canonical(name)
        chain: list[str] = []
        while True:
            answer = self._stored(name, rrtype)
            if answer is not None:
                if not chain and answer.name == asked:
                    return answer
                return replace(answer, name=asked, cname=(*chain, *answer.cname))
            alias = self._stored(name, RRType.CNAME)
            if rrtype is RRType.CNAME or alias is None or alias.outcome is not Outcome.ANSWER:
                return self._missing(asked, name, rrtype, chain)
            name = alias.records[0]
            chain.append(name)
            if len(chain) > MAX_CNAME:
                return Answer(
                    name=asked, rrtype=rrtype, outcome=Outcome.SERVFAIL, cname=tuple(chain), detail="CNAME loop"
                )

    def _stored(self, name: str, rrtype: RRType) -> Answer | None:
        answer = self._answers.get(Question(name, rrtype))
        if answer is None and self._closed and name not in self._existing:
            return self._answers.get(Question(self._wildcard(name), rrtype))
        return answer

    def _wildcard(self, name: str) -> str:
        """Return the source of synthesis of a name that does not exist (RFC 4592 §3.3.1)."""
        parent = name.partition(".")[2]
        # more labels than a name can have: it has no ancestor here either
        while parent and parent not in self._existing and len(name) <= MAX_NAME:
            parent = parent.partition(".")[2]
        return f"*.{parent}"

    def _missing(self, asked: str, name: str, rrtype: RRType, chain: list[str]) -> Answer:
        fault = bad_name(name)
        if fault is not None:
            outcome = Outcome.BADNAME
        elif not self._closed:
            outcome = Outcome.NOT_RECORDED
        elif name in self._existing or self._wildcard(name) in self._existing:
            outcome = Outcome.NODATA
        else:
            outcome = Outcome.NXDOMAIN
        return Answer(name=asked, rrtype=rrtype, outcome=outcome, cname=tuple(chain), detail=fault)

    def prefetch(self, questions: Iterable[Question], /) -> None:
        """Do nothing: every answer is at hand."""

    def for_message(self) -> "RecordedResolver":
        """Return itself: there is no deadline."""
        return self


def _names_that_exist(answers: Mapping[Question, Answer]) -> Iterable[str]:
    return (question.name for question, answer in answers.items() if answer.outcome not in _NOT_THERE)


def _with_ancestors(names: Iterable[str]) -> frozenset[str]:
    """Return the names and all names above them, which exist too (RFC 8020 §2: empty non-terminals)."""
    existing: set[str] = set()
    for name in names:
        above = name
        while above and above not in existing and len(name) <= MAX_NAME:
            existing.add(above)
            above = above.partition(".")[2]
    return frozenset(existing)


def from_mapping(recording: Mapping[str, Any]) -> RecordedResolver:
    """Build a resolver from a decoded recording, or from its flat form `{name: {TYPE: ...}}`.

    Raises RecordingError, naming the place, if something is not as the format has it.
    """
    read = read_recording(recording)
    return RecordedResolver(read.answers, closed=read.closed, recorded_at=read.recorded_at)


def load_dns(path: "str | Path") -> RecordedResolver:
    """Read a recording or an RFC 1035 zone file; which of them it is, its content says.

    Raises RecordingError if it cannot be read as one, OSError if not at all.
    """
    read = read_file(path)
    return RecordedResolver(read.answers, names=read.names, closed=read.closed, recorded_at=read.recorded_at)
