"""Forwarded mail, in words: whose SPF it is, and what a rewritten envelope sender says (RFC 7208 §D, RFC 7960 §3).

SPF speaks of the server that handed the message over and of the domain that this server named. After forwarding that
is the forwarder's server: with the envelope sender kept, SPF of the author's domain must fail; with a new one, it
passes for the forwarder. Neither says anything about the author. Decides nothing.
"""

from collections.abc import Iterator, Sequence

from mailtrace.auth.return_path import Rewriting, RewrittenPath
from mailtrace.auth.types import DKIMCheck, DMARCCheck, Session, SPFCheck, SPFIdentity
from mailtrace.findings import Evidence, Finding, FindingKind, excerpt
from mailtrace.records import replace
from mailtrace.results import Confidence, DKIMResult, Severity, SPFResult

ENVELOPE_REWRITTEN = FindingKind(
    code="envelope-rewritten",
    title="The envelope sender was rewritten on the way",
    severity=Severity.INFO,
    reference="RFC 7208 §D",
)
SPF_OF_FORWARDER = FindingKind(
    code="spf-of-forwarder",
    title="SPF speaks of the forwarder, not of the author",
    severity=Severity.INFO,
    reference="RFC 7208 §D",
)
SPF_FAIL_SIGNED = FindingKind(
    code="spf-fail-forwarded",
    title="SPF fails, as it must after forwarding, and a signature of the author domain verifies",
    severity=Severity.INFO,
    reference="RFC 7960 §3",
)

_FORWARDERS = frozenset({Rewriting.SRS0, Rewriting.SRS1, Rewriting.EXCHANGE_SRS, Rewriting.GMAIL_FORWARD})
_FAILED = frozenset({SPFResult.FAIL, SPFResult.SOFTFAIL})
_NAMES = {
    Rewriting.SRS0: "SRS",
    Rewriting.SRS1: "SRS",
    Rewriting.EXCHANGE_SRS: "SRS, in the form of Exchange Online",
    Rewriting.GMAIL_FORWARD: "the form of Gmail's forwarding",
    Rewriting.BATV: "BATV",
    Rewriting.VERP: "the form of a list or mailer that numbers its recipients (VERP)",
}


def observe_forwarding(
    session: Session, spf: Sequence[SPFCheck], dkim: Sequence[DKIMCheck], dmarc: DMARCCheck, place: Evidence
) -> tuple[Finding, ...]:
    """Return what there is to say. `place`: the From field, where no better place shows it."""
    return tuple(_observed(session, spf, dkim, dmarc, place))


def beside_a_signature(findings: Sequence[Finding], dmarc: DMARCCheck) -> tuple[Finding, ...]:
    """Lower what SPF holds against a message that the author domain's own signature vouches for: it was forwarded."""
    if dmarc.aligned_dkim is not True:
        return tuple(findings)
    return tuple(
        replace(finding, severity=Severity.NOTICE)
        if finding.severity is Severity.WARNING and finding.code in ("spf-fail", "spf-permerror")
        else finding
        for finding in findings
    )


def _observed(
    session: Session, spf: Sequence[SPFCheck], dkim: Sequence[DKIMCheck], dmarc: DMARCCheck, place: Evidence
) -> Iterator[Finding]:
    rewritten = session.rewritten
    envelope = Evidence(source="session", excerpt=excerpt(f"MAIL FROM:<{session.mail_from}>"))
    if rewritten is not None:
        yield ENVELOPE_REWRITTEN.found(_reading(rewritten), envelope, confidence=Confidence.MEDIUM)
    mail_from = next((check for check in spf if check.identity is SPFIdentity.MAILFROM), None)
    if mail_from is None or mail_from.domain is None or dmarc.author_domain is None:
        return
    if rewritten is not None and rewritten.kind in _FORWARDERS and not _is_aligned(dmarc, mail_from.domain):
        yield SPF_OF_FORWARDER.found(
            f"The result ({mail_from.result}) is that of {mail_from.domain}, which passed the message on; "
            f"it says nothing of {dmarc.author_domain}.",
            envelope,
        )
    signed = next((check for check in dkim if check.result is DKIMResult.PASS and _signs(dmarc, check)), None)
    if mail_from.result in _FAILED and signed is not None and _is_aligned(dmarc, mail_from.domain):
        yield SPF_FAIL_SIGNED.found(
            f"{excerpt(mail_from.client_ip or 'The client')} is not among the servers of {mail_from.domain}; "
            f"{signed.sdid} signed the message, which that client passed on.",
            place,
        )


def _reading(rewritten: RewrittenPath) -> str:
    what = [f"By {_NAMES[rewritten.kind]}, {excerpt(rewritten.by)} names"]
    if rewritten.original is not None:
        what.append(f"{excerpt(rewritten.original)} as the envelope sender before it")
    if rewritten.account is not None:
        what.append(f"{excerpt(rewritten.account)} as the account that forwards,")
    if rewritten.recipient is not None:
        what.append(f"{excerpt(rewritten.recipient)} as the recipient")
    if rewritten.first is not None:
        what.append(f"(first forwarded by {excerpt(rewritten.first)})")
    if rewritten.on is not None:
        what.append(f"(its mark is of {rewritten.on:%Y-%m-%d})")
    return f"{' '.join(what)}; that is its own word."


def _is_aligned(dmarc: DMARCCheck, domain: str) -> bool:
    return any(one.domain == domain and one.aligned is True for one in dmarc.identifiers)


def _signs(dmarc: DMARCCheck, check: DKIMCheck) -> bool:
    return any(
        one.method == "dkim" and one.domain == check.sdid and one.authenticated and one.aligned is True
        for one in dmarc.identifiers
    )
