"""The date of a trace field: RFC 5322 §3.3 and its obsolete forms (§4.3), and what software writes instead.

Seen in the wild and read here: no weekday, full month names, two-digit years, fractional seconds, Go's time.String(),
ctime(), a zone by name, a zone without a space or with three digits, an offset followed by a decorative name.
A zone that is missing, not known or not possible is never taken for UTC: the reading then has a problem and no time.
"""

import re
from datetime import UTC, datetime, timedelta
from enum import unique

from mailtrace.enums import StrEnum
from mailtrace.patterns import lazy
from mailtrace.records import Struct

DATE_LIMIT = 400
"""Characters in which a date is looked for."""

MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
# Where another language is set; each of them means one month only, whatever the language.
_MONTHS_ELSEWHERE = {
    "ene": 1, "gen": 1, "fev": 2, "mrz": 3, "mrt": 3, "maa": 3, "abr": 4, "avr": 4, "mai": 5, "mei": 5, "mag": 5,
    "giu": 6, "juin": 6, "lug": 7, "juil": 7, "ago": 8, "aou": 8, "set": 9, "okt": 10, "out": 10, "ott": 10,
    "dez": 12, "dic": 12,
}  # fmt: skip

# RFC 5322 §4.3 defines the American names; the others are common in trace fields and mean one thing only. IST (India,
# Ireland, Israel) and the military letters other than Z are left out on purpose.
_ZONES = {
    "UT": 0, "UTC": 0, "GMT": 0, "Z": 0, "WET": 0,
    "EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420,
    "AKST": -540, "AKDT": -480, "HST": -600, "AST": -240, "ADT": -180, "NST": -210, "NDT": -150,
    "BRT": -180, "BRST": -120, "ART": -180, "CLT": -240, "CLST": -180,
    "BST": 60, "WEST": 60, "CET": 60, "MET": 60, "CEST": 120, "MEST": 120, "MESZ": 120, "MEZ": 60, "EET": 120,
    "EEST": 180, "MSK": 180, "MSD": 240, "SAST": 120, "WIB": 420, "ICT": 420, "HKT": 480, "SGT": 480, "AWST": 480,
    "JST": 540, "KST": 540, "ACST": 570, "ACDT": 630, "AEST": 600, "AEDT": 660, "NZST": 720, "NZDT": 780,
}  # fmt: skip

_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
_ZONE = (
    r"(?P<zone>(?:GMT|UTC)?[+-]\d{1,2}(?::?\d{2})?(?!\d)|[+-]\d{3,}|[A-Za-z]{3,4}(?:\d{1,2}[A-Za-z]{3,4}| DST)(?!\w)"
    r"|[A-Za-z]{1,5}(?![A-Za-z0-9:]))"
)
_DAY, _MONTH, _YEAR = r"(?P<day>\d{1,2})", r"(?P<month>[A-Za-z]{3,9})", r"(?P<year>\d{2,4})"
_FORMS = tuple(
    lazy(form, re.ASCII | re.IGNORECASE)
    for form in (
        rf"(?<![\w:.]){_DAY}[ -]{{0,3}}{_MONTH}\.?[ ,-]{{0,3}}{_YEAR}[ ,]{{1,3}}{_TIME} {{0,3}}{_ZONE}?",
        rf"(?<!\w){_MONTH} {{1,3}}{_DAY} {{1,3}}{_TIME} {{1,3}}(?:{_ZONE} {{1,3}})?{_YEAR}(?!\d|:)",
        rf"(?<![\w:.])(?P<year>\d{{4}})-(?P<month>\d{{2}})-{_DAY}[T ]{_TIME} {{0,3}}{_ZONE}?",
    )
)
_AFTER_CTIME = lazy(rf" {{1,3}}{_ZONE}", re.ASCII)
_OFFSET = lazy(r"(?:GMT|UTC)?([+-])(\d{1,2}?)(?::?(\d{2}))?", re.ASCII | re.IGNORECASE)
_USUAL = len("+0000")
_CTIME = 1

# The offsets in use on Earth reach from -12:00 to +14:00.
_MAX_OFFSET = 14 * 60
_FIRST_YEAR = 1900


@unique
class DateProblem(StrEnum):
    """Why a date gives no time."""

    ABSENT = "absent"
    UNREADABLE = "unreadable"  # something like a date, which the calendar or the clock does not have
    NO_ZONE = "no-zone"
    UNKNOWN_ZONE = "unknown-zone"  # a name that we do not know, or an offset that nobody has


class DateReading(Struct, frozen=True, kw_only=True):
    """What a text says of the time. `problem` is None exactly when `at` is not None."""

    at: datetime | None
    """UTC."""
    problem: DateProblem | None
    start: int
    """Where in the text the date begins, and ends; both 0 without one."""
    end: int


_NOTHING = DateReading(at=None, problem=DateProblem.ABSENT, start=0, end=0)
A_DATE = DateReading(at=datetime(2026, 1, 1, tzinfo=UTC), problem=None, start=0, end=0)
"""Stands for the date of a field that was read by itself."""


def read_date(text: str, *, last: bool = False) -> DateReading:
    """Read the first (or the last) date of a text; looks at the first (or the last) 400 characters.

    >>> read_date("Fri, 27 Feb 04 14:16:56 -0800").at.isoformat()
    '2004-02-27T22:16:56+00:00'
    """
    offset = max(0, len(text) - DATE_LIMIT) if last else 0
    window = text[offset : offset + DATE_LIMIT]
    for number, form in enumerate(_FORMS):
        found = list(form.finditer(window))
        if found:
            return _reading(found[-1 if last else 0], window, offset, is_ctime=number == _CTIME)
    return _NOTHING


def _reading(match: re.Match[str], window: str, offset: int, *, is_ctime: bool) -> DateReading:
    zone, end = match.group("zone"), match.end()
    if is_ctime and zone is None and (after := _AFTER_CTIME.match(window, end)):
        zone, end = after.group("zone"), after.end()
    at, problem = _moment(match, zone)
    return DateReading(at=at, problem=problem, start=offset + match.start(), end=offset + end)


def _moment(match: re.Match[str], zone: str | None) -> tuple[datetime | None, DateProblem | None]:
    local = _local_time(match)
    if local is None:
        return None, DateProblem.UNREADABLE
    if zone is None:
        return None, DateProblem.NO_ZONE
    minutes = zone_minutes(zone)
    if minutes is None:
        return None, DateProblem.UNKNOWN_ZONE
    try:
        return local - timedelta(minutes=minutes), None
    except OverflowError:
        return None, DateProblem.UNREADABLE


def _local_time(match: re.Match[str]) -> datetime | None:
    """Return the time on the writer's wall, as if it were UTC; None where there is no such time."""
    second = int(match.group("second") or 0)
    micro = int((match.group("fraction") or "").ljust(6, "0")[:6])
    month = _month(match.group("month"))
    year = _full_year(match.group("year"))
    if month is None or year < _FIRST_YEAR or second > 60:
        return None
    try:
        base = datetime(
            year, month, int(match.group("day")), int(match.group("hour")), int(match.group("minute")), tzinfo=UTC
        )
        # RFC 5322 §3.3 allows for leap seconds: :60 is the first second of the next minute here.
        return base + timedelta(seconds=second, microseconds=micro)
    except (ValueError, OverflowError):
        return None


def _month(text: str) -> int | None:
    name = text[:4].lower()
    if text.isdecimal():
        return int(text)
    return MONTHS.get(name[:3]) or _MONTHS_ELSEWHERE.get(name[:3]) or _MONTHS_ELSEWHERE.get(name)


def _full_year(digits: str) -> int:
    """RFC 5322 §4.3: two digits below 50 are of this century, three are since 1900."""
    year = int(digits)
    if len(digits) == 2:
        return year + (2000 if year < 50 else 1900)
    return year + 1900 if len(digits) == 3 else year


def zone_minutes(zone: str) -> int | None:
    """Return the minutes that a zone is east of Greenwich; None where it is not known or not possible.

    `-0000` says that the time is UTC and nothing of the writer's place (RFC 5322 §3.3): zero.

    >>> zone_minutes("+0545"), zone_minutes("-500"), zone_minutes("JST"), zone_minutes("+9999"), zone_minutes("IST")
    (345, -300, 540, None, None)
    """
    name = zone.upper()
    # `MET DST`, as summer time was written once: an hour ahead of the zone that it names.
    named, summer = _ZONES.get(name.removesuffix(" DST")), name.endswith(" DST")
    if named is not None:
        return named + 60 if summer else named
    if len(zone) == _USUAL and zone[0] in "+-" and zone.isascii() and zone[1:].isdigit():
        sign, hours, rest = zone[0], zone[1:3], zone[3:]
    elif offset := _OFFSET.fullmatch(zone):
        sign, hours, rest = offset.groups()
    else:
        return None
    minutes = int(hours) * 60 + int(rest or 0)
    if minutes > _MAX_OFFSET or int(rest or 0) > 59:
        return None
    return -minutes if sign == "-" else minutes
