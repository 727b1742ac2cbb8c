"""DNS on the wire (RFC 1035): the live resolver.

Names are asked as they are: absolute, no search list ever, no IDNA. One question is asked once, however many threads
want it, and has one answer for as long as the resolver lives; a failure is forgotten after a minute, so that one
outage does not mark the rest of a mailbox. Failures are answers: nothing here raises for what DNS does.
"""

import mailtrace.resolver._dnspython  # noqa: F401, I001 - before dnspython
import dns.resolver
import importlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from mailtrace.records import Struct
from mailtrace.resolver import Answer, Mode, Outcome, Question, RRType, bad_name, canonical
from mailtrace.resolver.address import Protocol, parse_address
from mailtrace.resolver.asking import NO_TIME, Asker, Heard, Tally, Trouble
from mailtrace.resolver.presentation import failed
from mailtrace.resolver.transports import PlainTransport, TLSTransport, Transport, tls_context

DEFAULT_TIMEOUT = 10.0
"""Seconds for the DNS work of one message."""
QUESTION_SECONDS = 5.0
"""Seconds for one question at the least, if the message has them left; half of the message's time if that is more."""
FAILURE_KEPT = 60.0
"""Seconds that a failure is remembered for; RFC 2308 §7 allows five minutes."""
MAX_THREADS = 16
MAX_PREFETCHED = 80
"""Names asked ahead for one message at the most: the sender chooses how many a message needs."""


class LiveResolver:
    """A view of live DNS for one message; all views share what has been answered."""

    mode = Mode.LIVE
    recorded_at = None

    def __init__(self, core: "_Core", expires: float | None = None) -> None:
        self._core = core
        self._expires = expires
        self._ahead: set[str] = set()

    @property
    def description(self) -> str | None:
        """The servers' addresses; None if there are none."""
        return ", ".join(server.label for server in self._core.asker.servers) or None

    @property
    def trouble(self) -> Trouble | None:
        """What is wrong with a server that was *named* and has answered nothing at all; None otherwise.

        The system's resolver failing is a property of the answers, not of the command.
        """
        return self._core.asker.tally.trouble if self._core.named else None

    def for_message(self) -> "LiveResolver":
        """Return the view for one message: its deadline begins now."""
        return LiveResolver(self._core, self._core.clock() + self._core.timeout)

    def resolve(self, name: str, rrtype: RRType, /) -> Answer:
        """Answer one question, from memory or from the wire, within what is left of the message's time."""
        question = Question(canonical(name), rrtype)
        fault = bad_name(question.name)
        if fault is not None:
            return failed(question, Outcome.BADNAME, fault)
        return self._core.answer(question, self._seconds_left())

    def wire(self, question: Question, /) -> bytes | None:
        """Return the response that answered this question, if responses are kept and there was one."""
        return self._core.wires.get(question)

    def prefetch(self, questions: Iterable[Question], /) -> None:
        """Ask these at once, and return when all are answered or the time is over."""
        self.ask_ahead(questions)

    def ask_ahead(self, questions: Iterable[Question], /) -> tuple[Answer, ...]:
        """Ask these at once, each in a thread; return the answers, in the order of the questions."""
        admitted = self._admit(questions)
        wanted = deque(admitted)
        answers: dict[Question, Answer] = {}

        def work() -> None:
            while wanted:
                try:
                    question = wanted.popleft()
                except IndexError:  # another thread was quicker
                    return
                answers[question] = self.resolve(*question)

        # daemons: an interrupted run ends at once
        threads = [threading.Thread(target=work, daemon=True) for _ in range(min(MAX_THREADS, len(wanted)))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return tuple(answers[question] for question in admitted if question in answers)

    def _admit(self, questions: Iterable[Question]) -> list[Question]:
        admitted: dict[Question, None] = {}
        for name, rrtype in questions:
            question = Question(canonical(name), rrtype)
            if question.name not in self._ahead and len(self._ahead) >= MAX_PREFETCHED:
                continue
            self._ahead.add(question.name)
            if not self._core.knows(question):
                admitted[question] = None
        return list(admitted)

    def _seconds_left(self) -> float:
        if self._expires is None:
            return self._core.timeout
        return max(self._expires - self._core.clock(), 0.0)

    def close(self) -> None:
        """Close connections. The resolver may not be asked any more."""
        for server in self._core.asker.servers:
            server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()


class _Kept(Struct, frozen=True):
    answer: Answer
    until: float | None
    """None: for good."""


class _Core:
    """What all views of a resolver share: the servers, the answers, and who is asking what just now."""

    def __init__(
        self, asker: Asker, *, named: bool, timeout: float, keep_wire: bool, clock: Callable[[], float]
    ) -> None:
        self.asker = asker
        self.named = named
        self.timeout = timeout
        self.clock = clock
        self.wires: dict[Question, bytes] = {}
        self._keep_wire = keep_wire
        self._kept: dict[Question, _Kept] = {}
        self._flights: dict[Question, threading.Event] = {}
        self._lock = threading.Lock()

    def knows(self, question: Question) -> bool:
        """Is there an answer in memory?"""
        with self._lock:
            return self._remembered(question) is not None

    def answer(self, question: Question, seconds: float) -> Answer:
        """Answer from memory; else wait for whoever asks the same just now; else ask."""
        expires = self.clock() + seconds
        while True:
            with self._lock:
                known = self._remembered(question)
                if known is not None:
                    return known
                flight = self._flights.get(question)
                if flight is None:
                    self._flights[question] = mine = threading.Event()
            if flight is None:
                return self._ask(question, expires, mine)
            # its answer is not kept where its message ran out of time: then it is our turn
            if not flight.wait(expires - self.clock()):
                return failed(question, Outcome.TIMEOUT, NO_TIME)

    def _ask(self, question: Question, expires: float, mine: threading.Event) -> Answer:
        share = max(QUESTION_SECONDS, self.timeout / 2)
        seconds = min(share, expires - self.clock())
        try:
            heard = self._from_servers(question, seconds)
            cut_short = heard.answer.outcome is Outcome.TIMEOUT and seconds < min(share, self.timeout / 2)
            if not cut_short:
                self._keep(question, heard)
            return heard.answer
        finally:
            with self._lock:
                del self._flights[question]
            mine.set()

    def _from_servers(self, question: Question, seconds: float) -> Heard:
        if not self.asker.servers:
            return Heard(answer=failed(question, Outcome.UNREACHABLE, "no DNS server is configured on this system"))
        return self.asker.ask(question, seconds)

    def _keep(self, question: Question, heard: Heard) -> None:
        until = None if heard.answer.is_answered else self.clock() + FAILURE_KEPT
        with self._lock:
            self._kept[question] = _Kept(heard.answer, until)
            if self._keep_wire and heard.wire is not None:
                # RFC 1035 §4.1.1: the ID is the first two octets, and means nothing once the answer is in
                self.wires[question] = b"\x00\x00" + heard.wire[2:]

    def _remembered(self, question: Question) -> Answer | None:
        kept = self._kept.get(question)
        if kept is None or (kept.until is not None and kept.until <= self.clock()):
            return None
        return kept.answer


def live_resolver(
    address: str | None = None,
    *,
    timeout: float = DEFAULT_TIMEOUT,
    authority: str | Path | None = None,
    keep_wire: bool = False,
    clock: Callable[[], float] = time.monotonic,
) -> LiveResolver:
    """Return the resolver at this address, or the system's.

    `timeout`: seconds for one message. `authority`: the certificate authority for DoT and DoH. `keep_wire`: keep the
    responses, and ask for signatures with them. Raises ResolverError if the address or the authority cannot be used.
    """
    servers = _system_servers() if address is None else (_named_server(address, authority),)
    asker = Asker(servers=servers, dnssec=keep_wire, tally=Tally())
    return LiveResolver(_Core(asker, named=address is not None, timeout=timeout, keep_wire=keep_wire, clock=clock))


def _named_server(text: str, authority: str | Path | None) -> Transport:
    address = parse_address(text)
    match address.protocol:
        case Protocol.DNS:
            return PlainTransport(address.host, address.port)
        case Protocol.DOT:
            return TLSTransport(address, tls_context(authority))
        case Protocol.DOH:
            # a door: it brings an HTTP client
            https = importlib.import_module("mailtrace.resolver._doh")
            server: Transport = https.HTTPSTransport(address, tls_context(authority))
            return server


def _system_servers(configuration: str | None = None) -> Sequence[Transport]:
    """Return the system's resolvers; none where the system has no configuration."""
    try:
        system = dns.resolver.Resolver(filename=configuration) if configuration else dns.resolver.Resolver()
    except dns.resolver.NoResolverConfiguration:
        return ()
    return tuple(PlainTransport(str(host), system.port) for host in system.nameservers if isinstance(host, str))
