"""An RFC 1035 zone file, or the pasted output of `dig`, as a closed recording.

dnspython reads the syntax (§5.1), with $ORIGIN and $TTL and nothing more: $INCLUDE would read other files, $GENERATE
would make a small file large.
"""

import mailtrace.resolver._dnspython  # noqa: F401, I001 - before dnspython
import dns.exception
import dns.name
import dns.rdataclass
import dns.rdatatype
import dns.tokenizer
import dns.zonefile
from typing import Any

from mailtrace.errors import RecordingError
from mailtrace.resolver import Answer, Outcome, Question, RRType, canonical
from mailtrace.resolver.presentation import name_text, record_text
from mailtrace.resolver.recording_format import Recording

_DEFAULT_TTL = 3600
"""Seconds, where the file gives none."""
_DIRECTIVES = ("$ORIGIN", "$TTL")


def read_zone(text: str) -> Recording:
    """Read a zone file. Raises RecordingError, with the line, if it is none."""
    try:
        rrsets = _parse(text)
    except (dns.exception.DNSException, ValueError, RecursionError) as fault:
        raise RecordingError(f"neither a DNS recording nor a zone file: {fault or type(fault).__name__}") from fault
    if not rrsets:
        raise RecordingError("neither a DNS recording nor a zone file: no records")
    answers: dict[Question, Answer] = {}
    for rrset in rrsets:
        kind = dns.rdatatype.to_text(rrset.rdtype)
        if kind in RRType.__members__:
            question = Question(canonical(name_text(rrset.name)), RRType(kind))
            answers[question] = _answer(question, rrset)
    return Recording(
        answers=answers, names=frozenset(canonical(name_text(rrset.name)) for rrset in rrsets), closed=True
    )


def _parse(text: str) -> list[Any]:
    manager = dns.zonefile.RRSetsReaderManager(dns.name.root, relativize=False)
    with manager.writer(True) as transaction:
        dns.zonefile.Reader(
            dns.tokenizer.Tokenizer(text, "zone"),
            dns.rdataclass.IN,
            transaction,
            allow_directives=_DIRECTIVES,
            default_ttl=_DEFAULT_TTL,
        ).read()
    return list(manager.rrsets)


def _answer(question: Question, rrset: Any) -> Answer:
    return Answer(
        name=question.name,
        rrtype=question.rrtype,
        outcome=Outcome.ANSWER,
        records=tuple(sorted(record_text(rdata) for rdata in rrset)),
        ttl=rrset.ttl,
    )
