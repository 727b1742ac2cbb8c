"""Look ahead for SPF: the records that an evaluation may reach, breadth first, so that each round is asked at once.

Only names that stand in the records as they are (no macros) are looked for. Looking ahead decides nothing: what is not
found here is asked by the evaluation itself, and what is found and not needed is not counted as asked.
"""

import re
from collections.abc import Iterable, Iterator

from mailtrace.auth.types import Session
from mailtrace.names.domain import a_labels
from mailtrace.patterns import lazy
from mailtrace.resolver import Question, RRType
from mailtrace.resolver.ledger import Ledger

MAX_NAMES = 80
"""Names looked for at the most: the sender chooses the includes."""

MAX_ROUNDS = 5

_TERM = lazy(r"(?:^| )[+?~-]?(include:|redirect=|a:|mx:|mx(?= |$|/)|a(?= |$|/))([^ /]{0,253})", re.IGNORECASE)


def prefetch(session: Session, others: Iterable[Question], dns: Ledger) -> None:
    """Ask for the records of both identities together with the `others`, then for what they name, and so on."""
    address = session.client_ip or ""
    hosts = RRType.AAAA if ":" in address else RRType.A
    wanted = tuple(dict.fromkeys(Question(name, RRType.TXT) for name in _identities(session))) if address else ()
    seen = set(wanted)
    if together := dict.fromkeys((*wanted, *others)):
        dns.prefetch(together)
    for _ in range(1, MAX_ROUNDS):
        named = dict.fromkeys(question for question in _named(wanted, hosts, dns) if question not in seen)
        wanted = tuple(named)[: MAX_NAMES - len(seen)]
        if not wanted:
            return
        seen.update(wanted)
        dns.prefetch(wanted)


def _identities(session: Session) -> Iterator[str]:
    domain = (session.mail_from or "").rpartition("@")[2]
    for name in (domain, session.helo or ""):
        host = a_labels(name)
        if host and "." in host:
            yield host


def _named(asked: Iterable[Question], hosts: RRType, dns: Ledger) -> Iterator[Question]:
    """Give the questions that these records lead to."""
    for name, rrtype in asked:
        answer = dns.peek(name, rrtype)
        if rrtype is RRType.MX:
            exchanges = (record.rpartition(" ")[2].rstrip(".").lower() for record in answer.records[:10])
            yield from (Question(host, hosts) for host in exchanges if host)  # `0 .` names none, RFC 7505
        elif rrtype is RRType.TXT:
            for record in answer.records:
                if record.lower().startswith("v=spf1"):
                    yield from _terms(record[:4096], name, hosts)


def _terms(record: str, name: str, hosts: RRType) -> Iterator[Question]:
    for match in _TERM.finditer(record):
        term, target = match[1].lower(), a_labels(match[2]) if match[2] else name
        if target is None:
            continue
        if term in ("include:", "redirect="):
            yield Question(target, RRType.TXT)
        else:
            yield Question(target, RRType.MX if term.startswith("mx") else hosts)
