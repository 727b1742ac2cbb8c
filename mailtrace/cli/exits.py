"""The one exit table: what a shell sees of each way a run can end (the upper half follows BSD's sysexits.h)."""

from collections.abc import Callable, Iterable, Mapping
from enum import IntEnum, unique
from types import MappingProxyType
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:  # the command line is read before any of the pipeline is imported
    from mailtrace.auth.types import SPFCheck
    from mailtrace.report import HopReport, Report


@unique
class Status(IntEnum):
    """Exit status."""

    DONE = 0  # and no --fail-on condition holds
    USAGE = 2  # the command line is wrong
    CONDITION = 10  # a --fail-on condition holds
    UNDECIDED = 11  # no condition holds, and authenticity is indeterminate
    DATA = 65  # not a message, or a broken recording
    NO_INPUT = 66
    UNAVAILABLE = 69  # a server that was named refused every attempt
    FAULT = 70  # in mailtrace itself
    OUTPUT = 74  # output could not be written
    INTERRUPTED = 130


_PRECEDENCE = (
    Status.INTERRUPTED,
    Status.FAULT,
    Status.OUTPUT,
    Status.UNAVAILABLE,
    Status.NO_INPUT,
    Status.CONDITION,
    Status.DATA,
    Status.UNDECIDED,
    Status.DONE,
)


def first(statuses: Iterable[Status]) -> Status:
    """Choose the status of a run over several messages."""
    return min(statuses, key=_PRECEDENCE.index, default=Status.DONE)


Condition = Callable[["Report"], bool]


def _authenticity(word: Authenticity) -> Condition:
    return lambda report: report.verdict.authenticity is word


def _on_deciding_hop(holds: Callable[["HopReport"], bool]) -> Condition:
    return lambda report: any(holds(hop) for hop in report.path.hops if _decides(hop))


def _decides(hop: "HopReport") -> bool:
    """Tell whether the transport verdict rests on this hop."""
    return (
        hop.standing is Standing.TRUSTED
        and hop.transport.scope in (Scope.PUBLIC, Scope.UNKNOWN)
        and hop.transport.security is not Security.LOCAL
    )


def _dkim_failed(report: "Report") -> bool:
    # RFC 6376 §6.1: a signature that fails is as good as none, so one that passes beside it is enough.
    results = {check.result for check in report.authentication.dkim}
    return DKIMResult.FAIL in results and DKIMResult.PASS not in results


def _spf_failed(report: "Report") -> bool:
    # RFC 7208 §2.4: MAIL FROM is the identity that counts; HELO's result stands only where there is no other.
    checks = report.authentication.spf
    judged: list[SPFCheck] = [check for check in checks if check.identity.value == "mailfrom"]
    return any(check.result is SPFResult.FAIL for check in judged or checks)


CONDITIONS: Mapping[str, Condition] = MappingProxyType(
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
"""What --fail-on takes."""

DEFAULT_CONDITIONS = ("forged", "suspicious")


def of_report(report: "Report", conditions: Iterable[str]) -> Status:
    """Say how a run over this one message ends."""
    if any(CONDITIONS[condition](report) for condition in conditions):
        return Status.CONDITION
    return Status.UNDECIDED if report.verdict.authenticity is Authenticity.INDETERMINATE else Status.DONE


FIND_CONDITIONS = (
    "rejected",
    "bounced",
    "never-seen",
    "sent-not-seen",
    "quarantined",
    "filtered",
    "deferred",
    "unknown",
    "handed-over",
    "delivered",
)
"""What --fail-on of `find` takes: every outcome."""

FIND_DEFAULT = FIND_CONDITIONS[:6]


def of_answer(outcome: str, conditions: Iterable[str]) -> Status:
    """Say how a run of `find` with this answer ends."""
    if outcome in conditions:
        return Status.CONDITION
    return Status.UNDECIDED if outcome in ("unknown", "deferred", "handed-over") else Status.DONE


FORCED_CONDITIONS = ("in-clear", "not-verified", "undecided")
"""What --fail-on of `find --forced-tls` takes."""

FORCED_DEFAULT = FORCED_CONDITIONS[:2]


def of_forced(counts: Mapping[str, int], conditions: Iterable[str], *, is_complete: bool) -> Status:
    """Say how a run of `find --forced-tls` ends. `counts`: of transfers, by the words of `FORCED_CONDITIONS`."""
    if any(counts[condition] for condition in conditions):
        return Status.CONDITION
    return Status.UNDECIDED if counts["undecided"] or not is_complete else Status.DONE
