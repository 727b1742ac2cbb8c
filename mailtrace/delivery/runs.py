"""Runs: the stretches of time in which a log's lines follow each other, and the silences in and between them. Pure.

A log's times do not only grow. A machine without a clock of its own writes an old date until it has asked for the time,
a clock that was wrong is set back, somebody put two files into one. The time between such lines and the others is
not covered by either, and a line from the future must not hide the silences of all that follow it.
"""

from datetime import datetime, timedelta
from itertools import pairwise

from mailtrace.records import Mutable, field

BACK = timedelta(hours=1)
"""How far lines may lie behind each other and be of one run: servers' clocks differ, and summer time ends."""
FORTH = timedelta(days=1)
"""A line that is later than that begins a run of its own: the others may go on before it."""
SHORT = timedelta(minutes=10)
"""A silence that is shorter is never a doubt."""
MAX_RUNS = 2048

Silences = dict[tuple[int, int], tuple[timedelta, datetime, datetime]]
"""By day and hour in which it began: how long, from when, until when."""


def note(silences: Silences, since: datetime, until: datetime) -> None:
    """Note a silence, if it is the longest that began in its hour."""
    hour = (since.toordinal(), since.hour)
    if hour not in silences or until - since > silences[hour][0]:
        silences[hour] = (until - since, since, until)


class Runs(Mutable):
    """Takes the times of a log's lines in the order of the file."""

    first: datetime | None = None
    last: datetime | None = None
    _since: datetime | None = None
    """Where the present run begins."""
    _until: datetime | None = None
    """How far it goes."""
    _done: list[tuple[datetime, datetime]] = field(default_factory=list)
    _silences: Silences = field(default_factory=dict)

    def add(self, time: datetime) -> None:
        """Take one more time."""
        if self.first is None or time < self.first:
            self.first = time
        if self.last is None or time > self.last:
            self.last = time
        if self._since is None or self._until is None:
            self._since = self._until = time
        elif time < self._until - BACK or time > self._until + FORTH:
            self._end(self._since, self._until)
            self._since = self._until = time
        elif time > self._until:
            if not self._is_known(self._until, time):
                note(self._silences, self._until, time)
            self._until = time
        elif time < self._since:
            self._since = time

    def _end(self, since: datetime, until: datetime) -> None:
        self._done.append((since, until))
        if len(self._done) > MAX_RUNS:
            # What is forgotten counts as silent: the shortest.
            self._done = sorted(_joined(self._done), key=lambda run: run[0] - run[1])[: MAX_RUNS // 2]

    def _is_known(self, since: datetime, until: datetime) -> bool:
        """Tell whether an earlier run has lines of that time."""
        return until - since >= SHORT and any(start <= since and until <= end for start, end in self._done)

    def silences(self) -> Silences:
        """Return the longest silence that began in each hour of each day."""
        found = dict(self._silences)
        if self._since is not None and self._until is not None:
            runs = _joined([*self._done, (self._since, self._until)])
            for (_, until), (since, _) in pairwise(runs):
                note(found, until, since)
        return found


def _joined(runs: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Put runs in order, and join those that overlap."""
    joined: list[tuple[datetime, datetime]] = []
    for since, until in sorted(runs):
        if joined and since <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(until, joined[-1][1]))
        else:
            joined.append((since, until))
    return joined
