"""`--record`: a resolver that keeps every answer it passes on, and writes them as a recording.

The first answer to a question stays the answer for the whole run, failures too: what is replayed later is what this run
was told.
"""

import base64
import json
import os
import tempfile
import threading
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mailtrace.resolver import Answer, Mode, Outcome, Question, RRType, canonical
from mailtrace.resolver.live import LiveResolver
from mailtrace.resolver.recording_format import RCODES

_RCODE = {outcome: rcode for rcode, outcome in RCODES.items()} | {Outcome.ANSWER: "NOERROR", Outcome.NODATA: "NOERROR"}


class _Memory:
    """What all views of a recording share."""

    def __init__(self, started: datetime) -> None:
        self.started = started
        self.answers: dict[Question, Answer] = {}
        self.lock = threading.Lock()


class RecordingResolver:
    """A view of live DNS for one message; all views keep their answers in one memory."""

    mode = Mode.LIVE
    recorded_at = None

    def __init__(self, live: LiveResolver, started: datetime | None = None, *, memory: _Memory | None = None) -> None:
        """Take the resolver to ask, and the time to write into the recording."""
        self._live = live
        self._memory = memory or _Memory(started or datetime.now(UTC))

    @property
    def answers(self) -> dict[Question, Answer]:
        """Every answer so far, prefetched ones too."""
        with self._memory.lock:
            return dict(self._memory.answers)

    def for_message(self) -> "RecordingResolver":
        """Return the view for one message: its deadline begins now."""
        return RecordingResolver(self._live.for_message(), memory=self._memory)

    def resolve(self, name: str, rrtype: RRType, /) -> Answer:
        """Answer from memory, else ask."""
        question = Question(canonical(name), rrtype)
        with self._memory.lock:
            known = self._memory.answers.get(question)
        if known is not None:
            return known
        answer = self._live.resolve(question.name, rrtype)
        with self._memory.lock:
            return self._memory.answers.setdefault(question, answer)

    def prefetch(self, questions: Iterable[Question], /) -> None:
        """Ask these at once, and keep what they brought."""
        with self._memory.lock:
            wanted = [question for question in questions if question not in self._memory.answers]
        for answer in self._live.ask_ahead(wanted):
            with self._memory.lock:
                self._memory.answers.setdefault(Question(answer.name, answer.rrtype), answer)

    def save(self, path: str | Path) -> None:
        """Write the recording, replacing the file at once or not at all. Raises OSError if it cannot be written."""
        answers = self.answers
        wires = {question: self._live.wire(question) for question in answers}
        text = document(answers, recorded_at=self._memory.started, resolver=self._live.description, wires=wires)
        _replace(Path(path), text)


def document(
    answers: dict[Question, Answer],
    *,
    recorded_at: datetime,
    resolver: str | None,
    wires: dict[Question, bytes | None] | None = None,
) -> str:
    """Write answers as the JSON of a recording, sorted by name and type."""
    names: dict[str, dict[str, Any]] = {}
    for question in sorted(answers):
        wire = (wires or {}).get(question)
        names.setdefault(question.name, {})[question.rrtype.value] = _entry(answers[question], wire)
    recording = {
        "mailtrace_dns": 1,
        "recorded_at": recorded_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "resolver": resolver,
        "answers": names,
    }
    return json.dumps(recording, indent=2) + "\n"


def _entry(answer: Answer, wire: bytes | None) -> dict[str, Any]:
    members = {
        "rcode": _RCODE[answer.outcome],
        "ttl": answer.ttl,
        "ad": answer.authenticated,
        "cname": list(answer.cname) or None,
        "records": list(answer.records) or None,
        "detail": answer.detail,
        "wire": base64.b64encode(wire).decode("ascii") if wire is not None else None,
    }
    return {key: value for key, value in members.items() if value is not None}


def _replace(path: Path, text: str) -> None:
    """Write to a file beside it and rename that: a reader sees the old recording or the new one (a symlink stays)."""
    target = path.resolve()
    if target.exists() and not target.is_file():
        target.write_text(text, encoding="ascii")  # a device or a pipe is written to, not replaced
        return
    handle, beside = tempfile.mkstemp(prefix=f".{target.name[:100]}.", dir=target.parent)
    try:
        with os.fdopen(handle, "w", encoding="ascii", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).chmod(_mode(target))
        Path(beside).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(beside).unlink()
        raise


def _mode(target: Path) -> int:
    """Return the permissions of the file that is replaced; a new one has those that the system gives new files."""
    with suppress(OSError):
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
