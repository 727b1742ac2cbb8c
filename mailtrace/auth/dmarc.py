"""DMARC, RFC 9989: does an authenticated domain belong with the domain that the reader sees in From?

Takes the author domain, the SPF and DKIM checks, and answers of DNS. Only `pass` authenticates. A missing key is a
failed identifier; an answer that could not be had is not: then the result is temperror or not-checked, never fail. The
result that RFC 7489 gives, by the public suffix list, stands beside it, as receivers have not all moved.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from mailtrace.auth.dmarc_findings import observe
from mailtrace.auth.dmarc_record import DMARCRecord, has_valid_policy, weaker
from mailtrace.auth.dmarc_walk import Answers, Step, Walk, ask, can_belong, questions, share_organization, walk
from mailtrace.auth.types import (
    DMARC7489,
    AlignmentMode,
    Discovery,
    DKIMCheck,
    DMARCCheck,
    DMARCIdentifier,
    DMARCStep,
    PolicyTag,
    SPFCheck,
    SPFIdentity,
)
from mailtrace.findings import Evidence, Finding
from mailtrace.names.organisation import organisation_of
from mailtrace.records import Struct
from mailtrace.resolver import Answer, Outcome, Question, Resolver, RRType
from mailtrace.resolver.ledger import Ledger
from mailtrace.results import Comparison, DKIMResult, DMARCPolicy, DMARCResult, SPFResult

_FOR_WANT_OF_DNS = {
    "dns-failure": DMARCResult.TEMPERROR,
    "not-recorded": DMARCResult.NOT_CHECKED,
    "offline": DMARCResult.NOT_CHECKED,
    "reconstructed": DMARCResult.NOT_CHECKED,  # of a signature: the file does not keep what was signed
}


MAX_IDENTIFIERS = 50
"""Signatures whose domains are set against the author domain for the reader."""


class DMARCOutcome(Struct, frozen=True, kw_only=True):
    """The check, and what matters about it."""

    check: DMARCCheck
    findings: tuple[Finding, ...]


class _Identifier(Struct, frozen=True):
    """A domain that SPF or DKIM authenticated, or could have with the answers that are missing."""

    domain: str
    problem: str | None
    """None: authenticated."""


class _Policy(Struct, frozen=True):
    record: DMARCRecord | None
    domain: str | None
    published: DMARCPolicy | None
    problem: str | None = None
    tag: PolicyTag | None = None


def check_dmarc(
    author_domain: str | None, spf: Sequence[SPFCheck], dkim: Sequence[DKIMCheck], *, dns: Resolver, place: Evidence
) -> DMARCOutcome:
    """Evaluate DMARC for one author domain in A-labels; None: there is no single one. `place`: the From field."""
    if author_domain is None:
        check = _no_author()
        return DMARCOutcome(check=check, findings=observe(check, spf, dkim, place, steps=()))
    walked = walk(author_domain, dns)
    policy = _policy(walked, dns)
    signed, sent = _dkim_identifiers(dkim), _spf_identifiers(spf)
    align = _by_walk(author_domain, walked, dns)
    strict = policy.record
    aligned_dkim = _aligned(signed, author_domain, align, strict=bool(strict and strict.adkim_strict))
    aligned_spf = _aligned(sent, author_domain, align, strict=bool(strict and strict.aspf_strict))
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
        _by_walk(walked.start, walked, dns),
        _by_walk(walked.start, walked, _Peek(dns)),
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


def _policy(walked: Walk, dns: Resolver) -> _Policy:
    """Find the record that applies, RFC 9989 §4.10.1, and the tag that governs."""
    own = walked.steps[0]
    if not own.answer.is_answered:
        return _Policy(None, None, None, problem_of(own.answer))
    if own.record is not None:
        return _valid(own.record, own.domain, own.record.p, PolicyTag.P)
    if walked.failure is not None:
        return _Policy(None, None, None, problem_of(walked.failure))
    found = next((step for step in walked.steps if step.domain == walked.organizational_domain and step.record), None)
    # The organizational domain below a public suffix may have no record of its own: then the suffix's applies.
    found = found or next((step for step in reversed(walked.steps) if step.record), None)
    if found is None or found.record is None:
        return _Policy(None, None, None)
    return _inherited(found.record, found.domain, walked.start, dns)


def _inherited(record: DMARCRecord, domain: str, author: str, dns: Resolver) -> _Policy:
    """Apply `np` to a domain that does not exist, `sp` to another subdomain, else `p` (RFC 9989 §4.10.1)."""
    if record.np is None or record.np is (record.sp or record.p) or not has_valid_policy(record):
        return _valid(record, domain, *_for_subdomain(record))
    existence = _existence(author, dns)
    if not existence.is_answered:
        return _Policy(record, domain, None, problem_of(existence))
    missing = existence.outcome is Outcome.NXDOMAIN
    return (
        _valid(record, domain, record.np, PolicyTag.NP) if missing else _valid(record, domain, *_for_subdomain(record))
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


def _valid(record: DMARCRecord, domain: str, policy: DMARCPolicy | None, tag: PolicyTag = PolicyTag.P) -> _Policy:
    """RFC 9989 §4.10.1: without valid policies, a record that asks for reports counts as p=none, any other as none."""
    if has_valid_policy(record):
        return _Policy(record, domain, policy, tag=tag)
    return _Policy(record, domain, DMARCPolicy.NONE, tag=tag) if record.has_rua else _Policy(None, None, None)


def problem_of(answer: Answer) -> str:
    """Say in a word why a question has no answer."""
    if answer.outcome is Outcome.OFFLINE:
        return "offline"
    return "not-recorded" if answer.is_unasked else "dns-failure"


def _dkim_identifiers(checks: Sequence[DKIMCheck]) -> tuple[_Identifier, ...]:
    """Only a pass authenticates; a signature that lacks nothing but its key might have."""
    found = []
    for check in checks:
        if check.sdid and check.result is DKIMResult.PASS:
            found.append(_Identifier(check.sdid, None))
        elif check.sdid and check.problem in _FOR_WANT_OF_DNS and check.body_hash is not Comparison.MISMATCH:
            found.append(_Identifier(check.sdid, check.problem))
    return tuple(found)


def _spf_identifiers(checks: Sequence[SPFCheck]) -> tuple[_Identifier, ...]:
    """RFC 9989 §4.4.2: the domain of MAIL FROM, or of HELO where the reverse-path is null."""
    found = []
    for check in checks:
        if check.identity is not SPFIdentity.MAILFROM or check.domain is None:
            continue
        if check.result is SPFResult.PASS:
            found.append(_Identifier(check.domain, None))
        elif check.problem in _FOR_WANT_OF_DNS:
            found.append(_Identifier(check.domain, check.problem))
    return tuple(found)


class _Alignment(Struct, frozen=True):
    """Whether a domain is aligned. `holds` None: not known, for want of the answer that `problem` speaks of."""

    holds: bool | None
    problem: str | None = None


_Align = Callable[[str], _Alignment]


def _by_walk(author: str, walked: Walk, dns: Answers) -> _Align:
    """Compare organizational domains found by tree walk."""

    def align(domain: str) -> _Alignment:
        own = walked.organizational_domain
        if own is not None and not can_belong(domain, own):
            return _Alignment(holds=False)
        if not _share_a_parent(author, domain):
            return _Alignment(holds=False)  # no walk could find one organizational domain for both
        other = walk(domain, dns)
        failure = walked.failure or other.failure
        return _Alignment(share_organization(walked, other), None if failure is None else problem_of(failure))

    return align


def _share_a_parent(one: str, other: str) -> bool:
    return one.rpartition(".")[2] == other.rpartition(".")[2]


def _aligned(identifiers: Sequence[_Identifier], author: str, align: _Align, *, strict: bool) -> _Alignment:
    """Tell whether an authenticated identifier is aligned, or one that is not settled could be."""
    unsettled: list[str | None] = []
    for identifier in identifiers:
        same = identifier.domain == author
        matches = _Alignment(holds=same) if same or strict else align(identifier.domain)
        if matches.holds and identifier.problem is None:
            return _Alignment(holds=True)
        if matches.holds is not False:
            unsettled.append(identifier.problem or matches.problem)
    return _Alignment(None, unsettled[0]) if unsettled else _Alignment(holds=False)


def _result(
    policy: _Policy, dkim: _Alignment, spf: _Alignment, checks: Sequence[SPFCheck]
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
        return _FOR_WANT_OF_DNS[missing], missing
    if not _spf_judged(checks):
        # What the file lacks is not evidence of failure: a sent copy has no client whom SPF could be asked about.
        return DMARCResult.NOT_CHECKED, "spf-not-evaluated"
    return DMARCResult.FAIL, None


def _spf_judged(checks: Sequence[SPFCheck]) -> bool:
    return any(
        check.identity is SPFIdentity.MAILFROM
        and (check.result is not SPFResult.NOT_CHECKED or check.problem in _FOR_WANT_OF_DNS)
        for check in checks
    )


def _rfc7489(
    author: str, signed: Sequence[_Identifier], sent: Sequence[_Identifier], spf: Sequence[SPFCheck], dns: Resolver
) -> DMARC7489:
    """Evaluate by the older rules: the record at the domain, else at its registrable domain (RFC 7489 §6.6.3)."""
    organisation = organisation_of(author) or author
    policy = _policy7489(author, organisation, dns)

    def align(domain: str) -> _Alignment:
        return _Alignment(holds=(organisation_of(domain) or domain) == organisation)

    record = policy.record
    aligned_dkim = _aligned(signed, author, align, strict=bool(record and record.adkim_strict))
    aligned_spf = _aligned(sent, author, align, strict=bool(record and record.aspf_strict))
    result, _ = _result(policy, aligned_dkim, aligned_spf, spf)
    return DMARC7489(result=result, organizational_domain=organisation, policy=policy.published)


def _policy7489(author: str, organisation: str, dns: Resolver) -> _Policy:
    for name in dict.fromkeys((author, organisation)):
        step = ask(name, dns)
        if not step.answer.is_answered:
            return _Policy(None, None, None, problem_of(step.answer))
        if step.several:
            return _Policy(None, None, None)  # RFC 7489 §6.6.3 step 5: several records end the processing
        if step.record is not None:
            wanted = step.record.p if name == author else step.record.sp or step.record.p
            return _valid(step.record, name, wanted)
    return _Policy(None, None, None)
