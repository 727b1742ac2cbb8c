"""Coverage: which time a log speaks for. "Not found" counts only where it does.

A log is sampled as its blocks pass by: every line of a small one, a line every few kilobytes of a large one. A silence
is a doubt when it is ten times as long as the log is usually silent at that hour.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median

from mailtrace.records import Struct, field

STEP = 1 << 14
"""Octets between two samples of a large log."""
SMALL = 4 << 20
"""Octets of a log of which every line is looked at."""
TIMES_USUAL = 10
SHORTEST = timedelta(minutes=10)
"""A silence that is shorter is never a doubt."""
MAX_GAPS = 20


class Gap(Struct, frozen=True, kw_only=True):
    """A silence that is unlike this log."""

    first: datetime
    """The last time before it."""
    last: datetime
    """The first time after it."""
    usual_seconds: float
    """How long this log is usually silent at that hour."""


class Coverage(Struct, frozen=True, kw_only=True):
    """What one source speaks for."""

    source: str
    kind: str
    """`postfix-log` and the like, or `mail`."""
    first: datetime | None
    last: datetime | None
    covers_query: bool | None
    """None where no time is asked for, or the source is no log."""
    gaps: tuple[Gap, ...]
    hosts: tuple[str, ...] = ()
    """The servers that wrote it."""
    messages: int | None = None
    """How many a mailbox holds; None of a log."""
    notes: tuple[str, ...] = ()
    """What was inferred, and what is missing."""


class Sampler(Struct):
    """Takes the times of one log as its blocks pass."""

    time_of: Callable[[bytes], datetime | None]
    size: int
    first: datetime | None = None
    last: datetime | None = None
    timed: int = 0
    untimed: int = 0
    _silences: dict[tuple[int, int], tuple[timedelta, datetime, datetime]] = field(default_factory=dict)
    """The longest silence that began in each hour of each day."""

    def __call__(self, block: bytes) -> None:
        """Look at a block of whole lines."""
        if self.size <= SMALL:
            for line in block.split(b"\n"):
                self._look(line)
            return
        for at in range(0, len(block), STEP):
            start = block.rfind(b"\n", 0, at) + 1
            end = block.find(b"\n", start)
            self._look(block[start : end if end >= 0 else len(block)])
        # The last line that is whole says how far the log goes.
        tail = block.rstrip(b"\n")
        self._look(tail[tail.rfind(b"\n") + 1 :])

    def _look(self, line: bytes) -> None:
        if not line:
            return
        time = self.time_of(line)
        if time is None:
            self.untimed += 1
            return
        self.timed += 1
        if self.first is None or time < self.first:
            self.first = time
        if self.last is not None and time > self.last:
            self._silent(self.last, time)
        if self.last is None or time > self.last:
            self.last = time

    def _silent(self, since: datetime, until: datetime) -> None:
        hour = (since.toordinal(), since.hour)
        silence = until - since
        if hour not in self._silences or silence > self._silences[hour][0]:
            self._silences[hour] = (silence, since, until)

    def gaps(self) -> tuple[Gap, ...]:
        """Return the silences that are ten times as long as usual at their hour, in order."""
        by_hour: dict[int, list[timedelta]] = defaultdict(list)
        for (_, hour), (silence, _, _) in self._silences.items():
            by_hour[hour].append(silence)
        everything = [silence for silences in by_hour.values() for silence in silences]
        found = []
        for (_, hour), (silence, since, until) in sorted(self._silences.items()):
            same = by_hour[hour]
            # A day or two say nothing of what is usual at an hour: then the whole log does.
            usual = median(one.total_seconds() for one in (same if len(same) >= 3 else everything))
            if silence >= SHORTEST and silence.total_seconds() > TIMES_USUAL * usual:
                found.append(Gap(first=since, last=until, usual_seconds=usual))
        return tuple(found[:MAX_GAPS])


_ROTATED = re.compile(r"(?:[.-](?:\d{1,3}|\d{8}(?:-?\d{2,6})?|\d{4}-\d\d-\d\d))?(?:\.(?:gz|bz2|xz))?\Z")
_NUMBER = re.compile(r"\.(\d{1,3})(?:\.(?:gz|bz2|xz))?\Z")


def set_name(name: str) -> str:
    """Return the name that the files of a rotated set share.

    >>> {set_name(name) for name in ("mail.log", "mail.log.1", "mail.log.2.gz", "mail.log-20261020.xz")}
    {'mail.log'}
    """
    return _ROTATED.sub("", name)


def missing_rotations(names: Sequence[str]) -> tuple[str, ...]:
    """Name the files that a numbered set lacks between those that are there.

    >>> missing_rotations(["mail.log", "mail.log.1", "mail.log.4.gz"])
    ('mail.log.2', 'mail.log.3')
    """
    numbered = {int(match[1]) for name in names if (match := _NUMBER.search(name))}
    if not numbered:
        return ()
    base = set_name(names[0])
    start = 1 if base in names else min(numbered)
    return tuple(f"{base}.{number}" for number in range(start, max(numbered)) if number not in numbered)


def spans(parts: Sequence[Coverage], slack: timedelta) -> tuple[tuple[datetime, datetime], ...]:
    """Join the times of the files of a set; a silence that is a doubt, and a file that is missing, end a span."""
    pieces: list[tuple[datetime, datetime]] = []
    for part in parts:
        if part.first is None or part.last is None:
            continue
        start = part.first
        for gap in part.gaps:
            pieces.append((start, gap.first))
            start = gap.last
        pieces.append((start, part.last))
    joined: list[tuple[datetime, datetime]] = []
    for start, end in sorted(pieces):
        inside = any(gap.first <= start <= gap.last for part in parts for gap in part.gaps)
        if joined and start - joined[-1][1] <= (timedelta(0) if inside else slack):
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


SLACK = timedelta(hours=1)
"""What may lie between one file and the next, or between the time asked for and a line."""


def covers(parts: Sequence[Coverage], after: datetime, before: datetime) -> bool:
    """Tell whether the files of a set speak for the whole time."""
    return any(start <= after + SLACK and end >= before - SLACK for start, end in spans(parts, SLACK))


def kept(kind: str) -> str:
    """Say how long logs of a kind are kept, where nobody has changed it."""
    return _KEPT.get(kind, "a mail log is kept for four weeks on most systems")


_KEPT = {
    "postfix-log": "mail.log is kept for four weeks by default on Debian and Red Hat",
    "exim-log": "Exim's mainlog is kept for ten days by default on Debian",
    "sendmail-log": "maillog is kept for four weeks by default on Red Hat",
    "dovecot-log": "mail.log is kept for four weeks by default on Debian and Red Hat",
    "exchange-log": "Exchange keeps message tracking logs for 30 days by default",
    "microsoft365-log": "Microsoft 365 keeps message traces for 90 days",
    "google-log": "Google Workspace's Email Log Search goes back 30 days",
}

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
