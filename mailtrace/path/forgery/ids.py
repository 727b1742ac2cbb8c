"""Queue ids: what a server's id can look like, and the time that some of them hold.

Only forms that are certain stand here, and only where the field has the form of that very software:

- Postfix: short ids are the microsecond and the inode in hexadecimal; long ones (since 2.9) six digits of seconds since
  1970 and four of microseconds to the base of 52, without vowels, then `z` and the inode
- Exim: six digits of seconds since 1970 to the base of 62 (36 where file names know no case), then process and fraction
- sendmail: a digit each for year (modulo 60), month, day, hour, minute, second, two for a sequence, then the process
- Gmail: the date itself, in the time of California; between its own machines the milliseconds since 1970
- Dovecot: sixteen octets in base64, seconds since 1970 in the second four of them
- SendGrid, Mailgun, ZoneMTA, Zoho: seconds or milliseconds since 1970, hexadecimal or decimal

An id whose own time is far from the date of its field was taken from another message, or the date was made up.
"""

import binascii
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from mailtrace.findings import Finding, FindingKind, excerpt
from mailtrace.path.places import place_of, writer
from mailtrace.path.rows import Row
from mailtrace.path.types import Hop
from mailtrace.patterns import lazy
from mailtrace.records import Struct
from mailtrace.results import Confidence, Severity

ID_IMPOSSIBLE = FindingKind(
    code="hop-id-impossible",
    title="A queue id does not have the form of the software that is named",
    severity=Severity.NOTICE,
    reference="RFC 5321 §4.4",
)
ID_TIME = FindingKind(
    code="hop-id-time-differs",
    title="A queue id holds another time than the date of its field",
    severity=Severity.NOTICE,
    reference="RFC 5321 §4.4",
)

APART = 86_400.0
"""Seconds by which the two times may differ; they are seconds apart in honest mail."""
_LONGEST = 80
_SHORTEST = 6
"""Characters below which an id was shortened by whoever shows the message, and says nothing."""

_BASE_62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BASE_52 = "".join(char for char in _BASE_62 if char not in "AEIOUaeiou")
_CALIFORNIA = timedelta(hours=8)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class IdForm(Struct, frozen=True, kw_only=True):
    """What the ids of a software look like."""

    software: str
    """As in the dialect table."""
    whole: re.Pattern[str] | None
    """Pattern of every id that it can write; None where others are possible."""
    timed: re.Pattern[str]
    """Pattern of the ids that hold a time."""
    mark: str = ""
    """What each of these has: most ids are held against no pattern."""
    times: Callable[[re.Match[str], datetime], tuple[float, ...]] = lambda _match, _at: ()
    """The times that it can mean, in seconds since 1970."""


def _number(text: str, digits: str) -> float:
    value = 0
    for char in text:
        value = value * len(digits) + digits.index(char)
    return float(value)


def _postfix(match: re.Match[str], _: datetime) -> tuple[float, ...]:
    return (_number(match[1], _BASE_52),)


def _exim(match: re.Match[str], _: datetime) -> tuple[float, ...]:
    folded = match[1].upper() == match[1]
    return (_number(match[1], _BASE_62), *((_number(match[1], _BASE_62[:36]),) if folded else ()))


def _sendmail(match: re.Match[str], at: datetime) -> tuple[float, ...]:
    year, month, day, hour, minute, second = (_BASE_62.index(char) for char in match[1])
    # The year is counted from 1900, modulo 60: the one nearest to the date of the field.
    years = [1900 + year + 60 * turn for turn in range(4)]
    nearest = min(years, key=lambda each: abs(each - at.year))
    try:
        return ((datetime(nearest, month + 1, day, hour, minute, tzinfo=UTC) - _EPOCH).total_seconds() + second,)
    except ValueError:
        return ()


def _gmail(match: re.Match[str], _: datetime) -> tuple[float, ...]:
    if match["ms"]:
        return (int(match["ms"]) / 1000,)
    try:
        local = datetime.strptime(match["date"], "%Y.%m.%d.%H.%M.%S").replace(tzinfo=UTC)
    except ValueError:
        return ()
    return ((local + _CALIFORNIA - _EPOCH).total_seconds(),)


def _dovecot(match: re.Match[str], _: datetime) -> tuple[float, ...]:
    return (float(int.from_bytes(binascii.a2b_base64(match[0] + "==")[4:8], "little")),)


def _hexadecimal(match: re.Match[str], _: datetime) -> tuple[float, ...]:
    return (float(int(match[1], 16)),)


def _hexadecimal_milliseconds(match: re.Match[str], _: datetime) -> tuple[float, ...]:
    return (int(match[1], 16) / 1000,)


def _milliseconds(match: re.Match[str], _: datetime) -> tuple[float, ...]:
    return (int(match[1]) / 1000,)


_V = f"[{re.escape(_BASE_52)}]"
_EXIM = lazy(r"([0-9A-Za-z]{6})-(?:[0-9A-Za-z]{6}-[0-9A-Za-z]{2}|[0-9A-Za-z]{11}-[0-9A-Za-z]{4})", re.ASCII)
FORMS = (
    IdForm(
        software="Postfix", whole=lazy(rf"[0-9A-F]{{6,25}}|{_V}{{11,30}}", re.ASCII),
        timed=lazy(rf"({_V}{{6}}){_V}{{4}}z{_V}+", re.ASCII), mark="z", times=_postfix,
    ),
    IdForm(software="Exim", whole=_EXIM, timed=_EXIM, times=_exim),
    IdForm(
        software="Sendmail", whole=None,
        timed=lazy(r"([0-9A-Za-x][0-9A-B][1-9A-V][0-9A-N][0-9A-Za-x]{2})[0-9A-Za-x]{2}\d{6}", re.ASCII),
        times=_sendmail,
    ),
    IdForm(
        software="Gmail", whole=None,
        timed=lazy(r"[\w-]+(?:\.\d+)*\.(?:(?P<date>20\d\d\.\d\d\.\d\d\.\d\d\.\d\d\.\d\d)|(?P<ms>1\d{12}))", re.ASCII),
        times=_gmail,
    ),
    # Sixteen octets in base64: two bits are left for the last character.
    IdForm(software="Dovecot", whole=None, timed=lazy(r"[0-9A-Za-z+/]{21}[AQgw]", re.ASCII), times=_dovecot),
    IdForm(
        software="SendGrid", whole=None,
        timed=lazy(r"(?:filterdrecv|recvd)-[0-9a-z-]+-\d+-([0-9A-F]{8})-[0-9A-F]+", re.ASCII), times=_hexadecimal,
    ),
    IdForm(software="Mailgun", whole=None, timed=lazy(r"([0-9a-f]{8})[0-9a-f]{16}", re.ASCII), times=_hexadecimal),
    IdForm(
        software="ZoneMTA", whole=None,
        timed=lazy(r"(1[0-9a-f]{10})[0-9a-f]{7}(?:\.\d{3})?", re.ASCII), times=_hexadecimal_milliseconds,
    ),
    IdForm(software="Zoho", whole=None, timed=lazy(r"(1\d{12})\d{1,5}\.\d+", re.ASCII), times=_milliseconds),
)  # fmt: skip
_FORMS = {form.software: form for form in FORMS}


def has_known_ids(row: Row) -> bool:
    """Tell whether it is known what the ids of the software look like that wrote such a field."""
    dialect = row.reading.dialect
    return dialect is not None and dialect.software in _FORMS and row.received.id is not None


def observe_id(hop: Hop, row: Row) -> Iterator[Finding]:
    """Say what is wrong with a hop's id."""
    form, text = _FORMS[hop.software or ""], row.received.id
    if text is None or not _SHORTEST <= len(text) <= _LONGEST:
        return
    if form.whole is not None and not form.whole.fullmatch(text):
        yield ID_IMPOSSIBLE.found(
            f"{writer(hop)} names {form.software}, which does not write ids like {excerpt(text)}.",
            place_of(hop),
            confidence=Confidence.MEDIUM,
        )
        return
    at = hop.received.received_at
    times = times_of(form, text, at) if at is not None else ()
    if at is not None and times and min(abs(time - at.timestamp()) for time in times) > APART:
        yield ID_TIME.found(
            f"The id {excerpt(text)} of {writer(hop)} was made {_day(times[0])}, and the field is dated {at.date()}.",
            place_of(hop),
            confidence=Confidence.MEDIUM,
        )


def times_of(form: IdForm, text: str, at: datetime) -> tuple[float, ...]:
    """Return the times that an id can mean; none where it holds no time."""
    match = form.timed.fullmatch(text) if form.mark in text else None
    return form.times(match, at) if match else ()


def _day(seconds: float) -> str:
    try:
        return f"on {(_EPOCH + timedelta(seconds=seconds)).date()}"
    except OverflowError:
        return "at no time that a calendar has"
