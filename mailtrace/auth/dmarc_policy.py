"""The DMARC policy that applies to an author domain: RFC 9989 §4.10.1, and RFC 7489 §6.6.3 beside it."""

from mailtrace.auth.dmarc_record import DMARCRecord, has_valid_policy
from mailtrace.auth.dmarc_walk import Walk, ask
from mailtrace.auth.types import PolicyTag
from mailtrace.records import Struct
from mailtrace.resolver import Answer, Outcome, Resolver, RRType
from mailtrace.results import DMARCPolicy, DMARCResult

FOR_WANT_OF_DNS = {
    "dns-failure": DMARCResult.TEMPERROR,
    "not-recorded": DMARCResult.NOT_CHECKED,
    "offline": DMARCResult.NOT_CHECKED,
    "reconstructed": DMARCResult.NOT_CHECKED,  # of a signature: the file does not keep what was signed
}


class Policy(Struct, frozen=True):
    """The record that governs, where it was found, and what it wants. `problem`: the answer that is missing."""

    record: DMARCRecord | None
    domain: str | None
    published: DMARCPolicy | None
    problem: str | None = None
    tag: PolicyTag | None = None


def policy_of(walked: Walk, dns: Resolver) -> Policy:
    """Find the record that applies, RFC 9989 §4.10.1, and the tag that governs."""
    own = walked.steps[0]
    if not own.answer.is_answered:
        return Policy(None, None, None, problem_of(own.answer))
    if own.record is not None:
        return valid_policy(own.record, own.domain, own.record.p, PolicyTag.P)
    if walked.failure is not None:
        return Policy(None, None, None, problem_of(walked.failure))
    found = next((step for step in walked.steps if step.domain == walked.organizational_domain and step.record), None)
    # The organizational domain below a public suffix may have no record of its own: then the suffix's applies.
    found = found or next((step for step in reversed(walked.steps) if step.record), None)
    if found is None or found.record is None:
        return Policy(None, None, None)
    return _inherited(found.record, found.domain, walked.start, dns)


def _inherited(record: DMARCRecord, domain: str, author: str, dns: Resolver) -> Policy:
    """Apply `np` to a domain that does not exist, `sp` to another subdomain, else `p` (RFC 9989 §4.10.1)."""
    if record.np is None or record.np is (record.sp or record.p) or not has_valid_policy(record):
        return valid_policy(record, domain, *_for_subdomain(record))
    existence = _existence(author, dns)
    if not existence.is_answered:
        return Policy(record, domain, None, problem_of(existence))
    missing = existence.outcome is Outcome.NXDOMAIN
    return (
        valid_policy(record, domain, record.np, PolicyTag.NP)
        if missing
        else valid_policy(record, domain, *_for_subdomain(record))
    )


def _for_subdomain(record: DMARCRecord) -> tuple[DMARCPolicy | None, PolicyTag]:
    return (record.sp, PolicyTag.SP) if record.sp is not None else (record.p, PolicyTag.P)


def _existence(author: str, dns: Resolver) -> Answer:
    """Ask whether a domain exists (RFC 9989 §3.2.13: NXDOMAIN means that it does not, whatever the type).

    One question settles it; the others are for recordings that hold one of them.
    """
    first = dns.resolve(author, RRType.A)
    if not first.is_unasked:
        return first
    others = (dns.resolve(author, rrtype) for rrtype in (RRType.AAAA, RRType.MX, RRType.TXT))
    return next((answer for answer in others if answer.is_answered), first)


def valid_policy(record: DMARCRecord, domain: str, policy: DMARCPolicy | None, tag: PolicyTag = PolicyTag.P) -> Policy:
    """RFC 9989 §4.10.1: without valid policies, a record that asks for reports counts as p=none, any other as none."""
    if has_valid_policy(record):
        return Policy(record, domain, policy, tag=tag)
    return Policy(record, domain, DMARCPolicy.NONE, tag=tag) if record.has_rua else Policy(None, None, None)


def policy_of_rfc7489(author: str, organisation: str, dns: Resolver) -> Policy:
    """Find the record at the domain, else at its registrable domain."""
    for name in dict.fromkeys((author, organisation)):
        step = ask(name, dns)
        if not step.answer.is_answered:
            return Policy(None, None, None, problem_of(step.answer))
        if step.several:
            return Policy(None, None, None)  # RFC 7489 §6.6.3 step 5: several records end the processing
        if step.record is not None:
            wanted = step.record.p if name == author else step.record.sp or step.record.p
            return valid_policy(step.record, name, wanted)
    return Policy(None, None, None)


def problem_of(answer: Answer) -> str:
    """Say in a word why a question has no answer."""
    if answer.outcome is Outcome.OFFLINE:
        return "offline"
    return "not-recorded" if answer.is_unasked else "dns-failure"
