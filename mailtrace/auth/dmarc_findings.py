"""What there is to say of a DMARC check."""

from collections.abc import Iterator, Sequence

from mailtrace.auth.dmarc_types import AlignmentMode
from mailtrace.auth.dmarc_walk import Step
from mailtrace.auth.types import DKIMCheck, DMARCCheck, SPFCheck, SPFIdentity
from mailtrace.findings import Evidence, Finding, FindingKind, excerpt
from mailtrace.results import DKIMResult, DMARCPolicy, DMARCResult, Severity, SPFResult

FAIL_ENFORCED = FindingKind(
    code="dmarc-fail-enforced",
    title="The message fails DMARC, and the author domain's policy is enforced",
    severity=Severity.CRITICAL,
    reference="RFC 9989 §5.3.6",
)
FAIL_NOT_ENFORCED = FindingKind(
    code="dmarc-fail-not-enforced",
    title="The message fails DMARC, and the author domain only asks for reports",
    severity=Severity.WARNING,
    reference="RFC 9989 §5.3.6",
)
NO_RECORD = FindingKind(
    code="dmarc-none",
    title="The author domain publishes no DMARC policy",
    severity=Severity.INFO,
    reference="RFC 9989 §4.10",
)
UNDECIDED = FindingKind(
    code="dmarc-undecided",
    title="DMARC could not be evaluated for want of DNS answers",
    severity=Severity.NOTICE,
    reference="RFC 9989 §5.3.6",
)
OLDER_RULES_DIFFER = FindingKind(
    code="dmarc-rfc7489-differs",
    title="The older rules for DMARC give another result",
    severity=Severity.NOTICE,
    reference="RFC 7489 §3.2",
)
SEVERAL_RECORDS = FindingKind(
    code="dmarc-several-records",
    title="More than one DMARC record stands at one name, so none counts",
    severity=Severity.NOTICE,
    reference="RFC 9989 §4.10",
)
INVALID_RECORD = FindingKind(
    code="dmarc-record-invalid",
    title="The DMARC record has parts that break its grammar",
    severity=Severity.NOTICE,
    reference="RFC 9989 §4.8",
)
TESTING = FindingKind(
    code="dmarc-testing",
    title="The author domain is testing its policy, which applies one step weaker",
    severity=Severity.INFO,
    reference="RFC 9989 §4.7",
)
DKIM_NOT_ALIGNED = FindingKind(
    code="dkim-not-aligned",
    title="A signature verifies, but is not the author domain's",
    severity=Severity.INFO,
    reference="RFC 9989 §4.4.1",
)
SPF_NOT_ALIGNED = FindingKind(
    code="spf-not-aligned",
    title="SPF passes, but not for the author domain",
    severity=Severity.INFO,
    reference="RFC 9989 §4.4.2",
)

_ENFORCING = (DMARCPolicy.QUARANTINE, DMARCPolicy.REJECT)


def observe(
    check: DMARCCheck, spf: Sequence[SPFCheck], dkim: Sequence[DKIMCheck], place: Evidence, *, steps: Sequence[Step]
) -> tuple[Finding, ...]:
    """Return the findings of one check. `steps`: of the author domain's walk; `place`: the From field."""
    return tuple(_observe(check, spf, dkim, place, steps))


def _observe(
    check: DMARCCheck, spf: Sequence[SPFCheck], dkim: Sequence[DKIMCheck], place: Evidence, steps: Sequence[Step]
) -> Iterator[Finding]:
    domain = check.author_domain
    record = _record(check)
    if check.result is DMARCResult.FAIL:
        yield _fail(check, place, record)
    elif check.result is DMARCResult.NONE:
        # RFC 9989 §4.10: where there are several, none counts; and what breaks the grammar may be no record at all.
        counts = " that counts" if any(step.several or step.answer.records for step in steps) else ""
        yield NO_RECORD.found(f"Neither {domain} nor a domain above it publishes a policy{counts}.", _asked(check))
    elif check.problem in ("dns-failure", "not-recorded", "offline"):
        yield UNDECIDED.found(f"What {domain} publishes, or a key, could not be had ({check.problem}).", _asked(check))
    if check.testing and record:
        yield TESTING.found(f"{check.record_domain} publishes t=y.", record)
    yield from _records(steps)
    yield from _older(check, record or place)
    if check.result is not DMARCResult.PASS or not check.aligned_dkim:
        yield from _unaligned_signatures(check, dkim, place)
    if domain and not check.aligned_spf:
        yield from _unaligned_spf(check, spf, place)


def _fail(check: DMARCCheck, place: Evidence, record: Evidence | None) -> Finding:
    evidence = (record, place) if record else (place,)
    if check.policy in _ENFORCING:
        published = f"{check.policy_tag or 'p'}={check.published_policy}"
        return FAIL_ENFORCED.found(
            f"{check.record_domain} publishes {published} for this case (applied: {check.policy}), and neither SPF nor "
            f"DKIM ties this message to {check.author_domain}.",
            *evidence,
        )
    return FAIL_NOT_ENFORCED.found(
        f"Neither SPF nor DKIM ties this message to {check.author_domain}, whose policy applies as p=none.", *evidence
    )


def _records(steps: Sequence[Step]) -> Iterator[Finding]:
    """Name what is wrong with the records that were found."""
    for step in steps:
        at = f"dns:TXT _dmarc.{step.domain}"
        records = excerpt(" | ".join(step.answer.records[:5]))
        if step.several:
            yield SEVERAL_RECORDS.found(f"_dmarc.{step.domain} holds several.", Evidence(source=at, excerpt=records))
        if step.record is not None and step.record.faults:
            parts = ", ".join(excerpt(fault) for fault in step.record.faults[:3])
            more = f" and {len(step.record.faults) - 3} more" if len(step.record.faults) > 3 else ""
            yield INVALID_RECORD.found(
                f"At _dmarc.{step.domain} receivers pass over these parts, or over the whole record: {parts}{more}.",
                Evidence(source=at, excerpt=records),
            )


def _older(check: DMARCCheck, place: Evidence) -> Iterator[Finding]:
    older = check.rfc7489
    if older.result is check.result and older.policy is check.published_policy:
        return
    yield OLDER_RULES_DIFFER.found(
        f"RFC 7489 gives {older.result} (policy {older.policy or 'none found'}), "
        f"RFC 9989 {check.result} (policy {check.published_policy or 'none found'}).",
        place,
    )


def _unaligned_signatures(check: DMARCCheck, dkim: Sequence[DKIMCheck], place: Evidence) -> Iterator[Finding]:
    domains = dict.fromkeys(c.sdid for c in dkim if c.result is DKIMResult.PASS and c.sdid)
    for domain in domains:
        if check.aligned_dkim is False and check.author_domain:
            why = _asked_for(check, "dkim", domain) or f"which does not belong to {check.author_domain}"
            yield DKIM_NOT_ALIGNED.found(f"The signature that verifies is {domain}'s, {why}.", place)


def _unaligned_spf(check: DMARCCheck, spf: Sequence[SPFCheck], place: Evidence) -> Iterator[Finding]:
    for sent in spf:
        if sent.identity is SPFIdentity.MAILFROM and sent.result is SPFResult.PASS and check.aligned_spf is False:
            why = _asked_for(check, "spf", sent.domain or "") or f"not for {check.author_domain}"
            yield SPF_NOT_ALIGNED.found(f"It passes for {sent.domain}, the envelope sender, {why}.", place)


def _asked_for(check: DMARCCheck, method: str, domain: str) -> str | None:
    """Say what strict alignment asks for (RFC 9989 §4.4): a name of the same organisation is not enough for it."""
    compared = (each.mode for each in check.identifiers if (each.method, each.domain) == (method, domain))
    if next(compared, AlignmentMode.RELAXED) is AlignmentMode.RELAXED:
        return None
    tag = "adkim" if method == "dkim" else "aspf"
    return f"and {tag}=s asks for {check.author_domain} itself"


def _record(check: DMARCCheck) -> Evidence | None:
    if check.record is None:
        return None
    return Evidence(source=f"dns:TXT _dmarc.{check.record_domain}", excerpt=excerpt(check.record))


def _asked(check: DMARCCheck) -> Evidence:
    return Evidence(source=f"dns:TXT _dmarc.{check.author_domain}", excerpt=excerpt(check.problem or "no record"))
