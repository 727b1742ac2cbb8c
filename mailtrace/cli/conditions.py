"""What --fail-on means: each of its words is a question about a report."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from mailtrace.report import HopReport, Report
from mailtrace.results import (
    Authenticity,
    DKIMResult,
    DMARCResult,
    Grade,
    PolicyResult,
    Scope,
    Security,
    SPFResult,
    Standing,
)

Condition = Callable[[Report], bool]


def _authenticity(word: Authenticity) -> Condition:
    return lambda report: report.verdict.authenticity is word


def _on_deciding_hop(holds: Callable[[HopReport], bool]) -> Condition:
    return lambda report: any(holds(hop) for hop in report.path.hops if _decides(hop))


def _decides(hop: HopReport) -> bool:
    """Tell whether the transport verdict rests on this hop."""
    return (
        hop.standing is Standing.TRUSTED
        and hop.transport.scope in (Scope.PUBLIC, Scope.UNKNOWN)
        and hop.transport.security is not Security.LOCAL
    )


def _dkim_failed(report: Report) -> bool:
    # RFC 6376 §6.1: a signature that fails is as good as none, so one that passes beside it is enough.
    results = {check.result for check in report.authentication.dkim}
    return DKIMResult.FAIL in results and DKIMResult.PASS not in results


def _spf_failed(report: Report) -> bool:
    # RFC 7208 §2.4: MAIL FROM is the identity that counts; HELO's result stands only where there is no other.
    checks = report.authentication.spf
    judged = [check for check in checks if check.identity.value == "mailfrom"]
    return any(check.result is SPFResult.FAIL for check in judged or checks)


HOLDS: Mapping[str, Condition] = MappingProxyType(
    {
        "forged": _authenticity(Authenticity.FORGED),
        "suspicious": _authenticity(Authenticity.SUSPICIOUS),
        "unproven": _authenticity(Authenticity.UNPROVEN),
        "indeterminate": _authenticity(Authenticity.INDETERMINATE),
        "cleartext": _on_deciding_hop(lambda hop: hop.transport.security is Security.CLEARTEXT),
        "weak-tls": _on_deciding_hop(lambda hop: hop.transport.grade in (Grade.WEAK, Grade.BROKEN)),
        "unrecorded-tls": _on_deciding_hop(lambda hop: hop.transport.security is Security.UNRECORDED),
        "dmarc-fail": lambda report: report.authentication.dmarc.result is DMARCResult.FAIL,
        "dkim-fail": _dkim_failed,
        "spf-fail": _spf_failed,
        "policy": lambda report: report.transport_policy.result is PolicyResult.NOT_MET,
    }
)
"""By the words of `exits.CONDITIONS`."""
