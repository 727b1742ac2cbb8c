"""What a bounce or receipt says, in sentences: whose word it is, what it is worth, what would bear it out. Pure."""

from collections.abc import Iterable
from datetime import UTC, tzinfo

from mailtrace.delivery.answer import Outcome
from mailtrace.delivery.events import EventKind, EvidenceClass
from mailtrace.delivery.outcome import State
from mailtrace.delivery.report_types import MatchedBy, Report, SealState
from mailtrace.delivery.sentences import code_of, listed, when, why_of
from mailtrace.findings import excerpt
from mailtrace.names.organisation import organisation_of


def explain_report(address: str, state: State, report: Report, zone: tzinfo, known: Iterable[str] = ()) -> str:
    """Say what a bounce or receipt says, and whose word it is.

    `known`: the domains and servers that the rest of the evidence, or the question, names.
    """
    event = state.evidence
    who, time = excerpt(address), when(event.time, zone)
    kind = "receipt" if report.kind is EventKind.MDN else "bounce"
    match state.outcome:
        case Outcome.BOUNCED:
            text = (
                f"{who} did not get it, says {_whose(state, report, kind)}: {why_of(event)} ({code_of(event)}{time})."
            )
        case Outcome.DELIVERED if report.kind is EventKind.MDN:
            done = {"displayed": "was displayed", "deleted": "was deleted"}.get(event.action or "", "was handled")
            has = "got" if event.action == "deleted" else "has"
            text = f"{who} {has} it, says {_whose(state, report, kind)}: it {done} ({time})."
            text += " Whether it was read, or by whom, a receipt cannot show."
        case Outcome.DELIVERED:
            text = f"{who} has it, says {_whose(state, report, 'delivery report')} ({time})."
        case Outcome.DEFERRED:
            notice = _whose(state, report, "notice")
            text = f"{who} did not have it yet, said {notice} ({time}): {why_of(event)}. The server went on trying."
        case _ if event.action == "expanded":
            passed = _whose(state, report, "delivery report")
            text = f"It was sent on to the several addresses that {who} stands for, says {passed} ({time})."
            text += " What became of it there is not said."
        case _:
            passed = _whose(state, report, "delivery report")
            text = f"It was passed on for {who}, to a system that makes no such reports, says {passed} ({time})."
    nobody = " It names nobody: that it is about them follows from the message it brought back."
    return f"{text}{_worth(state, report, known)}{_tie(report)}{nobody if report.names_nobody else ''}"


def _whose(state: State, report: Report, kind: str) -> str:
    """Name a report by whose it is, or by in whose name it speaks."""
    name = report.reporter if report.kind is EventKind.DSN else state.evidence.recipient
    if state.evidence_class is EvidenceClass.C:
        of = f" of {excerpt(name)}" if name else ""
        return f"a {kind}{of} that {excerpt(report.seal.signer or '')} signed"
    return f"a {kind} in the name of {excerpt(name)}" if name else f"a {kind}"


def _worth(state: State, report: Report, known: Iterable[str]) -> str:
    """Say why it is a claim; of a signed statement, whether anything else shows that its signer had the message."""
    signer = report.seal.signer or ""
    if state.evidence_class is not EvidenceClass.C:
        why = report.seal.why or f"{signer}, which signed it, has no say in what became of it for this recipient"
        return f" That is a claim: {excerpt(why)}."
    own = organisation_of(signer)
    names = [*known, state.evidence.recipient or "", state.evidence.original_recipient or ""]
    if report.match.by is MatchedBy.SIGNATURE or own in {organisation_of(one.rpartition("@")[2]) for one in names}:
        return ""
    return f" Nothing else shows that {excerpt(signer)} had the message."


def _tie(report: Report) -> str:
    """Say by what it is known to be of this message, where that is more or less than its Message-ID."""
    if report.match.by is MatchedBy.SIGNATURE:
        return " What it brought back bears the DKIM signature of the message that was sent."
    if report.match.by is MatchedBy.HEADER:
        named = (
            f"names another Message-ID ({excerpt(report.message_id)})" if report.message_id else "names no Message-ID"
        )
        return f" It {named}; author, subject and date are those of the message that was sent."
    if report.match.by is MatchedBy.ENVELOPE:
        if report.message_id is not None:
            return f" It names the message {excerpt(report.message_id)}; the question names none."
        return " It names no message: only recipient and time say that it is of this one."
    differs = [name for name in report.match.differs if name != "To"]
    return f" What it brought back has another {listed(differs)} than what was sent." if differs else ""


def to_prove(state: State) -> tuple[str, ...]:
    """Say what would bear out a claim."""
    report = state.report
    if report is None or state.evidence_class is EvidenceClass.C:
        return ()
    steps = []
    if report.seal.state is SealState.NOT_CHECKED and not report.is_passed_on:
        steps.append("With DNS, or its key (--dns, --keys), the signature of the report can be checked.")
    if report.kind is EventKind.DSN and report.reporter:
        steps.append(f"To bear it out, get the log of {excerpt(report.reporter)} for {when(report.time, UTC)}.")
    return tuple(steps)
