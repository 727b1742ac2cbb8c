"""How far a run is, on standard error, for whoever watches: one line, drawn over and over."""

import os
import stat
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

_EVERY = 0.25
"""Seconds between two drawings."""
FROM = 1.0
"""Seconds until the first: a short run shows nothing."""


class Progress:
    """Messages done, how fast, and, where the octets to be read are known, how long it will take."""

    def __init__(self, total: int | None, clock: Callable[[], float] = time.monotonic) -> None:
        """Take the octets of all sources; None where they are not known."""
        self._total = total
        self._clock = clock
        self._began = clock()
        self._due = self._began + FROM
        self._done = 0
        self._read = 0
        self._drawn = False
        self.words: Callable[[], str] | None = None
        """Says more: who is at work."""

    def read(self, octets: int) -> None:
        """Note how many octets of the sources were read."""
        self._read = octets

    def step(self) -> None:
        """Count one message, and draw if it is time."""
        self._done += 1
        now = self._clock()
        if now >= self._due:
            import shutil

            self._due = now + _EVERY
            self._put("\r\x1b[K" + self.line(now)[: shutil.get_terminal_size().columns - 1])
            self._drawn = True

    def clear(self) -> None:
        """Take the line away, so that something else can be written."""
        if self._drawn:
            self._put("\r\x1b[K")
            self._drawn = False

    def line(self, now: float) -> str:
        """Say it."""
        seconds = max(now - self._began, 1e-3)
        words = f"{self._done:,} message{'' if self._done == 1 else 's'}, {self._done / seconds:,.0f} a second"
        if self.words is not None:
            words = f"{words}, {self.words()}"
        if not self._total or not self._read:
            return words
        share = min(self._read / self._total, 1.0)
        return f"{words}, {share:.0%}, {_span(seconds / share - seconds)} left"

    @staticmethod
    def _put(text: str) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(text)
            sys.stderr.flush()


def _span(seconds: float) -> str:
    """Write a span of time.

    >>> _span(4000)
    '1 h 06 min'
    """
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 1:
        return f"{rest} s"
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def octets_of(names: Sequence[str]) -> int | None:
    """Add up the octets of regular files; None if one is something else."""
    total = 0
    for name in names:
        try:
            found = os.stat(name)  # noqa: PTH116 - any name, "-" among them
        except (OSError, ValueError):
            return None
        if not stat.S_ISREG(found.st_mode):
            return None
        total += found.st_size
    return total
