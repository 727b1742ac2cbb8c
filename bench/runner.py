"""The runner: two pieces of work, taken in turns, in CPU time.

The two of a round run one after the other, and the next round begins with the other one, so that neither gains by its
place. CPU time counts, not wall time: other work on the machine disturbs it less. A piece that is too short for the
clock is repeated until it is not.
"""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass

from bench import arithmetic
from bench.figures import Disagreement, Figure, Series, Table

Work = Callable[[], object]
Clock = Callable[[], float]

SHORTEST = 0.02
"""Seconds of CPU time that one timing takes at the least."""
MOST_REPEATS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Ours against a peer's, on the same input."""

    name: str
    peer: str
    times: tuple[tuple[float, float], ...]
    """Seconds of CPU time for one piece of work, (ours, the peer's), a round each."""

    def row(self) -> tuple[str, ...]:
        """Return the line of the table."""
        ours, theirs = zip(*self.times, strict=True)
        figures = (milliseconds(arithmetic.median(ours)), milliseconds(arithmetic.median(theirs)))
        return (
            self.name,
            self.peer,
            *figures,
            f"{arithmetic.paired_ratio(self.times):.2f}",
            f"{arithmetic.spread(ours):.0%}",
            str(len(self.times)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """The same work on an input of n and of 2n."""

    name: str
    size: int
    unit: str
    times: tuple[tuple[float, float], ...]
    """Seconds of CPU time, (at n, at 2n), a round each."""

    def row(self) -> tuple[str, ...]:
        """Return the line of the table."""
        small, large = zip(*self.times, strict=True)
        figures = (milliseconds(arithmetic.median(small)), milliseconds(arithmetic.median(large)))
        return (
            self.name,
            f"{self.size:,} {self.unit}",
            *figures,
            f"{arithmetic.exponent(self.times):.2f}",
            f"{arithmetic.spread(large):.0%}",
            str(len(self.times)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A measurement that could not be made."""

    name: str
    reason: str


Result = Comparison | Growth | Skipped | Figure | Table | Series | Disagreement


def interleave(
    first: Work, second: Work, *, rounds: int, clock: Clock = time.process_time
) -> tuple[tuple[float, float], ...]:
    """Time both, `rounds` times, in turns; return (first, second) of each round, in seconds for one piece of work."""
    repeats = (_calibrate(first, clock), _calibrate(second, clock))
    found = []
    for turn in range(rounds):
        if turn % 2:
            later = _time(second, repeats[1], clock)
            found.append((_time(first, repeats[0], clock), later))
        else:
            found.append((_time(first, repeats[0], clock), _time(second, repeats[1], clock)))
    return tuple(found)


def compare(ours: Work, theirs: Work, *, name: str, peer: str, rounds: int = 7) -> Comparison:
    """Set our work against a peer's."""
    return Comparison(name=name, peer=peer, times=interleave(ours, theirs, rounds=rounds))


def grow(make: Callable[[int], Work], *, name: str, size: int, unit: str, rounds: int = 5) -> Growth:
    """Set the work on 2n against that on n. `make(n)` builds the input, which is not timed."""
    return Growth(name=name, size=size, unit=unit, times=interleave(make(size), make(2 * size), rounds=rounds))


def milliseconds(seconds: float) -> str:
    """Write with three significant figures.

    >>> milliseconds(0.0012345), milliseconds(1.5)
    ('1.23', '1500')
    """
    value = seconds * 1000
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _calibrate(work: Work, clock: Clock) -> int:
    """Return how often the work has to be done for the clock; this run warms up as well."""
    repeats = 1
    while (took := _time(work, repeats, clock) * repeats) < SHORTEST and repeats < MOST_REPEATS:
        # A clock that has not moved yet says only "more"; never more than tenfold at once.
        repeats = min(MOST_REPEATS, repeats * 10 if took <= 0 else repeats * min(10, 1 + int(SHORTEST / took)))
    return repeats


def _time(work: Work, repeats: int, clock: Clock) -> float:
    """Return the seconds that one piece of work takes, over so many of them; never nought."""
    gc.collect()
    was_on = gc.isenabled()
    gc.disable()
    try:
        start = clock()
        for _ in range(repeats):
            work()
        return max(clock() - start, 1e-9) / repeats
    finally:
        if was_on:
            gc.enable()
