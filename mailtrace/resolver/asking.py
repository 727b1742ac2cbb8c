"""One question to the servers there are, until one of them answers or the time is over (RFC 1035 §7.2, RFC 6891).

A server that refuses or fails is not asked this question again; one that is silent is, later, for a datagram can get
lost. What comes out is always an answer: the most telling failure where there is no better.
"""

import mailtrace.resolver._dnspython  # noqa: F401, I001 - before dnspython
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import threading
import time
from collections.abc import Sequence

from mailtrace.records import Mutable, Struct, field, replace
from mailtrace.resolver import MAX_CNAME, Answer, Outcome, Question, bad_name
from mailtrace.resolver.presentation import Reading, failed, read_response
from mailtrace.resolver.transports import UDP_PAYLOAD, Transport

FIRST_ATTEMPT = 2.0
"""Seconds until a question over UDP counts as lost and is asked again; doubled each time."""

_NO_EDNS = frozenset({dns.rcode.FORMERR, dns.rcode.NOTIMP})
_TELLING = (Outcome.SERVFAIL, Outcome.FORMERR, Outcome.REFUSED, Outcome.TIMEOUT, Outcome.UNREACHABLE)
_REFUSALS = frozenset({Outcome.REFUSED, Outcome.UNREACHABLE})


class Trouble(Struct, frozen=True, kw_only=True):
    """A named server that answered nothing at all."""

    outcome: Outcome
    """REFUSED or UNREACHABLE if it turned away at least one attempt, TIMEOUT if it never said anything."""
    detail: str
    """What it was, for a person; names the server."""


class Tally(Mutable):
    """How attempts ended, over all messages and threads."""

    _answered: int = 0
    _failures: dict[Outcome, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, answer: Answer) -> None:
        """Count one attempt."""
        with self._lock:
            if answer.outcome is Outcome.TIMEOUT or answer.outcome in _REFUSALS:
                self._failures.setdefault(answer.outcome, answer.detail or answer.outcome)
            else:
                self._answered += 1

    @property
    def trouble(self) -> Trouble | None:
        """What went wrong where nothing was ever answered; None if something was, or nothing was asked."""
        if self._answered or not self._failures:
            return None
        outcome = min(self._failures, key=_TELLING.index)
        if outcome is Outcome.TIMEOUT and Outcome.UNREACHABLE in self._failures:
            outcome = Outcome.UNREACHABLE
        return Trouble(outcome=outcome, detail=self._failures[outcome])


class Heard(Struct, frozen=True, kw_only=True):
    """An answer, and the response that gave it."""

    answer: Answer
    wire: bytes | None = None
    """The response as it was received; None where there was none. The first, where a CNAME had to be followed."""


class Asker(Struct, frozen=True, kw_only=True):
    """The servers, and how they are asked."""

    servers: Sequence[Transport]
    dnssec: bool
    """Ask for signatures too (RFC 3225), for whoever keeps the responses."""
    tally: Tally

    def ask(self, question: Question, seconds: float) -> Heard:
        """Ask, and follow a CNAME whose target the server did not look up itself."""
        expires = time.monotonic() + seconds
        name, wire = question.name, None
        chain: tuple[str, ...] = ()
        while True:
            heard = self._ask_servers(Question(name, question.rrtype), expires)
            wire = wire or heard.wire
            chain = (*chain, *heard.reading.answer.cname)
            if len(chain) > MAX_CNAME:
                return Heard(answer=replace(failed(question, Outcome.SERVFAIL, "CNAME loop"), cname=chain), wire=wire)
            follow = heard.reading.follow
            if follow is None:
                return Heard(answer=replace(heard.reading.answer, name=question.name, cname=chain), wire=wire)
            if bad_name(follow):
                detail = "CNAME to a name that cannot be asked for"
                return Heard(answer=replace(failed(question, Outcome.SERVFAIL, detail), cname=chain), wire=wire)
            name = follow

    def _ask_servers(self, question: Question, expires: float) -> "_Read":
        failures: list[_Read] = []
        waiting = list(self.servers)
        patience = FIRST_ATTEMPT
        while waiting:
            for server in tuple(waiting):
                left = expires - time.monotonic()
                if left <= 0:
                    return _most_telling(question, failures)
                read = self._attempt(question, server, min(patience, left) if server.repeats else left)
                if read.reading.answer.is_answered:
                    return read
                failures.append(read)
                if read.reading.answer.outcome is not Outcome.TIMEOUT or not server.repeats:
                    waiting.remove(server)
            patience *= 2
        return _most_telling(question, failures)

    def _attempt(self, question: Question, server: Transport, seconds: float) -> "_Read":
        read = self._exchange(question, server, seconds)
        self.tally.note(read.reading.answer)
        return read

    def _exchange(self, question: Question, server: Transport, seconds: float) -> "_Read":
        expires = time.monotonic() + seconds
        try:
            response = server.exchange(self._query(question, edns=True), seconds)
            # RFC 6891 §7: a server that does not know EDNS says FORMERR, or NOTIMP; ask it without
            if response.rcode() in _NO_EDNS:
                response = server.exchange(self._query(question, edns=False), max(expires - time.monotonic(), 0.0))
        except (dns.exception.Timeout, TimeoutError):
            return _no_response(question, Outcome.TIMEOUT, f"no answer from {server.label}")
        except (OSError, EOFError, UnicodeError) as fault:
            words = getattr(fault, "strerror", None) or str(fault) or "the connection was closed"
            return _no_response(question, Outcome.UNREACHABLE, f"{server.label}: {words}")
        except dns.exception.DNSException as fault:
            words = str(fault) or type(fault).__name__
            return _no_response(question, Outcome.SERVFAIL, f"unreadable response from {server.label}: {words}")
        return _Read(reading=_naming(server, read_response(question, response)), wire=response.wire)

    def _query(self, question: Question, *, edns: bool) -> dns.message.QueryMessage:
        # Labels are taken as they are: a backslash in a name from a macro expansion is a backslash.
        name = dns.name.Name([*(label.encode("ascii") for label in question.name.split(".")), b""])
        if not edns:
            return dns.message.make_query(name, question.rrtype.value)
        query = dns.message.make_query(
            name, question.rrtype.value, use_edns=0, payload=UDP_PAYLOAD, want_dnssec=self.dnssec
        )
        # RFC 6840 §5.7: so the AD bit of the response is asked for
        query.flags |= dns.flags.AD
        return query


class _Read(Struct, frozen=True, kw_only=True):
    reading: Reading
    wire: bytes | None


def _no_response(question: Question, outcome: Outcome, detail: str) -> _Read:
    return _Read(reading=Reading(answer=failed(question, outcome, detail)), wire=None)


def _naming(server: Transport, reading: Reading) -> Reading:
    """Say in a failure which server it was."""
    if reading.answer.is_answered:
        return reading
    return replace(reading, answer=replace(reading.answer, detail=f"{server.label}: {reading.answer.detail}"))


def _most_telling(question: Question, failures: list[_Read]) -> _Read:
    if not failures:
        return _no_response(question, Outcome.TIMEOUT, NO_TIME)
    return min(failures, key=lambda read: _TELLING.index(read.reading.answer.outcome))


NO_TIME = "no time left for this message's DNS"
