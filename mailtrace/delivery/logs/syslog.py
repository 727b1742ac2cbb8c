"""Syslog (RFC 3164, RFC 5424, and what journalctl prints): the lines of many programs in one file.

`mail.log` mixes an MTA with what filters and stores for it, so there is one reader, which asks the program's own reader
by the program's name. What the file is called (`postfix-log`) is decided by the first of `_ORDER` that writes in it.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from mailtrace.delivery.events import Event, Line
from mailtrace.delivery.logs import MAX_LINE, Clock, LineReader, Writer
from mailtrace.delivery.logs.amavis import Amavis
from mailtrace.delivery.logs.dovecot import Dovecot
from mailtrace.delivery.logs.entries import Entry, Program, decode, raw_text
from mailtrace.delivery.logs.exim import Exim
from mailtrace.delivery.logs.postfix import Postfix
from mailtrace.delivery.logs.postfix_tls import knows_client
from mailtrace.delivery.logs.rspamd import Rspamd
from mailtrace.delivery.logs.sendmail import CLIENT_TLS, Sendmail, knows_sendmail
from mailtrace.delivery.logs.times import Times
from mailtrace.records import Struct

_HEADER = 400
"""Octets in which the program's name must end."""
_NAMES = 4096
"""Names of programs that are remembered."""
# RFC 5424 §6: <22>1 2026-10-20T10:00:00.123Z host postfix/smtp 1234 - - message
_RFC5424 = re.compile(
    rb"<\d{1,3}>1 \S{1,40} (\S{1,255}) (\S{1,100}) (\S{1,128}) \S{1,32} "
    rb"(?:-|(?:\[(?:[^\]\\\"]|\"(?:[^\"\\]|\\.)*\")*\])+) ?(?:\xef\xbb\xbf)?"
)
# A time, a host, a program: other logs have `: ` in their lines as well. Dovecot's own file has no host.
_HEAD = re.compile(
    rb"<\d{1,3}>1 |(?:<\d{1,3}>)?(?:[A-Z][a-z]{2} {1,2}\d{1,2} (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d+)?"
    rb"|(?:[A-Z][a-z]{2} )?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| [A-Z]{3,4}|[+-]\d\d:?\d\d)?) "
    rb"[\w.:-]{1,255} [^\s:\[\]()#<>]{1,128}(?:\[\d+\])?: "
)
# Another line goes on where this one breaks off.
_GLUED = re.compile(
    rb"(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S{0,40}) "
    rb"\S{1,255} [^\s:\[\]]{1,128}\[\d+\]: "
)
_UNSEEN = object()
_REPEATED = re.compile(rb"message repeated \d+ times: \[ ?(.*)\]$", re.DOTALL)
# Solaris puts an id in front of the message: [ID 801593 mail.info]
_SOLARIS = re.compile(rb"\[ID \d+ \w+\.\w+\] ")


class _Place(Struct, frozen=True, kw_only=True):
    """A line's program and message, as octets."""

    host: bytes
    program: bytes
    pid: bytes | None
    message: bytes


def _place(line: bytes) -> _Place | None:
    """Find host, program and message; None where the line has not that shape."""
    if line[:1] == b"<" and (match := _RFC5424.match(line)):
        pid = None if match[3] == b"-" else match[3]
        return _Place(host=match[1], program=match[2], pid=pid, message=line[match.end() :])
    colon = line.find(b": ", 15, _HEADER)
    if colon < 0:
        return None
    start = line.rfind(b" ", 0, colon)
    program, bracket, pid = line[start + 1 : colon].partition(b"[")
    before = line.rfind(b" ", 0, start)
    message = line[colon + 2 :]
    host = line[before + 1 : start] if before > 0 else b""
    return _Place(host=host, program=program, pid=pid[:-1] if bracket else None, message=message)


class SyslogReader:
    """Reads one file."""

    marks = (
        b", status=",
        b": CONNECT to [",
        b" TLS connection established to ",
        b" TLS connection reused to ",
        b": lost connection with ",
        b": conversation with ",
        b"STARTTLS=",
        b", stat=Sent",
        b" X=",
    )
    """See `SendingReader`."""

    def __init__(self, name: str, clock: Clock) -> None:
        self._name = name
        self._times = Times(clock)
        self._postfix = Postfix()
        self._programs = _programs(self._postfix)
        self._known: dict[bytes, tuple[Program, bytes] | None] = {}

    @property
    def year_inferred(self) -> bool:
        """Say whether a time without a year was read."""
        return self._times.year_inferred

    begins_with_time = True
    """See `LineReader`."""

    def is_line(self, line: bytes) -> bool:
        """See `LineReader`; journalctl marks each start of the system, and indents what goes on from the line above."""
        return self._times.read(line[:_HEADER]) is not None or not line.strip() or line.startswith((b"-- ", b"    "))

    def breaks_off(self, line: bytes) -> bool:
        """See `LineReader`."""
        place = _place(line[:MAX_LINE].rstrip(b"\r\n"))
        if place is None or _GLUED.search(line, 10):
            return b" last message repeated " not in line
        kind, service = kind_of(place.program)
        program = self._programs.get(kind) if kind else None
        return program is not None and program.breaks_off(service, _inner(place.message))

    def time_of(self, line: bytes) -> datetime | None:
        """See `LineReader`."""
        found = self._times.read(line[:_HEADER])
        return found[0] if found else None

    def speaks_at(self, line: bytes) -> datetime | None:
        """See `SharedReader`: that cron ran, or that somebody reads his mail, is no sign of a server that takes it."""
        place = _place(line[:MAX_LINE])
        kind = kind_of(place.program)[0] if place else None
        if place is None or kind is None:
            return None
        if kind == "dovecot-log" and not place.message.startswith(_DELIVERING):
            return None
        return self.time_of(line)

    def read(self, line: bytes, number: int) -> tuple[Event, ...]:
        """See `LineReader`."""
        # Most lines are of other programs: the name is looked at before anything else is done.
        if line[:1] != b"<":
            colon = line.find(b": ", 15, _HEADER)
            name = line[line.rfind(b" ", 0, colon) + 1 : colon].partition(b"[")[0]
            if colon < 0 or self._known.get(name, _UNSEEN) is None:
                return ()
        place = _place(line[:MAX_LINE].rstrip(b"\r\n"))
        known = self._program(place.program) if place else None
        if place is None or known is None:
            return ()
        program, service = known
        message = place.message
        if message.startswith((b"message repeated ", b"[ID ")):
            message = _inner(message)
        if not program.wants(service, message):
            return ()
        return program.events(self._entry(line, number, place, message), service.decode("ascii", "replace"))

    def writer(self, line: bytes) -> Writer | None:
        """See `SendingReader`."""
        place = _place(line[:MAX_LINE])
        if place is None:
            return None
        kind, service = kind_of(place.program)
        if kind not in _SENDING or (kind == "postfix-log" and not Postfix.sends(service)):
            return None
        return Writer(host=decode(place.host) or None, program=decode(place.program), kind=kind)

    def passes(self, line: bytes) -> bool:
        """See `SendingReader`: Postfix's deliveries, which are most of the lines, only use up a connection."""
        place = _place(line) if b", status=" in line else None
        if place is None or kind_of(place.program)[0] != "postfix-log":
            return False
        self._postfix.delivered(decode(place.host) or None, decode(place.program), place.pid, _inner(place.message))
        return True

    def knows(self, line: bytes) -> bool:
        """See `SendingReader`."""
        place = _place(line[:MAX_LINE])
        kind, service = kind_of(place.program) if place else (None, b"")
        if place is None or kind not in {"postfix-log", "sendmail-log"}:
            return place is not None
        message = _inner(place.message)
        if kind == "sendmail-log":
            return knows_sendmail(message)
        return not Postfix.sends(service) or knows_client(message)

    def shows_tls(self, line: bytes, events: Sequence[Event]) -> bool:
        """See `SendingReader`."""
        if events:
            # Only Exim has it on the line of the transfer: Postfix 3.11 writes `tls=` without anything else on TLS.
            return b" X=" in line and any(event.tls is not None for event in events)
        place = _place(line[:MAX_LINE])
        kind, service = kind_of(place.program) if place else (None, b"")
        if place is None or kind not in _SENDING:
            return False
        message = decode(_inner(place.message))
        if kind != "postfix-log":
            return message.startswith(CLIENT_TLS)
        return self._postfix.shows_client_tls(decode(place.host) or None, service, self.time_of(line), message)

    def _entry(self, line: bytes, number: int, place: _Place, message: bytes) -> Entry:
        return Entry(
            time=self.time_of(line),
            host=decode(place.host) or None,
            program=decode(place.program),
            pid=decode(place.pid) if place.pid else None,
            message=decode(message),
            source=Line(name=self._name, line=number),
            raw=raw_text(line),
        )

    def _program(self, name: bytes) -> tuple[Program, bytes] | None:
        if name in self._known:
            return self._known[name]
        if len(self._known) >= _NAMES:
            self._known.clear()
        kind, service = kind_of(name)
        program = self._programs.get(kind) if kind else None
        self._known[name] = found = (program, service) if program else None
        return found


def _inner(message: bytes) -> bytes:
    message = message[match.end() :] if (match := _SOLARIS.match(message)) else message
    return match[1] if (match := _REPEATED.match(message)) else message


def kind_of(name: bytes) -> tuple[str | None, bytes]:
    """Say whose program that is, and which service of it.

    >>> kind_of(b"postfix-out/smtp"), kind_of(b"cron")
    (('postfix-log', b'smtp'), (None, b'cron'))
    """
    front, _, service = name.rpartition(b"/")
    if front and Postfix.is_own(front, service):
        return "postfix-log", service
    for kind, names in _NAMED.items():
        if service.startswith(names):
            return kind, service
    return None, service


_NAMED: Mapping[str, tuple[bytes, ...]] = MappingProxyType(
    {
        "exim-syslog": (b"exim",),
        "sendmail-log": (b"sendmail", b"sm-mta", b"sm-msp"),
        "dovecot-log": (b"dovecot",),
        "rspamd-log": (b"rspamd",),
        "amavis-log": (b"amavis",),
    }
)
"""How the programs that write of messages are called."""
_DELIVERING = (b"lmtp", b"lda(", b"deliver(")
_SENDING = frozenset({"postfix-log", "exim-syslog", "sendmail-log"})
_ORDER = ("postfix-log", *_NAMED)
OTHER = "syslog"
"""The kind of a file in whose first lines none of them writes."""
KINDS = (*_ORDER, OTHER)


def _programs(postfix: Postfix) -> dict[str, Program]:
    return {
        "postfix-log": postfix,
        "exim-syslog": Exim(),
        "sendmail-log": Sendmail(),
        "dovecot-log": Dovecot(),
        "rspamd-log": Rspamd(),
        "amavis-log": Amavis(),
    }


class SyslogFormat(Struct, frozen=True, kw_only=True):
    """A syslog file in which that program is the first of `_ORDER` to write."""

    kind: str

    def recognises(self, sample: Sequence[bytes]) -> bool:
        """See `LogFormat`."""
        return _main_kind(sample) == self.kind

    def reader(self, name: str, sample: Sequence[bytes], clock: Clock) -> LineReader:
        """See `LogFormat`."""
        del sample
        return SyslogReader(name, clock)


def _main_kind(sample: Sequence[bytes]) -> str | None:
    """Name what the file is; None where not every second line has the shape of syslog."""
    places = [place for line in sample if _HEAD.match(line[:_HEADER]) and (place := _place(line[:MAX_LINE]))]
    kinds = {kind_of(place.program)[0] for place in places}
    other = OTHER if len(places) * 2 > len(sample) else None
    return next((kind for kind in _ORDER if kind in kinds), other)
