"""A file of no kind that is known: nothing can be read from it, but it may name what is asked for."""

from collections.abc import Sequence
from datetime import datetime

from mailtrace.delivery.events import Event
from mailtrace.delivery.logs import Clock, LineReader


class UnknownReader:
    """Reads nothing."""

    begins_with_time = False
    """See `LineReader`."""

    def is_line(self, line: bytes) -> bool:
        """See `LineReader`: none is one of a log that is known."""
        del line
        return False

    def breaks_off(self, line: bytes) -> bool:
        """See `LineReader`."""
        del line
        return False

    def time_of(self, line: bytes) -> datetime | None:
        """See `LineReader`."""
        del line
        return None

    def read(self, line: bytes, number: int) -> tuple[Event, ...]:
        """See `LineReader`."""
        del line, number
        return ()


class UnknownFormat:
    """What no other format recognises."""

    kind = "unknown"

    def recognises(self, sample: Sequence[bytes]) -> bool:
        """See `LogFormat`."""
        return bool(sample)

    def reader(self, name: str, sample: Sequence[bytes], clock: Clock) -> LineReader:
        """See `LogFormat`."""
        del name, sample, clock
        return UnknownReader()
