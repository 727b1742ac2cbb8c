"""A sentence for each hop, to be read aloud to somebody who has never seen a header. Pure: a hop in, words out.

It says what the field says, when, of whom, and whose word that is; what the field leaves out is said to be left out.
Names are as a sender may have written them, so each is escaped and cut here.
"""

import re

from mailtrace.findings import excerpt
from mailtrace.path.types import HopKind, WaitKind
from mailtrace.printable import about, duration, hours
from mailtrace.render.text import words
from mailtrace.report import HopReport
from mailtrace.results import Confidence, Grade, Security, Standing

_SURROGATE = re.compile("[\ud800-\udfff]")

NAME = 80
"""Characters of a name that are read aloud."""

NOTABLE = 60.0
"""Seconds before a hop that are worth a word."""


def sentence(hop: HopReport, *, is_border: bool = False, dated: bool = False) -> str:
    """Say what a hop was: when, who, from whom, how protected, how long after the hop before, and whose word that is.

    `dated`: the chain spans several days, so the day is said as well.
    """
    act = f"{_when(hop, dated=dated)}{_writer(hop)} {_deed(hop)}"
    return " ".join(
        part for part in (f"{act}{_protected(hop)}.", _aside(hop), _wait(hop), _word(hop, is_border)) if part
    )


def name(text: str) -> str:
    """Make a name from a header fit to be shown: escaped, and not longer than a name may be."""
    # Octets that were not valid in their charset are U+FFFD here as everywhere in the text.
    shown = words.undrawn(excerpt(_SURROGATE.sub("\ufffd", text)))
    return shown if len(shown) <= NAME else shown[: NAME - 3] + "..."


def _when(hop: HopReport, *, dated: bool) -> str:
    if hop.received_at is None:
        return "At a time that is not known, "
    day = f"On {words.day(hop.received_at)[:-5]} at" if dated else "At"
    ahead = hop.clock_ahead_seconds
    side = "ahead" if ahead and ahead > 0 else "behind"
    clock = f" (by a clock that is {about(ahead)} {side})" if ahead else ""
    return f"{day} {words.clock(hop.received_at)} UTC{clock}, "


def _writer(hop: HopReport) -> str:
    if hop.by is None:
        by = "a server that does not name itself"
    elif words.is_numbered(hop):
        return name(words.machine(hop))
    else:
        by = name(hop.by)
    return f"{by} ({name(hop.software)})" if hop.software else by


def peer(hop: HopReport) -> str | None:
    """Name the client as the writer saw it; what the client said of itself is said to be that. None: nothing is said.

    >>> from types import SimpleNamespace as H
    >>> peer(H(client_name="a.example", client_ip="192.0.2.1", helo="b"))
    'a.example [192.0.2.1], which called itself b'
    """
    address = f"[{name(hop.client_ip)}]" if hop.client_ip else ""
    seen = " ".join(part for part in (name(hop.client_name) if hop.client_name else "", address) if part)
    if hop.helo is None or _is_said(hop):
        return seen or None
    return f"{seen}, which called itself {name(hop.helo)}" if seen else f"a machine that called itself {name(hop.helo)}"


def _is_said(hop: HopReport) -> bool:
    helo = (hop.helo or "").lower().rstrip(".").strip("[]").removeprefix("ipv6:")
    return helo in ((hop.client_name or "").lower().rstrip("."), (hop.client_ip or "").lower())


def _deed(hop: HopReport) -> str:
    seen = peer(hop)
    whom = f"from {seen}" if seen else "from a machine that it does not name"
    near = f" ({seen})" if seen else ""
    deeds = {
        "smtp": f"took the message {whom}",
        "submission": f"took the message from the sender's program{f' at {seen}' if seen else ''}, after a login",
        "lmtp": f"took the message{f' from {seen}' if seen else ''}, to put it into a mailbox",
        "local": f"took the message from a program on the same machine{near}",
        "loopback": f"took the message from a program on the same machine{near}, as to or from a filter",
        "http": f"took the message over HTTP (webmail, or a program) {whom}",
        "retrieval": f"fetched the message from a mailbox{f' at {seen}' if seen else ''}",
        "list": f"passed the message through its list software{near}",
        "internal": f"took the message over within its own organisation{f', {whom}' if seen else ''}",
    }
    if (hop.protocol or "").lower() == "mapi":
        return f"took the message from a mailbox of its own{near}, where a program had left it to be sent (MAPI)"
    deed = deeds.get(hop.kind, f"noted the message{f', {whom}' if seen else ', and not where it came from'}")
    login = hop.transport.authenticated_submission and hop.kind != "submission"
    return f"{deed}, after a login" if login else deed


_GRADES = {Grade.WEAK: "outdated", Grade.BROKEN: "broken"}
_VERSIONS = {Grade.WEAK: ("TLSv1", "TLSv1.1"), Grade.BROKEN: ("SSLv2", "SSLv3")}


def _protected(hop: HopReport) -> str:
    transport = hop.transport
    if transport.security is Security.ENCRYPTED:
        version = transport.tls.version if transport.tls else None
        over = words.over(transport.tls, "TLS (the version is not stated)")
        return f"; it was encrypted with {over}{_weakness(version, transport.grade)}"
    if transport.security is Security.CLEARTEXT:
        sure = words.would_be_told(hop)
        return "; it was not encrypted" if sure else "; as far as can be told, it was not encrypted"
    if transport.security is Security.UNRECORDED:
        return "; whether it was encrypted is not recorded"
    return ""


def _weakness(version: str | None, grade: Grade | None) -> str:
    """Say what is bad about it, if anything is: the version, or else what was used with it."""
    if grade is None or grade not in _GRADES:
        return ""
    return f", {'which' if version in _VERSIONS[grade] else 'with a cipher that'} is {_GRADES[grade]}"


_LOCAL = {
    "local": "",
    "loopback": "",
    "lmtp": "That is a local delivery, of which no encryption is expected.",
    "internal": "It says nothing of encryption there.",
    "http": "It says nothing of encryption there.",
}


def _aside(hop: HopReport) -> str:
    """Say how that is known, where it is not plain."""
    security = hop.transport.security
    if hop.standing is Standing.CONTRADICTED:
        return ""
    if security is Security.CLEARTEXT:
        if hop.software is None:
            return "It recorded no TLS; whether it would have is not known, since its software is not."
        if hop.transport.confidence is Confidence.HIGH:
            return "Its software writes down when TLS is used, and it recorded none."
        return "It recorded no TLS, which its software usually does where TLS is used."
    if security is Security.UNRECORDED:
        return "TLS may or may not have been used."
    return _LOCAL.get(hop.kind, "Nothing crossed a network there.") if security is Security.LOCAL else ""


_WAITS = {
    WaitKind.GREYLISTING: "That was {long} after the step before: it was turned away at first, and let in later "
    "(greylisting).",
    WaitKind.QUEUE: "That was {long} after the step before: {seems}waiting in a queue there, to be tried again.",
    WaitKind.HELD: "That was {long} after the step before: {seems}held on that machine, as by a filter.",
    WaitKind.WAITING: "That was {long} after the step before, and nothing says what it waited for.",
    WaitKind.SUBMISSION: "That was {long} after the time that the message itself bears.",
}


def _wait(hop: HopReport) -> str:
    """Say how long after the step before it was, and what is known of that time."""
    wait = hop.wait
    seconds = hop.delay_seconds if wait is None else wait.seconds
    if wait is not None and wait.kind in (WaitKind.CLOCK, WaitKind.ZONE):
        is_zone = wait.kind is WaitKind.ZONE
        off = hours(wait.clock_seconds) if is_zone else duration(wait.clock_seconds)
        what = "a time zone" if is_zone else "one of the two clocks"
        # A clock that is known to be off is named where its time is said, and not held against the hop behind it.
        if wait.corrected or hop.clock_ahead_seconds:
            return ""
        if hop.delay_seconds is None:
            whose = "a time zone" if is_zone else "a clock"
            return f"The time that the message itself bears is {off} later: {whose} is wrong, or that time was made up."
        return f"Its time does not fit the step before: {what} is wrong by {off}."
    if seconds is None or abs(seconds) < NOTABLE:
        return ""
    if seconds < 0:
        return f"By its date that was {duration(seconds)} before the step before: one of the two clocks is wrong."
    said = _WAITS.get(wait.kind, _PLAIN) if wait else _PLAIN
    sure = wait is not None and wait.confidence is Confidence.HIGH
    if wait is not None and wait.kind is WaitKind.GREYLISTING and not sure:
        said = _PERHAPS_GREY
    if wait is not None and wait.kind is WaitKind.HELD and hop.kind == HopKind.RETRIEVAL:
        said = "That was {long} after the step before: it lay in the mailbox until it was fetched."
    seems = "it was " if sure else "perhaps it was "
    return said.format(long=duration(seconds), seems=seems)


_PLAIN = "That was {long} after the step before."
_PERHAPS_GREY = (
    "That was {long} after the step before: perhaps it was turned away at first, and let in later (greylisting), or "
    "waited in the queue of the server before."
)


def _word(hop: HopReport, is_border: bool) -> str:
    if hop.standing is Standing.CONTRADICTED:
        return "That cannot be as it is written, so do not rely on it."
    if hop.standing is Standing.CLAIMED:
        return "It says so itself; the sender's side could have written anything here."
    if is_border:
        return "That is the receiving side's own record, made when it took the message over."
    return "That is the receiving side's own record."
