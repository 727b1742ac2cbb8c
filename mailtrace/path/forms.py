"""What a Received field says besides its id, its sender and its time, which most fields of a mailbox share with others.

A server writes the same field for every message but for these, and the same neighbours hand over again and again. So a
field is taken apart here into these three and the rest, by one strict pattern each; the rest is read once, with marks
where the others were, and what follows from it alone is kept with it. What does not fit the patterns is read by itself,
and the result is the same: tests hold the one against the other.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from mailtrace.path.dates import MONTHS
from mailtrace.records import Struct

MARK = "\ue000"
"""Stands for the id: a character of private use, which no field that is read in this way has."""
SENDER = "\ue001@e.invalid"
"""Stands for the sender."""
LONGEST = 1000
"""Characters of a field that is taken apart."""

_DATE = re.compile(
    r"; (?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) (20\d\d) ((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d) "
    r"([+-](?:0\d|1[0-3]))([0-5]\d)"
    r"((?: \([A-Z]{1,5}\))?)",
    re.ASCII,
)
_MONTHS = {name.title(): f"{number:02}" for name, number in MONTHS.items()}
# With a digit in it, it is no keyword; behind `...for` the clause `for` may follow, a blank having been lost.
_ID = re.compile(r" id ((?=[A-Za-z._-]*[0-9])[A-Za-z0-9._-]{4,64})(?<!for)(?=[ ;])", re.ASCII)
# The envelope sender, or the account that logged in. Not one that holds a word of those that tell of encryption.
_SENDER = re.compile(
    r"(?:(?<=[ (]envelope-from <)|(?<=\(Authenticated sender: ))(?![^@ ]{0,200}(?:tls|ssl|cipher))"
    r"[A-Za-z0-9+._-]{1,64}@[A-Za-z0-9.-]{1,200}(?=[>)])",
    re.ASCII | re.IGNORECASE,
)


class Parts(Struct, frozen=True):
    """A field, taken apart."""

    rest: str
    """With the marks, up to the last semicolon."""
    behind: str
    """The comment behind the date, ` (UTC)`, or nothing."""
    id: str | None
    sender: str | None
    at: datetime
    """UTC."""


def take_apart(text: str) -> Parts | None:
    """Take a field apart, of which all white space is single blanks; None if it has not the usual form."""
    end = text.rfind("; ")
    date = _DATE.fullmatch(text, end) if 0 < end < LONGEST else None
    at = _moment(date) if date else None
    if date is None or at is None or "\ue000" in text or "\ue001" in text:
        return None
    rest, sender = text[: end + 1], None
    if "nvelope-from <" in rest or "enticated sender: " in rest:
        senders = _SENDER.findall(rest)
        if senders and senders.count(senders[0]) == len(senders):
            sender = senders[0]
            rest = _SENDER.sub(SENDER, rest)
    found = _ID.search(rest)
    if found is not None:
        rest = f"{rest[: found.start(1)]}{MARK}{rest[found.end(1) :]}"
    return Parts(rest[:-1], date[7], found and found[1], sender, at)


def _moment(date: re.Match[str]) -> datetime | None:
    """Return the time of a strict date, as `dates.read_date` does; None where the calendar has none."""
    day, month, year, time, hours, minutes, _ = date.groups()
    try:
        return datetime.fromisoformat(f"{year}-{_MONTHS[month]}-{day:0>2}T{time}{hours}:{minutes}").astimezone(UTC)
    except (KeyError, ValueError):
        return None


class Kept:
    """What was found out about a form. All are equal: that something is kept is no part of what a field says."""

    __slots__ = ("found",)

    def __init__(self) -> None:
        self.found: dict[Any, Any] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Kept)

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return "Kept()"


class HasForm(Protocol):
    """A field that was read."""

    @property
    def kept(self) -> Kept:
        """Where what follows from its form is kept."""


_Field = TypeVar("_Field", bound=HasForm)
_Rest = ParamSpec("_Rest")
_Found = TypeVar("_Found")


def of_form(
    judge: Callable[Concatenate[_Field, _Rest], _Found],
) -> Callable[Concatenate[_Field, _Rest], _Found]:
    """Ask once for each form, and each set of arguments, what follows whatever a field's id and time are."""

    @wraps(judge)
    def asked(field: _Field, /, *rest: _Rest.args, **named: _Rest.kwargs) -> _Found:
        found, key = field.kept.found, (judge, *rest) if rest else judge
        if key not in found:
            found[key] = judge(field, *rest, **named)
        return found[key]  # type: ignore[no-any-return]

    return asked
