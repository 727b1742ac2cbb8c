"""Coverage: which time a log speaks for. "Not found" counts only where it does.

A log is sampled as its blocks pass by: every line of a small one, a line every few kilobytes of a large one. A silence
is a doubt when it is ten times as long as the log is usually silent at that hour.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median

from mailtrace.delivery.runs import SHORT, Runs, Silences, note
from mailtrace.records import Mutable, Struct, field

STEP = 1 << 14
"""Octets between two samples of a large log, at least."""
SAMPLES = 1 << 15
"""Samples of a very large one, about: a silence is seen to within so small a part of its time."""
SMALL = 4 << 20
"""Octets of a log of which every line is looked at."""
TIMES_USUAL = 10
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
    broken_lines: int | None = None
    """Lines of a log that do not begin as its lines do, or name what is asked for and break off; None of mail.

    Of a large table, only the latter.
    """


_BEFORE_HOST = 40
"""Octets of a time, as syslog writes it, with what may stand in front of it."""


class Sampler(Mutable):
    """Takes the times of one log as its blocks pass."""

    time_of: Callable[[bytes], datetime | None]
    size: int
    timed: int = 0
    untimed: int = 0
    host: bytes | None = None
    """Of a log that several servers write: the one whose lines are looked at."""
    any_time_of: Callable[[bytes], datetime | None] | None = None
    """Of the lines that `time_of` passes over: they count where it knows none at all."""
    _runs: Runs = field(default_factory=Runs)
    _others: Runs = field(default_factory=Runs)

    def __call__(self, block: bytes) -> None:
        """Look at a block of whole lines."""
        if self.host is not None:
            self._look_for(block, b" %b " % self.host)
            return
        if self.size <= SMALL:
            for line in block.split(b"\n"):
                self._look(line)
            return
        for at in range(0, len(block), max(STEP, self.size // SAMPLES)):
            start = block.rfind(b"\n", 0, at) + 1
            end = block.find(b"\n", start)
            self._look(block[start : end if end >= 0 else len(block)])
        # The last line that is whole says how far the log goes.
        tail = block.rstrip(b"\n")
        self._look(tail[tail.rfind(b"\n") + 1 :])

    def _look_for(self, block: bytes, mark: bytes) -> None:
        """Look at lines that bear the mark where a host stands: behind the time."""
        step = 1 if self.size <= SMALL else max(STEP, self.size // SAMPLES)
        at = block.find(mark)
        while at >= 0:
            start, end = block.rfind(b"\n", 0, at) + 1, block.find(b"\n", at)
            end = end if end >= 0 else len(block)
            if at - start <= _BEFORE_HOST:
                self._look(block[start:end])
            at = block.find(mark, max(end, start + step))

    def _look(self, line: bytes) -> None:
        if not line:
            return
        time = self.time_of(line)
        if time is None:
            self.untimed += 1
            if self.any_time_of is not None and (time := self.any_time_of(line)) is not None:
                self._others.add(time)
            return
        self.timed += 1
        self._runs.add(time)

    @property
    def _counted(self) -> Runs:
        return self._runs if self.timed else self._others

    @property
    def first(self) -> datetime | None:
        """The earliest time."""
        return self._counted.first

    @property
    def last(self) -> datetime | None:
        """The latest time."""
        return self._counted.last

    @property
    def silences(self) -> Silences:
        """The longest silence that began in each hour of each day."""
        return self._counted.silences()


def gaps_in(silences: Silences) -> tuple[Gap, ...]:
    """Return the silences that are ten times as long as usual at their hour, in order."""
    by_hour: dict[int, list[timedelta]] = defaultdict(list)
    for (_, hour), (silence, _, _) in silences.items():
        by_hour[hour].append(silence)
    everything = [silence for lengths in by_hour.values() for silence in lengths]
    found = []
    for (_, hour), (silence, since, until) in sorted(silences.items()):
        same = by_hour[hour]
        # A day or two say nothing of what is usual at an hour: then the whole log does.
        usual = median(one.total_seconds() for one in (same if len(same) >= 3 else everything))
        if silence >= SHORT and silence.total_seconds() > TIMES_USUAL * usual:
            found.append(Gap(first=since, last=until, usual_seconds=usual))
    return tuple(found[:MAX_GAPS])


def gaps_of_set(samplers: Mapping[str, Sampler]) -> dict[str, tuple[Gap, ...]]:
    """Return the gaps of each file of a rotated set: it is one log, wherever it was cut.

    A silence between two files counts as one within a file if no file is missing there; it is the earlier file's.
    """
    timed = [(one.first, one.last, name) for name, one in samplers.items() if one.first and one.last]
    timed.sort()
    if any(then < before for (_, before, _), (then, _, _) in pairwise(timed)):
        # Files that overlap fill each other's silences.
        return {name: gaps_in(one.silences) for name, one in samplers.items()}
    whole: Silences = {}
    for _, _, name in timed:
        for silence in samplers[name].silences.values():
            note(whole, *silence[1:])
    for (_, before, name), (then, _, following) in pairwise(timed):
        if are_consecutive(name, following):
            note(whole, before, then)
    gaps = gaps_in(whole)
    return {name: tuple(gap for gap in gaps if _is_in(gap, first, last)) for first, last, name in timed}


def _is_in(gap: Gap, first: datetime, last: datetime) -> bool:
    """Tell whether a gap lies in a file, or begins at its end."""
    return first <= gap.first and (gap.last <= last or gap.first == last)


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


def are_consecutive(name: str, following: str) -> bool:
    """Tell whether by their numbers no file lies between the two: the younger one has the smaller number.

    >>> are_consecutive("mail.log.2.gz", "mail.log.1"), are_consecutive("mail.log.2.gz", "mail.log")
    (True, False)
    """
    older, younger = _NUMBER.search(name), _NUMBER.search(following)
    if older is None or set_name(name) != set_name(following):
        return False
    if younger is None and following != set_name(following):
        return False  # named by its date
    return int(older[1]) - (int(younger[1]) if younger else 0) == 1


def spans(parts: Sequence[Coverage], slack: timedelta) -> tuple[tuple[datetime, datetime], ...]:
    """Join the times of the files of a set; a silence that is a doubt, and a file that is missing, end a span."""
    pieces: list[tuple[datetime, datetime, str]] = []
    for part in parts:
        if part.first is None or part.last is None:
            continue
        start = part.first
        for gap in part.gaps:
            pieces.append((start, gap.first, part.source))
            start = gap.last
        if start <= part.last:
            pieces.append((start, part.last, part.source))
    joined: list[tuple[datetime, datetime, str]] = []
    for start, end, name in sorted(pieces):
        inside = any(gap.first <= start <= gap.last for part in parts for gap in part.gaps)
        if joined and _are_joined(joined[-1], start, name, timedelta(0) if inside else slack, is_gap=inside):
            before = joined[-1]
            joined[-1] = (before[0], max(end, before[1]), name if end >= before[1] else before[2])
        else:
            joined.append((start, end, name))
    return tuple((start, end) for start, end, _ in joined)


def _are_joined(
    before: tuple[datetime, datetime, str], start: datetime, name: str, slack: timedelta, *, is_gap: bool
) -> bool:
    return start - before[1] <= slack or (not is_gap and are_consecutive(before[2], name))


SLACK = timedelta(hours=1)
"""What may lie between one file and the next, or between the time asked for and a line."""


def covers(parts: Sequence[Coverage], after: datetime, before: datetime) -> bool:
    """Tell whether the files of a set speak for the whole time; beside a silence that is a doubt there is no slack."""
    found = spans(parts, SLACK)
    return any(
        start <= after + (SLACK if at == 0 else timedelta(0))
        and end >= before - (SLACK if at == len(found) - 1 else timedelta(0))
        for at, (start, end) in enumerate(found)
    )


def kept(kind: str) -> str:
    """Say how long logs of a kind are kept, where nobody has changed it."""
    return _KEPT.get(kind, "a mail log is kept for four weeks on most systems")


_KEPT = {
    "postfix-log": "mail.log is kept for four weeks by default on Debian and Red Hat",
    "exim-log": "Exim's mainlog is kept for ten days by default on Debian",
    "sendmail-log": "maillog is kept for four weeks by default on Red Hat",
    "dovecot-log": "mail.log is kept for four weeks by default on Debian and Red Hat",
    "exchange-tracking": "Exchange keeps message tracking logs for 30 days by default",
    "microsoft365-trace": "Microsoft 365 keeps message traces for 90 days",
    "google-email-log": "Google Workspace's Email Log Search goes back 30 days",
}

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
