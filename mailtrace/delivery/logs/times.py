"""The times of log lines: classic syslog (RFC 3164 §4.1.2), RFC 5424 §6.2.3 and ISO 8601, and what they leave out.

Classic syslog has neither year nor zone. The year is the last one in which the time is not after the file's newest,
with a day of slack; a reader says that it was inferred. Pure: the clock is given.
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from types import MappingProxyType

from mailtrace.delivery.logs import Clock

_MONTHS = MappingProxyType(
    {
        name: number
        for number, name in enumerate(
            (b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"), start=1
        )
    }
)
_SLACK = timedelta(days=1)
_LEAP = 8
"""Years between two leap days at most (1896 and 1904, 2096 and 2104)."""

# A priority (RFC 5424 §6.2.1) and its version may stand in front, and `journalctl -o short-full` writes the weekday.
_FRONT = rb"(?:<\d{1,3}>(?:1 )?)?(?:[A-Z][a-z]{2} )??"
# Oct 20 10:00:00; Oct  2 10:00:00.123; Oct 20 2026 10:00:00
_CLASSIC = rb"([A-Z][a-z]{2}) {1,2}(\d{1,2}) (?:(\d{4}) )?(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6})\d{0,3})?"
# 2026-10-20T10:00:00.123456+02:00; 2026-10-20T10:00:00+0200; 2026-10-20 10:00:00 +0200; 2026-10-20T10:00:00Z
_ISO = rb"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,6})\d{0,3})?(Z| UTC| ?[+-]\d\d:?\d\d)?"
_TIME = re.compile(_FRONT + rb"(?:" + _CLASSIC + rb"|" + _ISO + rb")(?=[ ,:]|$)")


class Times:
    """Reads the time at the beginning of a line."""

    def __init__(self, clock: Clock) -> None:
        self._zone = clock.zone
        self._limit = clock.newest.astimezone(clock.zone) + _SLACK
        self.year_inferred = False
        """A time without a year was read."""

    def read(self, line: bytes) -> tuple[datetime, int] | None:
        """Return the time (UTC) and where it ends; None where the line does not begin with one."""
        match = _TIME.match(line)
        if match is None:
            return None
        try:
            time = self._classic(match) if match[1] else self._iso(match)
        except (ValueError, OverflowError):  # the 31st of a short month, or a time zone that leads out of all years
            return None
        return (time, match.end()) if time else None

    def _classic(self, match: re.Match[bytes]) -> datetime | None:
        month = _MONTHS.get(match[1])
        if month is None:
            return None
        day, hour, minute, second = int(match[2]), int(match[4]), int(match[5]), min(int(match[6]), 59)
        micro = _micro(match[7])
        if match[3]:
            return self._utc(datetime(int(match[3]), month, day, hour, minute, second, micro, self._zone))
        self.year_inferred = True
        newest = self._limit.year
        for year in range(newest, newest - _LEAP - 1, -1):
            if (month, day) == (2, 29) and not _is_leap(year):
                continue
            time = datetime(year, month, day, hour, minute, second, micro, self._zone)
            if time <= self._limit:
                return self._utc(time)
        return None

    def _iso(self, match: re.Match[bytes]) -> datetime:
        year, month, day, hour, minute = (int(match[group]) for group in range(8, 13))
        # RFC 5424 §6.2.3.1 forbids leap seconds; where one is written all the same, it is the second before.
        second = min(int(match[13]), 59)
        offset = match[15]
        if offset is None:
            return self._utc(datetime(year, month, day, hour, minute, second, _micro(match[14]), self._zone))
        return datetime(year, month, day, hour, minute, second, _micro(match[14]), UTC) - _offset(offset)

    def _utc(self, time: datetime) -> datetime:
        return time if self._zone is UTC else time.astimezone(UTC)


@lru_cache(maxsize=64)
def _offset(text: bytes) -> timedelta:
    """Read `Z`, ` UTC`, `+02:00`, ` -0800`."""
    if text in {b"Z", b" UTC"}:
        return timedelta(0)
    digits = text.strip()
    minutes = int(digits[1:3]) * 60 + int(digits[-2:])
    return timedelta(minutes=-minutes if digits[:1] == b"-" else minutes)


def _micro(digits: bytes | None) -> int:
    return int(digits.ljust(6, b"0")) if digits else 0


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


_MOST_DAYS = 1000


def repeated_hours(zone: tzinfo, first: datetime, last: datetime) -> tuple[datetime, ...]:
    """Return when hours begin, in the zone, that came twice between two times: when summer time ended.

    >>> from zoneinfo import ZoneInfo
    >>> first, last = datetime(2026, 10, 24, tzinfo=UTC), datetime(2026, 10, 26, tzinfo=UTC)
    >>> [str(one) for one in repeated_hours(ZoneInfo("Europe/Berlin"), first, last)]
    ['2026-10-25 02:00:00+01:00']
    """
    found = []
    hour = timedelta(hours=1)
    day = first.replace(minute=0, second=0, microsecond=0)
    for _ in range(_MOST_DAYS):
        if day > last:
            break
        if _offset_at(day + 24 * hour, zone) < _offset_at(day, zone):
            changed = next(at for at in range(1, 25) if _offset_at(day + at * hour, zone) < _offset_at(day, zone))
            if day + changed * hour <= last + hour:
                found.append((day + changed * hour).astimezone(zone))
        day += 24 * hour
    return tuple(found)


def _offset_at(time: datetime, zone: tzinfo) -> timedelta:
    return time.astimezone(zone).utcoffset() or timedelta(0)
