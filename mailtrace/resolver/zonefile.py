"""Answers from an RFC 1035 zone file, or from pasted `dig` output, which has the same form. Such a file is closed."""

import mailtrace.resolver._dnspython  # noqa: F401, I001 - before dnspython
import dns.exception
import dns.name
import dns.rdatatype
import dns.zonefile

from mailtrace.errors import RecordingError
from mailtrace.resolver import Answer, Outcome, Question, RRType, escape_octets
from mailtrace.resolver.recorded import RecordedResolver

_DEFAULT_TTL = 300


def read_zone(text: str) -> RecordedResolver:
    """Read a zone. Raises RecordingError, with the line, if it is none."""
    try:
        rrsets = dns.zonefile.read_rrsets(text, rdclass=None, default_ttl=_DEFAULT_TTL, origin=dns.name.root)
    except (dns.exception.DNSException, ValueError, NotImplementedError) as fault:
        raise RecordingError(f"not a zone file: {fault}") from fault
    answers: dict[Question, Answer] = {}
    for rrset in rrsets:
        kind = dns.rdatatype.to_text(rrset.rdtype)
        if kind not in RRType.__members__:
            continue
        question = Question(rrset.name.to_text(omit_final_dot=True).lower(), RRType(kind))
        records = tuple(sorted(_text(rdata) for rdata in rrset))
        answers[question] = Answer(
            name=question.name, rrtype=question.rrtype, outcome=Outcome.ANSWER, records=records, ttl=rrset.ttl
        )
    if not answers:
        raise RecordingError("not a zone file: it holds no records")
    return RecordedResolver(answers, closed=True)


def _text(rdata: object) -> str:
    strings = getattr(rdata, "strings", None)
    if strings is not None:
        return escape_octets(b"".join(strings))
    return " ".join(word.removesuffix(".") for word in str(rdata).split(" "))
