"""Keep what live DNS said, for a repeatable run: the JSON of a recording, sorted, so that two can be compared with diff.

The same file given back answers the same questions the same way. A question that the run did not ask is not in it.
"""

import base64
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mailtrace.resolver import Answer, Mode, Outcome, Question, RRType
from mailtrace.resolver.live import LiveResolver

_NO_ERROR = frozenset({Outcome.ANSWER, Outcome.NODATA})


class RecordingResolver:
    """Live DNS whose every answer is kept; all views for messages keep into the same recording."""

    mode = Mode.LIVE
    recorded_at = None

    def __init__(
        self,
        live: LiveResolver,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        heard: dict[Question, Answer] | None = None,
    ) -> None:
        """`clock` gives the time of the recording, when it is saved."""
        self._live = live
        self._clock = clock
        self._heard: dict[Question, Answer] = {} if heard is None else heard

    def resolve(self, name: str, rrtype: RRType, /) -> Answer:
        """Ask, and keep the answer."""
        answer = self._live.resolve(name, rrtype)
        self._heard[Question(answer.name, rrtype)] = answer
        return answer

    def prefetch(self, questions: Iterable[Question], /) -> None:
        """Ask these at once. They are kept when they are asked for."""
        self._live.prefetch(questions)

    def for_message(self) -> "RecordingResolver":
        """Return the view for one message: its deadline begins now."""
        return RecordingResolver(self._live.for_message(), clock=self._clock, heard=self._heard)

    def recording(self) -> dict[str, Any]:
        """Return the recording as it is written."""
        answers: dict[str, dict[str, Any]] = {}
        for question in sorted(self._heard):
            entry = write_answer(self._heard[question])
            wire = self._live.wire(question)
            if wire is not None:
                entry["wire"] = base64.b64encode(wire).decode("ascii")
            answers.setdefault(question.name, {})[question.rrtype.value] = entry
        return frame(answers, recorded_at=self._clock(), resolver=self._live.description)

    def save(self, path: str | Path) -> None:
        """Write the recording, replacing the file at once or not at all. Raises OSError."""
        write(self.recording(), Path(path))


def frame(answers: Mapping[str, Any], *, recorded_at: datetime | None, resolver: str | None) -> dict[str, Any]:
    """Put the head of a recording before its answers."""
    time = recorded_at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z" if recorded_at else None
    return {"mailtrace_dns": 1, "recorded_at": time, "resolver": resolver, "answers": dict(answers)}


def write_answer(answer: Answer) -> dict[str, Any]:
    """Return one answer as a recording has it; what is not known is left out."""
    entry: dict[str, Any] = {"rcode": "NOERROR" if answer.outcome in _NO_ERROR else answer.outcome.value}
    if answer.ttl is not None:
        entry["ttl"] = answer.ttl
    if answer.authenticated is not None:
        entry["ad"] = answer.authenticated
    if answer.cname:
        entry["cname"] = list(answer.cname)
    if answer.records:
        entry["records"] = list(answer.records)
    if answer.detail is not None:
        entry["detail"] = answer.detail
    return entry


def write(recording: Mapping[str, Any], path: Path) -> None:
    """Write beside the file and put it in its place, so that nobody ever reads half a recording."""
    text = json.dumps(recording, indent=1, ensure_ascii=True) + "\n"
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
