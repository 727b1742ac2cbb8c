"""Tables of comma-separated values (RFC 4180), as servers and their consoles export them: a header, then a row a line.

The names of columns are compared by their letters and digits alone (`message-id`, `Message ID`, `message_id`).
"""

import csv
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from mailtrace.delivery.events import Line
from mailtrace.delivery.logs import MAX_LINE, Clock
from mailtrace.delivery.logs.entries import Entry, decode, raw_text
from mailtrace.delivery.logs.times import Times

_NAME = re.compile(r"[^a-z0-9]+")
# 2026/10/20 10:00:00 UTC, as Google writes
_YEAR_FIRST = re.compile(r"(\d{4})/(\d\d?)/(\d\d?) (\d\d?):(\d\d):(\d\d)(?: ([A-Z]{3,4}))?$")
# 10/20/2026 10:00:00 AM
_MONTH_FIRST = re.compile(r"(\d\d?)/(\d\d?)/(\d{4}) (\d\d?):(\d\d):(\d\d) ([AP])M$")
# 20.10.2026 10:00:00; with slashes either may come first, and only a number above 12 tells
_DAY_FIRST = re.compile(r"(\d\d?)([./])(\d\d?)\2(\d{4}) (\d\d?):(\d\d)(?::(\d\d))?$")
# RFC 5322 §4.3
_ZONES = {"UTC": 0, "GMT": 0, "EDT": -4, "EST": -5, "CDT": -5, "CST": -6, "MDT": -6, "MST": -7, "PDT": -7, "PST": -8}


def cells(line: str) -> list[str]:
    """Split a row; what is no row gives nothing."""
    try:
        return next(csv.reader([line]), [])
    except csv.Error:
        return []


def name_of(column: str) -> str:
    """Return a column's name as it is compared.

    >>> name_of("Date (UTC)"), name_of("message-id")
    ('dateutc', 'messageid')
    """
    return _NAME.sub("", column.casefold())


def header_of(sample: Sequence[bytes]) -> list[str]:
    """Return the columns of a table: of its first line that is no comment, or of Exchange's `#Fields:`."""
    for line in sample[:10]:
        text = decode(line[:MAX_LINE]).lstrip("\ufeff").rstrip("\r\n")
        if text.startswith("#Fields: "):
            return cells(text.removeprefix("#Fields: "))
        if text and not text.startswith("#"):
            return cells(text)
    return []


def moment(text: str, times: Times, zone: tzinfo) -> datetime | None:
    """Read a time as these tables write it (UTC); None where it could be read in two ways, or in none."""
    found = times.read(text.encode("utf-8", "replace"))
    if found is not None:
        return found[0]
    try:
        if match := _YEAR_FIRST.match(text):
            year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
            offset = _ZONES.get(match[7]) if match[7] else None
            if match[7] and offset is None:
                return None
            at = zone if offset is None else timezone(timedelta(hours=offset))
            return datetime(year, month, day, hour, minute, second, tzinfo=at).astimezone(UTC)
        if match := _MONTH_FIRST.match(text):
            month, day, year, hour, minute, second = (int(part) for part in match.groups()[:6])
            hour = hour % 12 + (12 if match[7] == "P" else 0)
            return datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)
        if match := _DAY_FIRST.match(text):
            day, month, year, hour, minute, second = (int(match[group] or 0) for group in (1, 3, 4, 5, 6, 7))
            if match[2] == "/" and day <= 12:
                if month <= 12 and day != month:
                    return None
                day, month = month, day
            return datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    return None


class Row:
    """One row, by the names of its columns."""

    def __init__(self, columns: dict[str, int], values: list[str]) -> None:
        self._columns = columns
        self._values = values

    def get(self, *names: str) -> str:
        """Return the first of these columns that has a value; empty where none has."""
        for name in names:
            place = self._columns.get(name)
            if place is not None and place < len(self._values) and (value := self._values[place].strip()):
                return value
        return ""


class Table:
    """Reads the rows of one file."""

    def __init__(self, name: str, sample: Sequence[bytes], clock: Clock, time: tuple[str, ...]) -> None:
        self._name = name
        self._times = Times(clock)
        self._zone = clock.zone
        self._header = [name_of(column) for column in header_of(sample)]
        self._columns = {column: place for place, column in reversed(list(enumerate(self._header)))}
        self._time = time

    def row(self, line: bytes) -> Row | None:
        """Return a row; None for the header, a comment and a line that is none."""
        text = decode(line[:MAX_LINE]).lstrip("\ufeff").rstrip("\r\n")
        if not text or text.startswith("#"):
            return None
        values = cells(text)
        if len(values) < 2 or [name_of(value) for value in values[:3]] == self._header[:3]:
            return None
        return Row(self._columns, values)

    def is_row(self, line: bytes) -> bool:
        """Tell whether a line has the columns of the header, or is a comment, or empty."""
        text = decode(line[:MAX_LINE]).lstrip("\ufeff").strip()
        return not text or text.startswith("#") or len(cells(text)) == len(self._header)

    def time_of(self, line: bytes) -> datetime | None:
        """Return the time of a row."""
        row = self.row(line)
        return self.time(row) if row else None

    def time(self, row: Row) -> datetime | None:
        """Return the time of a row."""
        return moment(row.get(*self._time), self._times, self._zone)

    def entry(self, row: Row, line: bytes, number: int) -> Entry:
        """Return what every event of the row has in common."""
        source = Line(name=self._name, line=number)
        return Entry(
            time=self.time(row), host=None, program="", pid=None, message="", source=source, raw=raw_text(line)
        )


def bracketed(message_id: str) -> str | None:
    """Return a Message-ID with its brackets; None where there is none.

    >>> bracketed("AbC@example.com"), bracketed("")
    ('<AbC@example.com>', None)
    """
    if not message_id or message_id in {"<>", "N/A"}:
        return None
    return message_id if message_id.startswith("<") else f"<{message_id}>"


def machine(name: str, address: str) -> str | None:
    """Return a peer: `name[address]`, or what is known of it."""
    if address:
        return f"{name}[{address}]"
    return name or None


class TableReader:
    """Reads the rows of a table: what all formats with columns have alike."""

    begins_with_time = False
    """See `LineReader`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def is_line(self, line: bytes) -> bool:
        """See `LineReader`."""
        return self._table.is_row(line)

    def breaks_off(self, line: bytes) -> bool:
        """See `LineReader`: what breaks off has too few columns, and is no row."""
        del line
        return False

    def time_of(self, line: bytes) -> datetime | None:
        """See `LineReader`."""
        return self._table.time_of(line)
