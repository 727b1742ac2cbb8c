"""DMARC, RFC 9989: does an authenticated domain belong with the domain that the reader sees in From?

Takes the author domain, the SPF and DKIM checks, and answers of DNS. Only `pass` authenticates. A missing key is a
failed identifier; an answer that could not be had is not: then the result is temperror or not-checked, never fail. The
result that RFC 7489 gives, by the public suffix list, stands beside it, as receivers have not all moved.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from mailtrace.auth.dmarc_alignment import Alignment, Identifier, by_walk, dkim_identifiers, is_aligned, spf_identifiers
from mailtrace.auth.dmarc_findings import observe
from mailtrace.auth.dmarc_policy import FOR_WANT_OF_DNS, Policy, policy_of, policy_of_rfc7489
from mailtrace.auth.dmarc_record import weaker
from mailtrace.auth.dmarc_walk import Step, Walk, questions, walk
from mailtrace.auth.types import (
    DMARC7489,
    AlignmentMode,
    Discovery,
    DKIMCheck,
    DMARCCheck,
    DMARCIdentifier,
    DMARCStep,
    SPFCheck,
    SPFIdentity,
)
from mailtrace.findings import Evidence, Finding
from mailtrace.names.organisation import organisation_of
from mailtrace.records import Struct
from mailtrace.resolver import Answer, Question, Resolver, RRType
from mailtrace.resolver.ledger import Ledger
from mailtrace.results import DKIMResult, DMARCResult, SPFResult

MAX_IDENTIFIERS = 50
"""Signatures whose domains are set against the author domain for the reader."""


class DMARCOutcome(Struct, frozen=True, kw_only=True):
    """The check, and what matters about it."""

    check: DMARCCheck
    findings: tuple[Finding, ...]


def check_dmarc(
    author_domain: str | None, spf: Sequence[SPFCheck], dkim: Sequence[DKIMCheck], *, dns: Resolver, place: Evidence
) -> DMARCOutcome:
    """Evaluate DMARC for one author domain in A-labels; None: there is no single one. `place`: the From field."""
    if author_domain is None:
        check = _no_author()
        return DMARCOutcome(check=check, findings=observe(check, spf, dkim, place, steps=()))
    walked = walk(author_domain, dns)
    policy = policy_of(walked, dns)
    signed, sent = dkim_identifiers(dkim), spf_identifiers(spf)
    align = by_walk(author_domain, walked, dns)
    strict = policy.record
    aligned_dkim = is_aligned(signed, author_domain, align, strict=bool(strict and strict.adkim_strict))
    aligned_spf = is_aligned(sent, author_domain, align, strict=bool(strict and strict.aspf_strict))
    result, problem = _result(policy, aligned_dkim, aligned_spf, spf)
    applied = weaker(policy.published) if policy.published and strict and strict.testing else policy.published
    check = DMARCCheck(
        result=result,
        author_domain=author_domain,
        organizational_domain=walked.organizational_domain,
        record_domain=policy.domain,
        record=policy.record.text if policy.record else None,
        policy=applied,
        published_policy=policy.published,
        testing=bool(strict and strict.testing),
        aligned_spf=aligned_spf.holds,
        aligned_dkim=aligned_dkim.holds,
        discovery=Discovery.TREE_WALK,
        rfc7489=_rfc7489(author_domain, signed, sent, spf, dns),
        problem=problem,
        policy_tag=policy.tag if policy.published else None,
        walk=tuple(_step(step) for step in walked.steps),
        identifiers=(
            *_compared("dkim", _signed_domains(dkim), walked, dns, strict=bool(strict and strict.adkim_strict)),
            *_compared("spf", _sent_domains(spf), walked, dns, strict=bool(strict and strict.aspf_strict)),
        ),
    )
    return DMARCOutcome(check=check, findings=observe(check, spf, dkim, place, steps=walked.steps))


def _step(step: Step) -> DMARCStep:
    return DMARCStep(
        domain=step.domain,
        outcome=step.answer.outcome,
        record=step.record.text if step.record else None,
        several=step.several,
        psd=step.record.psd if step.record else None,
    )


def _signed_domains(checks: Sequence[DKIMCheck]) -> dict[str, bool]:
    """Return every `d=`, and whether one of its signatures passed."""
    domains: dict[str, bool] = {}
    for check in checks[:MAX_IDENTIFIERS]:
        if check.sdid:
            domains[check.sdid] = domains.get(check.sdid, False) or check.result is DKIMResult.PASS
    return domains


def _sent_domains(checks: Sequence[SPFCheck]) -> dict[str, bool]:
    """Return the domain of MAIL FROM (RFC 9989 §4.4.2), and whether it passed."""
    return {
        check.domain: check.result is SPFResult.PASS
        for check in checks
        if check.identity is SPFIdentity.MAILFROM and check.domain is not None
    }


def _compared(
    method: str, domains: Mapping[str, bool], walked: Walk, dns: Resolver, *, strict: bool
) -> Iterator[DMARCIdentifier]:
    """Set each domain against the author domain. What did not authenticate decides nothing, so it is only peeked at."""
    author, asking, peeking = (
        walked.start,
        by_walk(walked.start, walked, dns),
        by_walk(walked.start, walked, _Peek(dns)),
    )
    for domain, passed in domains.items():
        aligned, align = domain == author, asking if passed else peeking
        yield DMARCIdentifier(
            method=method,
            domain=domain,
            authenticated=passed,
            mode=AlignmentMode.STRICT if strict else AlignmentMode.RELAXED,
            aligned=aligned if aligned or strict else align(domain).holds,
        )


class _Peek:
    """DNS, asked without an entry in the ledger: the answer is for the reader, and decides nothing."""

    def __init__(self, dns: Resolver) -> None:
        self._resolve = dns.peek if isinstance(dns, Ledger) else dns.resolve

    def resolve(self, name: str, rrtype: RRType, /) -> Answer:
        """Answer one question."""
        return self._resolve(name, rrtype)


def dmarc_questions(author_domain: str | None, others: Iterable[str | None] = ()) -> tuple[Question, ...]:
    """List the DNS questions that `check_dmarc` will or may ask: of the author domain, and of the domains that sign.

    `others`: those of the envelope and of the signatures. Only one of the author's own organisation can be aligned.
    """
    if author_domain is None:
        return ()
    own = organisation_of(author_domain)
    related = [name for name in dict.fromkeys(others) if name and own is not None and organisation_of(name) == own]
    walks = (question for name in (author_domain, *related) for question in questions(name))
    return (*dict.fromkeys(walks), Question(author_domain, RRType.A))


def _no_author() -> DMARCCheck:
    """RFC 9989 §5.3.1: without a single author domain DMARC does not apply."""
    older = DMARC7489(result=DMARCResult.PERMERROR, organizational_domain=None, policy=None)
    return DMARCCheck(
        result=DMARCResult.PERMERROR, author_domain=None, organizational_domain=None, record_domain=None, record=None,
        policy=None, published_policy=None, testing=False, aligned_spf=None, aligned_dkim=None,
        discovery=Discovery.TREE_WALK, rfc7489=older, problem="no-single-author", policy_tag=None, walk=(),
        identifiers=(),
    )  # fmt: skip


def _result(
    policy: Policy, dkim: Alignment, spf: Alignment, checks: Sequence[SPFCheck]
) -> tuple[DMARCResult, str | None]:
    """RFC 9989 §5.3.6: pass, fail, or neither where an answer is missing that could decide it."""
    passes = dkim.holds or spf.holds
    missing = policy.problem if policy.record is None or not passes else None
    if missing is None and policy.record is None:
        return DMARCResult.NONE, None
    if missing is None and passes:
        return DMARCResult.PASS, None
    missing = missing or dkim.problem or spf.problem
    if missing is not None:
        return FOR_WANT_OF_DNS[missing], missing
    if not _spf_judged(checks):
        # What the file lacks is not evidence of failure: a sent copy has no client whom SPF could be asked about.
        return DMARCResult.NOT_CHECKED, "spf-not-evaluated"
    return DMARCResult.FAIL, None


def _spf_judged(checks: Sequence[SPFCheck]) -> bool:
    return any(
        check.identity is SPFIdentity.MAILFROM
        and (check.result is not SPFResult.NOT_CHECKED or check.problem in FOR_WANT_OF_DNS)
        for check in checks
    )


def _rfc7489(
    author: str, signed: Sequence[Identifier], sent: Sequence[Identifier], spf: Sequence[SPFCheck], dns: Resolver
) -> DMARC7489:
    """Evaluate by the older rules: the record at the domain, else at its registrable domain (RFC 7489 §6.6.3)."""
    organisation = organisation_of(author) or author
    policy = policy_of_rfc7489(author, organisation, dns)

    def align(domain: str) -> Alignment:
        return Alignment(holds=(organisation_of(domain) or domain) == organisation)

    record = policy.record
    aligned_dkim = is_aligned(signed, author, align, strict=bool(record and record.adkim_strict))
    aligned_spf = is_aligned(sent, author, align, strict=bool(record and record.aspf_strict))
    result, _ = _result(policy, aligned_dkim, aligned_spf, spf)
    applied = policy.published
    # RFC 7489 §6.6.4: what `pct` does not select gets the next weaker policy, and 0 selects nothing.
    if applied and record and record.pct == "0":
        applied = weaker(applied)
    return DMARC7489(result=result, organizational_domain=organisation, policy=applied)
