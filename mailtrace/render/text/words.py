"""Words for people: times, durations, addresses, and what a result word of an RFC means in a sentence. Pure."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from mailtrace.path.addresses import read_address
from mailtrace.printable import duration
from mailtrace.report import HopReport, MailboxReport
from mailtrace.results import Confidence, Grade, Security, Standing
from mailtrace.transport.types import TLSInfo

NOT_STATED = "not stated"

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(time: datetime) -> str:
    """Name the day, the same in every locale.

    >>> day(datetime(2026, 10, 20, tzinfo=UTC))
    'Tue 20 Oct 2026'
    """
    utc = time.astimezone(UTC)
    return f"{_DAYS[utc.weekday()]} {utc.day} {_MONTHS[utc.month - 1]} {utc.year}"


def clock(time: datetime) -> str:
    """Name the time of day, in UTC."""
    return time.astimezone(UTC).strftime("%H:%M:%S")


def moment(time: datetime | None) -> str:
    """Name day and time, or say that there is none."""
    return NOT_STATED if time is None else f"{day(time)} {clock(time)} UTC"


def delay(seconds: float | None) -> str:
    """Say how long a hop took; a negative time is a difference of clocks, not a delay."""
    if seconds is None:
        return ""
    # Within a second it is the resolution of the time stamps, which most servers write without fractions.
    clocks = "clocks differ, " if seconds <= -1 else ""
    return f"{clocks}{'-' if seconds < 0 else '+'}{duration(seconds)}"


def count(number: int, one: str, many: str | None = None) -> str:
    """Count things.

    >>> count(1, "hop"), count(2, "hop"), count(2, "reply", "replies")
    ('1 hop', '2 hops', '2 replies')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(items: Sequence[str], *, limit: int = 5) -> str:
    """Join words with commas, and say how many more there are."""
    shown = ", ".join(items[:limit])
    return f"{shown} and {len(items) - limit:,} more" if len(items) > limit else shown


def mailbox(box: MailboxReport) -> str:
    """Show an address beside its name; a name alone is shown as what it is."""
    if box.address is None:
        return f"{box.name or ''} (no address that could be read)".strip()
    return f"{box.name} <{box.address}>" if box.name and box.name != box.address else box.address


def mailboxes(boxes: Sequence[MailboxReport], *, limit: int = 5) -> str:
    """Show a list of addresses."""
    return listed([mailbox(box) for box in boxes], limit=limit) if boxes else NOT_STATED


def plain(code: str) -> str:
    """Read a kebab-case code as words."""
    return code.replace("-", " ").replace("html ", "HTML ")


PROBABLY_NOT = "probably not encrypted"

_LOCAL = {
    "local": "local, on one machine",
    "lmtp": "local delivery (LMTP)",
    "loopback": "within one machine",
    "list": "list software, no network crossed",
    "internal": "internal hand-over, no peer named",
    "http": "webmail or a program, nothing said of encryption",
}


def protection(hop: HopReport) -> str:
    """Say what one field states about encryption of its hop."""
    transport = hop.transport
    if transport.security is Security.LOCAL:
        words = _LOCAL.get(hop.kind, "local, no network crossed")
    elif transport.security is Security.CLEARTEXT:
        words = "NOT ENCRYPTED" if would_be_told(hop) else PROBABLY_NOT
    elif transport.security is Security.UNRECORDED:
        words = "encryption not recorded"
    else:
        words = tls(hop)
    return f"{words}, after a login" if transport.authenticated_submission else words


# Lines, blocks, and what looks like a blank: a name could be made of them that looks like the border's line.
_DRAWN = re.compile("[\u2500-\u259f\u2800-\u28ff\u115f\u1160\u3164\uffa0]+")


def undrawn(text: str) -> str:
    r"""Show what could draw as what it is.

    >>> undrawn("\u2500\u2800border")
    '\\u2500\\u2800border'
    """
    return _DRAWN.sub(lambda found: found.group().encode("unicode_escape").decode("ascii"), text)


def would_be_told(hop: HopReport) -> bool:
    """Tell whether a field without a word of TLS is of a server that is known to write it down."""
    if hop.software is None or hop.transport.at_its_word is not Confidence.HIGH:
        return False
    return hop.transport.confidence is Confidence.HIGH or hop.standing is not Standing.TRUSTED


def tls(hop: HopReport) -> str:
    """Name the TLS version, cipher and grade as far as they are stated."""
    info, grade = hop.transport.tls, hop.transport.grade
    words = over(info, "TLS, version not stated")
    if info is not None and info.cipher:
        words += f"{'' if info.version else ','} {info.cipher}"
    return words if grade is None else f"{words} ({_GRADES[grade]})"


def over(info: TLSInfo | None, otherwise: str) -> str:
    """Name what a hop was encrypted with; `otherwise` where that is TLS, and no more is known."""
    if info is None:
        return otherwise
    return tls_version(info.version) if info.version else info.protocol or otherwise


def tls_version(version: str) -> str:
    """Name a version as people do.

    >>> tls_version("TLSv1"), tls_version("TLSv1.3"), tls_version("SSLv3")
    ('TLS 1.0', 'TLS 1.3', 'SSL 3')
    """
    return "TLS 1.0" if version == "TLSv1" else version.replace("Lv", "L ").replace("Sv", "S ")


_GRADES = {
    Grade.STRONG: "strong",
    Grade.ACCEPTABLE: "acceptable",
    Grade.WEAK: "WEAK",
    Grade.BROKEN: "BROKEN",
}


def is_numbered(hop: HopReport) -> bool:
    """Tell whether a provider's machine is named by a number alone, which says nothing to anybody outside."""
    return hop.by is not None and hop.software is not None and read_address(hop.by) is not None


def machine(hop: HopReport) -> str:
    """Name the machine that wrote a hop."""
    if is_numbered(hop):
        return f"a machine of {hop.software} [{hop.by}]"
    return undrawn(hop.by) if hop.by else "a server that does not name itself"


def vouched(hop: HopReport) -> str:
    """Say whose word a hop is."""
    writer = machine(hop)
    if hop.standing is Standing.TRUSTED:
        return f"recorded by {writer}"
    if hop.standing is Standing.CLAIMED:
        return f"claimed by {writer}"
    return f"CONTRADICTED: claimed by {writer}"
