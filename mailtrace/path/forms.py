"""What a Received field says besides its id, its sender and its time, which most fields of a mailbox share with others.

A server writes the same field for every message but for these, and the same neighbours hand over again and again. So a
field is taken apart here into these three and the rest, by one strict pattern each; the rest is read once, with marks
where the others were, and what follows from it alone is kept with it. What does not fit the patterns is read by itself,
and the result is the same: tests hold the one against the other.
"""

import re
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from mailtrace.message.dates import usual_date
from mailtrace.patterns import lazy
from mailtrace.records import Struct

MARK = "\ue000"
"""Stands for the id: a character of private use, which no field that is read in this way has."""
SENDER = "\ue001@e.invalid"
"""Stands for the sender."""
LONGEST = 1000
"""Characters of a field that is taken apart."""

# With a digit in it, it is no keyword; behind `...for` the clause `for` may follow, a blank having been lost.
_ID = re.compile(r" id ((?=[A-Za-z._+/-]*[0-9])[A-Za-z0-9._+/-]{4,64})(?<!for)(?=[ ;])", re.ASCII)
# What stands before the envelope sender, or the account that logged in.
_BEFORE_SENDER = (" envelope-from <", "(envelope-from <", "(Authenticated sender: ")
# Not one that holds a word of those that tell of encryption.
_SENDER = lazy(
    r"(?![^@ ]{0,200}(?:tls|ssl|cipher))[A-Za-z0-9+._-]{1,64}@[A-Za-z0-9.-]{1,200}(?=[>)])", re.ASCII | re.IGNORECASE
)


class Parts(Struct, frozen=True):
    """A field, taken apart."""

    rest: str
    """With the marks, in front of the last semicolon."""
    behind: str
    """The comment behind the date, ` (UTC)`, or nothing."""
    id: str | None
    sender: str | None
    at: datetime
    """UTC."""


def take_apart(text: str) -> Parts | None:
    """Take a field apart, of which all white space is single blanks; None if it has not the usual form."""
    end = text.rfind("; ")
    date = usual_date(text, end + 2) if 0 < end < LONGEST else None
    if date is None or "\ue000" in text or "\ue001" in text:
        return None
    at, comment = date
    rest, sender = _without_sender(text[:end])
    found = _ID.search(f"{rest};", max(0, rest.find(" id ")))
    if found is not None:
        rest = f"{rest[: found.start(1)]}{MARK}{rest[found.end(1) :]}"
    return Parts(rest, comment, found and found[1], sender, at)


def _without_sender(text: str) -> tuple[str, str | None]:
    """Put the mark where the first sender stands in its usual form; another one is a part of the form."""
    for before in _BEFORE_SENDER:
        place = text.find(before)
        found = _SENDER.match(text, place + len(before)) if place >= 0 else None
        if found is not None:
            return f"{text[: found.start()]}{SENDER}{text[found.end() :]}", found[0]
    return text, None


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
