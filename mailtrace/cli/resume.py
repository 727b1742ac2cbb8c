"""`--resume FILE`: how far a run has come, so that another with the same sources and options goes on from there.

FILE says how many messages are done, and where the output ended then. A run that is started again reads past as many,
cuts the output to that length, and goes on: in the end there is what a run without interruption would have written.
"""

import hashlib
import json
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from mailtrace._version import __version__
from mailtrace.cli.exits import Status, first
from mailtrace.cli.parcels import Fresh, key_of
from mailtrace.cli.stops import ResumeError
from mailtrace.cli.wanted import Options
from mailtrace.records import Mutable, asdict, field
from mailtrace.sources import SourceFault

_EVERY = 0.2
"""Seconds between two writings of FILE; more where writing it takes long."""
_SHARE = 20
_NOT_THE_OUTPUTS = frozenset({"jobs", "engine", "scheduler", "resume", "debug", "record"})
"""Options that may differ: what is written does not depend on them."""


class State(Mutable):
    """What FILE holds."""

    options: dict[str, Any]
    """As far as the output depends on them."""
    now: str | None
    """The clock of the first run: time rules go by it to the end."""
    done: int = 0
    """Messages, and what could not be read, in input order."""
    digest: str = ""
    """Over the names and places of all that is done, in their order."""
    sha256: str | None = None
    """Of the last message."""
    written: int = 0
    """Octets of output."""
    status: int = Status.DONE
    summary: dict[str, Any] | None = None
    version: str = __version__
    mailtrace_resume: int = 1


class Resume(Mutable):
    """A run that can be gone on with."""

    path: Path
    state: State
    is_new: bool
    _due: float = field(default=0.0)

    @classmethod
    def open(cls, path: str, options: Options) -> "Resume":
        """Read FILE, or begin it. Raises ResumeError if it is none, or was made with other options."""
        wanted = _fingerprint(options)
        try:
            kept = json.loads(Path(path).read_bytes())
            state = State(**kept)
        except FileNotFoundError:
            return cls(path=Path(path), state=State(options=wanted, now=None), is_new=True)
        except (ValueError, TypeError, RecursionError) as fault:
            raise ResumeError(f"{path}: not a file of --resume", Status.DATA) from fault
        if not _is_sound(state):
            raise ResumeError(f"{path}: not a file of --resume", Status.DATA)
        if state.version != __version__:
            raise ResumeError(f"{path}: begun by mailtrace {state.version}; this is {__version__}", Status.USAGE)
        differing = [name for name in wanted if wanted[name] != state.options.get(name)]
        if differing:
            named = ", ".join(name.replace("_", "-") for name in differing)
            raise ResumeError(f"{path}: begun with other options or sources: {named}", Status.USAGE)
        return cls(path=Path(path), state=state, is_new=False)

    @property
    def now(self) -> datetime | None:
        """The clock of the first run."""
        return datetime.fromisoformat(self.state.now) if self.state.now else None

    def past(self, items: Iterator[Any]) -> Iterator[Any]:
        """Read past what is done. Raises ResumeError if it is not what was done then."""
        digest, last = "", None
        left = self.state.done
        for item in items:
            if not left:
                yield item
                continue
            if not isinstance(item, Fresh | SourceFault):
                continue
            left -= 1
            digest, last = _chained(digest, key_of(item)), item
            if not left:
                self._check(digest, last)
        if left:
            raise ResumeError(f"{self.path}: the sources hold fewer messages than were done", Status.DATA)

    def _check(self, digest: str, last: Fresh | SourceFault) -> None:
        same = digest == self.state.digest
        if same and isinstance(last, Fresh) and self.state.sha256 is not None:
            same = _sha256(last.raw.file) == self.state.sha256
        if not same:
            raise ResumeError(f"{self.path}: the sources are not those that it was begun with", Status.DATA)

    def note(self, key: str, sha256: str | None, written: int, status: Status) -> None:
        """Count one message as done."""
        state = self.state
        state.done += 1
        state.digest, state.sha256 = _chained(state.digest, key), sha256
        state.written, state.status = written, first((Status(state.status), status))

    def is_due(self) -> bool:
        """Tell whether FILE is to be written again."""
        return time.monotonic() >= self._due

    def save(self) -> None:
        """Write FILE, at once or not at all. Raises OSError."""
        began = time.monotonic()
        import tempfile

        handle, beside = tempfile.mkstemp(prefix=f".{self.path.name[:100]}.", dir=self.path.parent)
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                json.dump(asdict(self.state), file)
            Path(beside).replace(self.path)
        except BaseException:
            with suppress(OSError):
                Path(beside).unlink()
            raise
        now = time.monotonic()
        self._due = now + max(_EVERY, _SHARE * (now - began))


def behind(resume: Resume, options: Options) -> int | None:
    """Say behind how many octets of --output a run goes on; None if it begins. Raises ResumeError if they are gone."""
    if resume.is_new or options.output is None:
        return None
    try:
        size = Path(options.output).stat().st_size
    except OSError:
        size = -1
    if size < resume.state.written:
        raise ResumeError(f"{resume.path}: {options.output} does not hold what was written", Status.DATA)
    return resume.state.written


def _fingerprint(options: Options) -> dict[str, Any]:
    """Write down everything that the output depends on."""
    given: dict[str, Any] = {name: value for name, value in options._asdict().items() if name not in _NOT_THE_OUTPUTS}
    for name in ("dns", "keys", "resolver_ca"):
        if given[name] is not None:
            with Path(given[name]).open("rb") as file:
                given[name] = [given[name], hashlib.file_digest(file, "sha256").hexdigest()]
    plain: dict[str, Any] = json.loads(json.dumps(given))
    return plain


def _is_sound(state: State) -> bool:
    kinds = (
        (state.options, dict),
        (state.done, int),
        (state.digest, str),
        (state.written, int),
        (state.status, int),
        (state.now, str | None),
        (state.sha256, str | None),
        (state.summary, dict | None),
    )
    return (
        state.mailtrace_resume == 1
        and all(isinstance(value, kind) for value, kind in kinds)
        and state.status in set(Status)
        and min(state.done, state.written) >= 0
    )


def _chained(digest: str, key: str) -> str:
    return hashlib.sha256(f"{digest}\0{key}".encode("utf-8", "surrogateescape")).hexdigest()


def _sha256(file: BinaryIO) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(1 << 18):
        digest.update(chunk)
    return digest.hexdigest()
