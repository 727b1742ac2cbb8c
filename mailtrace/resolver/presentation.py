r"""From dnspython's records and messages to the seam's words: presentation text (RFC 1035 §5.1) and outcomes.

Names are lower case without the final dot, the strings of a TXT record are joined, octets outside printable ASCII are
`\DDD`: the spelling of a recording, whether the record came from the wire or from a zone file.
"""

import mailtrace.resolver._dnspython  # noqa: F401, I001 - before dnspython
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdatatype
from typing import Any

from mailtrace.records import Struct
from mailtrace.resolver import MAX_CNAME, Answer, Outcome, Question, escape_octets

_FAILURES = {
    dns.rcode.SERVFAIL: Outcome.SERVFAIL,
    dns.rcode.REFUSED: Outcome.REFUSED,
    dns.rcode.FORMERR: Outcome.FORMERR,
}


def name_text(name: dns.name.Name) -> str:
    """Write a name in lower case without the final dot; the root is `.`."""
    return name.to_text(omit_final_dot=True).lower()


def record_text(rdata: Any) -> str:
    """Write one record as a recording does."""
    match dns.rdatatype.to_text(rdata.rdtype):
        case "TXT":
            return escape_octets(b"".join(rdata.strings))
        case "MX":
            return f"{rdata.preference} {name_text(rdata.exchange)}"
        case "CNAME" | "NS" | "PTR":
            return name_text(rdata.target)
        case "SOA":
            times = f"{rdata.serial} {rdata.refresh} {rdata.retry} {rdata.expire} {rdata.minimum}"
            return f"{name_text(rdata.mname)} {name_text(rdata.rname)} {times}"
        case "TLSA":
            return f"{rdata.usage} {rdata.selector} {rdata.mtype} {rdata.cert.hex()}"
        case _:
            return str(rdata.to_text())


class Reading(Struct, frozen=True, kw_only=True):
    """What one response says."""

    answer: Answer
    follow: str | None = None
    """The name to ask next: the response ends in a CNAME whose target its server did not look up."""


def read_response(question: Question, response: dns.message.Message) -> Reading:
    """Read a response to this question. Never raises: a response that makes no sense is a SERVFAIL with its reason."""
    code = response.rcode()
    if code not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        outcome = _FAILURES.get(code, Outcome.SERVFAIL)
        return Reading(answer=failed(question, outcome, _own_words(response) or dns.rcode.to_text(code)))
    if not isinstance(response, dns.message.QueryMessage):
        return Reading(answer=failed(question, Outcome.SERVFAIL, "not the response to a query"))
    try:
        chained = response.resolve_chaining()
    except dns.exception.DNSException as fault:
        return Reading(answer=failed(question, Outcome.SERVFAIL, f"contradictory response: {fault}"))
    chain = tuple(name_text(rrset[0].target) for rrset in chained.cnames)
    if len(chain) > MAX_CNAME:
        return Reading(answer=failed(question, Outcome.SERVFAIL, "CNAME loop"))
    if chained.answer is None and code == dns.rcode.NOERROR and not _is_final(response):
        if chain:
            return Reading(answer=_succeeded(question, response, Outcome.NODATA, chain, chained), follow=chain[-1])
        return Reading(answer=failed(question, Outcome.SERVFAIL, "a referral instead of an answer"))
    outcome = Outcome.NXDOMAIN if code == dns.rcode.NXDOMAIN else Outcome.NODATA
    if chained.answer is not None:
        outcome = Outcome.ANSWER
    return Reading(answer=_succeeded(question, response, outcome, chain, chained))


def failed(question: Question, outcome: Outcome, detail: str) -> Answer:
    """Return the answer to a question that has none."""
    return Answer(name=question.name, rrtype=question.rrtype, outcome=outcome, detail=detail)


def _succeeded(
    question: Question, response: dns.message.Message, outcome: Outcome, chain: tuple[str, ...], chained: Any
) -> Answer:
    return Answer(
        name=question.name,
        rrtype=question.rrtype,
        outcome=outcome,
        records=() if chained.answer is None else tuple(sorted(record_text(rdata) for rdata in chained.answer)),
        cname=chain,
        ttl=chained.minimum_ttl,
        authenticated=bool(response.flags & dns.flags.AD),
    )


def _is_final(response: dns.message.Message) -> bool:
    """Is a response without records a statement that there are none (RFC 2308 §2.2)?

    A resolver's is. A server that does not recurse states it with its SOA record, or with AA where no other server is
    named; otherwise it only points elsewhere.
    """
    types = {rrset.rdtype for rrset in response.authority}
    if response.flags & dns.flags.RA or dns.rdatatype.SOA in types:
        return True
    return bool(response.flags & dns.flags.AA) and not response.answer and dns.rdatatype.NS not in types


def _own_words(response: dns.message.Message) -> str | None:
    """Return the server's own explanation (RFC 8914), if it gives one."""
    for error in response.extended_errors():
        text = f" ({error.text})" if error.text else ""
        return f"{dns.rcode.to_text(response.rcode())}: extended error {int(error.code)}{text}"
    return None
