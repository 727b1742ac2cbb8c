"""Collect: one reading of each log, in its order, for what went to the listed domains. Memory is bounded by matches.

Only lines that name such a domain, and those that say something of connections (`SendingReader.marks`), are parsed.
"""

import re
from collections import Counter
from datetime import datetime, timedelta

from mailtrace.delivery.events import Event, EventKind
from mailtrace.delivery.forced.domains import Domains, Entry
from mailtrace.delivery.forced.judge import crosses_network
from mailtrace.delivery.forced.ledger import Ledger, Silence
from mailtrace.delivery.gather import Progress
from mailtrace.delivery.logs import SendingReader, Writer
from mailtrace.delivery.logs.postfix_tls import connecting_since
from mailtrace.delivery.opening import LogFile
from mailtrace.delivery.query import Query
from mailtrace.delivery.scan import Seen, find_lines, lines
from mailtrace.delivery.watch import Watch
from mailtrace.records import Mutable, Struct, field
from mailtrace.sources.packed import UNREADABLE

MAX_TRANSFERS = 200_000
"""Transfers that are held; more is too much for one report."""
MAX_DOMAINS = 100_000
"""Domains in the logs that are remembered."""
MAX_NEEDLES = 24
"""Domains that are looked for one by one; of more, every domain in the log is looked up in the list."""
LONGEST = timedelta(minutes=10)
"""How long a connection may have taken of which the log does not say it."""
_DOMAIN = re.compile(rb"@([0-9A-Za-z\x80-\xff][0-9A-Za-z._\x80-\xff-]{0,253})")
_LOSSES = (b"uppressed ", b"rate-limiting", b" messages lost")
# systemd-journald: Suppressed 1234 messages from postfix.service; rsyslogd: imjournal: begin to drop messages ...
_LOSS = re.compile(rb"Suppressed \d+ messages|messages (?:lost )?due to rate-limiting|\d+ messages lost")
_SENT = frozenset({EventKind.RELAYED, EventKind.DELIVERED})


class Found(Struct, frozen=True, kw_only=True):
    """A transfer to a listed domain."""

    event: Event
    entry: Entry
    kind: str
    """Of the program or log that tells of it."""
    silence: Silence | None
    """Where it says nothing of TLS, and could have."""


class Collected(Mutable):
    """What the logs hold."""

    transfers: list[Found] = field(default_factory=list)
    on_this_machine: int = 0
    twice: int = 0
    """Lines that stand in two sources."""
    watches: dict[str, Watch] = field(default_factory=dict)
    hosts: dict[str, set[str]] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    tells: set[str] = field(default_factory=set)
    """Logs in which something on TLS towards other servers stands."""
    is_too_much: bool = False


class Collector:
    """Reads the logs, each once."""

    def __init__(self, domains: Domains, query: Query) -> None:
        self.collected = Collected()
        self.ledger = Ledger()
        self._domains = domains
        self._query = query
        self._needles = _needles(domains)
        self._known: dict[bytes, bool] = {}
        self._lines: dict[int, str] = {}

    def read(self, logs: list[LogFile], progress: Progress | None) -> Collected:
        """Read the logs; those of one server must come in order of time."""
        for at, log in enumerate(logs):
            if progress is not None:
                progress(log.name, at, len(logs))
            watch = self.collected.watches[log.name] = Watch(log, self.ledger.lost)
            self.collected.hosts[log.name] = set()
            try:
                self._read(log, watch)
            except UNREADABLE as fault:
                self.collected.faults[log.name] = " ".join(str(fault).split())[:200] or type(fault).__name__
        for found in self.collected.transfers:
            if found.silence is not None:
                self.ledger.close(found.silence)
        return self.collected

    def _read(self, log: LogFile, watch: Watch) -> None:
        sending = log.reader if isinstance(log.reader, SendingReader) else None
        marks = (*(sending.marks if sending else ()), *_LOSSES)
        asked: set[int] = set()
        for seen in lines(log, lambda block: self._starts(block, marks, asked), watch):
            line = seen.line
            if seen.start not in asked and sending is not None and sending.passes(line):
                continue
            events = log.reader.read(line, seen.number)
            for event in events:
                if event.kind in _SENT and (entry := self._domains.of_address(event.recipient)) is not None:
                    self._note(log, sending, seen, event, entry, watch.sampler.first)
            if not events:
                watch.off(line, seen.number)
            # After the transfer: what a line says of itself is no proof that its writer says such things.
            if sending is not None and sending.shows_tls(line, events):
                self._wrote(log, sending, line)
            elif not events and _LOSS.search(line) and (time := log.reader.time_of(line)) is not None:
                self.ledger.lost(time)
            if self.collected.is_too_much:
                return

    def _starts(self, block: bytes, marks: tuple[bytes, ...], asked: set[int]) -> set[int]:
        """Find the lines to look at; `asked`: is filled with those that name a listed domain."""
        asked.clear()
        if self._needles is not None:
            lower = block.lower()
            for needle in self._needles:
                find_lines(lower, block, needle, asked)
        else:
            for written in Counter(_DOMAIN.findall(block)):
                if self._is_listed(written):
                    find_lines(block, block, b"@" + written, asked)
        starts = set(asked)
        for mark in marks:
            find_lines(block, block, mark, starts)
        return starts

    def _is_listed(self, written: bytes) -> bool:
        if written not in self._known:
            if len(self._known) >= MAX_DOMAINS:
                self._known.clear()
            domain = written.decode("utf-8", "replace").rstrip(".")
            self._known[written] = self._domains.of_domain(domain) is not None
        return self._known[written]

    def _wrote(self, log: LogFile, sending: SendingReader, line: bytes) -> None:
        writer, time = sending.writer(line), log.reader.time_of(line)
        if writer is not None and time is not None:
            self.collected.tells.add(log.name)
            self.ledger.wrote(writer, time)

    def _note(
        self,
        log: LogFile,
        sending: SendingReader | None,
        seen: Seen,
        event: Event,
        entry: Entry,
        begins: datetime | None,
    ) -> None:
        collected = self.collected
        writer = sending.writer(seen.line) if sending else None
        if (sending is not None and writer is None) or not self._query.in_time(event.time):
            return
        if self._lines.setdefault(hash((event.raw, event.recipient)), log.name) != log.name:
            collected.twice += 1
            return
        kind = writer.kind if writer else log.format.kind
        if not crosses_network(event, kind, sends=sending is not None):
            collected.on_this_machine += 1
            return
        if len(collected.transfers) >= MAX_TRANSFERS:
            collected.is_too_much = True
            return
        if event.host:
            collected.hosts[log.name].add(event.host)
        if event.encrypted is not None:
            collected.tells.add(log.name)
        silence = None
        if event.encrypted is None and sending is not None and writer is not None:
            silence = self._silence(event, writer, begins)
            if silence is not None and silence.doubt is None and _may_be_broken(sending, writer, seen, event):
                silence.doubt = "Its line, or one of the same process before it, may be broken."
        collected.transfers.append(Found(event=event, entry=entry, kind=kind, silence=silence))

    def _silence(self, event: Event, writer: Writer, begins: datetime | None) -> Silence | None:
        if event.time is None:
            return None
        try:
            # Exim says it on the same line; the others when the connection is made.
            since = event.time if writer.kind.startswith("exim") else _since(event)
        except OverflowError:
            return None
        silence = self.ledger.silence(writer, since, event.time)
        if begins is None or since < begins:
            silence.doubt = "Its connection may have been made before the log begins."
        return silence


def _may_be_broken(sending: SendingReader, writer: Writer, seen: Seen, event: Event) -> bool:
    """Tell whether what a silent line lacks may have been lost: its own end, or a line of its process before it."""
    if writer.kind.startswith("exim"):
        # Behind `X=` comes `C=`, what the other server answered, unless log_selector has `-smtp_confirmation`.
        return event.reply is None
    return not all(sending.knows(line) for line in seen.before())


def _needles(domains: Domains) -> tuple[bytes, ...] | None:
    """Return what the few domains of a short list look like in lower case; None where looking for all is slower.

    A name in Unicode may be written in either form, and in either case, which octets in lower case do not tell.
    """
    names = [entry.domain for entry in domains.entries]
    if len(names) > MAX_NEEDLES or any(label.startswith("xn--") for name in names for label in name.split(".")):
        return None
    return tuple((name if name.startswith(".") else f"@{name}").encode("ascii") for name in names)


def _since(event: Event) -> datetime:
    """Say when the connection began to be made, at the earliest."""
    assert event.time is not None
    return (connecting_since(event.time, event.delays) or event.time - LONGEST) - timedelta(seconds=3)
