"""Names, addresses and dates as another program writes them: the same to a reader, other octets to a signature.

Mail stores that keep the meaning of a field and not its text write it anew when they give the message out again.
Exchange does (docs/alterations.md has what is known of it): it puts quotes around names, names an address by itself,
and gives a Date in another zone.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from itertools import islice

from mailtrace.auth.autopsy.header_repairs import PIECE, Fields, Group, edit, value_of
from mailtrace.auth.autopsy.steps import Edit, Kind
from mailtrace.message.types import HeaderField

_NAMED = ("from", "to", "cc", "reply-to", "sender")
_MAILBOX = re.compile(rb'("?)([^"<>\\]{0,200}?)\1[ \t]{0,20}<([^<>\s"]{1,400})>')
_BARE = re.compile(rb"[^\s<>\"(),;:]{1,400}@[^\s<>\"(),;:]{1,255}")
# RFC 5322 §3.2.3: with any other character inside, the name with quotes and the one without are not the same.
_PLAIN_NAME = re.compile(rb"[A-Za-z0-9 .!#$%&'*+/=?^_`{|}~-]{1,200}")

_TRACES = ("x-ms-", "x-microsoft-", "x-exchange-", "thread-index", "thread-topic")
"""Beginnings of the names of fields that Exchange and Outlook write."""

Way = Callable[[bytes, bytes], bytes | None]
"""Writes a mailbox, from its name without quotes and its address; None: not this one."""


def _plain(name: bytes, address: bytes) -> bytes | None:
    return _unnamed(name, address) if name == address else _unquoted(name, address)


def _plain_in_brackets(name: bytes, address: bytes) -> bytes | None:
    return _bracketed(name, address) if name == address else _unquoted(name, address)


def _unquoted(name: bytes, address: bytes) -> bytes | None:
    return name + b" <" + address + b">" if name else None


def _quoted(name: bytes, address: bytes) -> bytes | None:
    return b'"' + name + b'" <' + address + b">" if name else None


def _unnamed(name: bytes, address: bytes) -> bytes | None:
    return address if name.strip(b"'") in (b"", address) else None


def _bracketed(name: bytes, address: bytes) -> bytes | None:
    return b"<" + address + b">" if name.strip(b"'") in (b"", address) else None


def _without_apostrophes(name: bytes, address: bytes) -> bytes | None:
    bare = name.strip(b"'")
    return bare + b" <" + address + b">" if name and bare not in (name, address) else None


_WAYS: tuple[Way, ...] = (
    _plain,
    _quoted,
    _plain_in_brackets,
    _unquoted,
    _unnamed,
    _bracketed,
    _without_apostrophes,
)


def is_kept_by_exchange(fields: Fields) -> bool:
    """Tell whether the message shows a trace of Exchange or Outlook: anyone can write one, so it only orders trials."""
    return fields.has_prefix(_TRACES)


def mailboxes(fields: Fields) -> Group | None:
    """Write the names in addresses otherwise: all alike, then those of one field."""
    present = _addressed(fields)
    options = [tuple(_mailbox_edits(present, way)) for way in _WAYS]
    options += [(each,) for option in options if len(option) > 1 for each in option]
    distinct = tuple(option for option in dict.fromkeys(options) if option)
    if not distinct:
        return None
    return Group(name="the form of names and addresses", options=distinct[:24], hinted=is_kept_by_exchange(fields))


def written_anew(fields: Fields) -> Group | None:
    """Write names and Date otherwise at once, where the message shows a trace of a store that writes both anew."""
    names = tuple(_mailbox_edits(_addressed(fields), _plain))
    date = dates(fields)
    if not names or date is None or not is_kept_by_exchange(fields):
        return None
    options = tuple((*names, *option) for option in date.options[:16])
    return Group(name="the form of names and Date", options=options, hinted=False)


def _addressed(fields: Fields) -> list[HeaderField]:
    return [field for name in _NAMED if (field := fields.covered(name)) is not None]


def _mailbox_edits(fields: list[HeaderField], way: Way) -> Iterator[Edit]:
    for field in fields:
        value = value_of(field)
        written = _written(value, way)
        if written != value:
            yield edit(Kind.RE_ENCODED, field, written)


@lru_cache(maxsize=64)
def _written(value: bytes, way: Way) -> bytes:
    """Write every mailbox of a value in a way; remembered, as every signature of a message asks the same."""
    return PIECE.sub(lambda match: _rewritten(match[0], way), value)


def _rewritten(piece: bytes, way: Way) -> bytes:
    bare = piece.strip()
    if match := _MAILBOX.fullmatch(bare):
        name, address = match[2].strip(b" \t"), match[3]
        if name and not _is_plain(name, address):
            return piece
    elif _BARE.fullmatch(bare):
        name, address = b"", bare
    else:
        return piece
    written = way(name, address)
    return piece if written is None else piece.replace(bare, written)


def _is_plain(name: bytes, address: bytes) -> bool:
    return name.strip(b"'") == address or (_PLAIN_NAME.fullmatch(name) is not None and b"=?" not in name)


_DATE = re.compile(
    r"(?:([A-Z][a-z]{2}), {0,4})?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}:\d{2}(?::\d{2})?) {0,4}"
    r"([+-]\d{4}|[A-Z]{1,5})( {1,4}\([^()]{1,40}\))?"
)
_OFFSET = re.compile(rb"\d{2}:\d{2}:\d{2} ([+-])(\d{2})([0345]{2})\b")
_COMMON_OFFSETS = (120, -420, 60, -240, -480, -300, -360, 0, 180, 330, 480, 540)
"""Minutes east of UTC."""

_NOUGHT = ("+0000", "GMT", "-0000", "UT", "Z")


def dates(fields: Fields) -> Group | None:
    """Write the same instant otherwise: with or without a nought, a weekday, a comment; then in another zone."""
    field = fields.covered("date")
    match = _DATE.fullmatch(value_of(field).decode("ascii", "replace")) if field is not None else None
    if field is None or match is None:
        return None
    values = (value.encode() for value in _same_instants(match, fields))
    own = value_of(field)
    options = tuple((edit(Kind.RE_ENCODED, field, value),) for value in dict.fromkeys(values) if value != own)
    hinted = is_kept_by_exchange(fields)
    return Group(name="the form of Date", options=options[:40], hinted=hinted)


def _same_instants(match: re.Match[str], fields: Fields) -> Iterator[str]:
    day, month, year, clock, zone, comment = match.groups("")[1:]
    yield from _in_other_zones(match[0], fields)
    week = f"{match[1]}, " if match[1] else ""
    yield f"{week}{day} {month} {year} {clock} {zone}{'' if comment else ' (UTC)'}"
    yield f"{day} {month} {year} {clock} {zone}"
    for name in (zone, *_NOUGHT) if zone in _NOUGHT else (zone,):
        for each in (day, f"{int(day):02}", str(int(day))):
            yield f"{week}{each} {month} {year} {clock} {name}"


def _in_other_zones(date: str, fields: Fields) -> Iterator[str]:
    try:
        instant = parsedate_to_datetime(date)
        for minutes in dict.fromkeys((*_offsets(fields), *_COMMON_OFFSETS)):
            for padded in (False, True):
                yield _in_zone(instant, minutes, padded=padded)
    except (ValueError, OverflowError):
        return


def _offsets(fields: Fields) -> Iterator[int]:
    """Yield the zones that the message's own fields are dated in, the oldest field first."""
    dated = islice(reversed(fields.all("received")), 12)
    for field in dated:
        for match in islice(_OFFSET.finditer(field.raw[-200:]), 2):
            minutes = int(match[2]) * 60 + int(match[3])
            if minutes <= 14 * 60:
                yield minutes if match[1] == b"+" else -minutes


def _in_zone(instant: datetime, minutes: int, *, padded: bool) -> str:
    there = instant.astimezone(UTC) + timedelta(minutes=minutes)
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    week, month = _WEEK[there.weekday()], _MONTHS[there.month - 1]
    day = f"{there.day:02}" if padded else str(there.day)
    return f"{week}, {day} {month} {there.year:04} {there:%H:%M:%S} {sign}{hours:02}{rest:02}"


_WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
