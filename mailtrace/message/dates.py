"""The date that nearly every program writes, RFC 5322 §3.3, read strictly: of the Date field and of trace fields.

What is written otherwise is for others to read (`message`, `path.dates`); the same comes out.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_USUAL = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d\d? [A-Z][a-z]{2} (?:19|20)\d\d) ([01]\d|2[0-3]):([0-5]\d):([0-5]\d) "
    r"([+-](?:0\d|1[0-3])[0-5]\d)((?: \([A-Z]{1,5}\))?)",
    re.ASCII,
)
_MONTHS = {
    name: f"{number:02}"
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), start=1
    )
}


def usual_date(text: str, start: int = 0) -> tuple[datetime, str] | None:
    """Read a date that goes to the end of a text: the time in UTC, and the comment behind it, ` (UTC)` or nothing.

    None where it is written otherwise, or where the calendar has no such day.

    >>> usual_date("Fri, 1 May 2026 12:00:00 +0200 (CEST)")
    (datetime.datetime(2026, 5, 1, 10, 0, tzinfo=datetime.timezone.utc), ' (CEST)')
    """
    found = _USUAL.fullmatch(text, start)
    if found is None:
        return None
    day, hours, minutes, seconds, zone, comment = found.groups()
    midnight = _midnight(day, zone)
    if midnight is None:
        return None
    return midnight + timedelta(0, int(hours) * 3600 + int(minutes) * 60 + int(seconds)), comment


@lru_cache(maxsize=512)
def _midnight(day: str, zone: str) -> datetime | None:
    """Return when a day begins in a zone, in UTC: most dates of a message are of one day."""
    number, month, year = day.split(" ")
    try:
        local = datetime.fromisoformat(f"{year}-{_MONTHS[month]}-{number:0>2}T00:00:00{zone[:3]}:{zone[3:]}")
    except (KeyError, ValueError):
        return None
    return local.astimezone(UTC)
