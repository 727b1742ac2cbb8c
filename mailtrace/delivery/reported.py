"""Reported: which bounces and receipts count as evidence of the message that is asked for, and why the others do not.

Anybody can send a bounce of a message that was never sent (backscatter). One counts if it is of this message, and if
the log of the server in whose name it speaks does not say otherwise by its silence; a signed one outweighs that.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta

from mailtrace.delivery.answer import ReportFound
from mailtrace.delivery.coverage import Coverage, covers, set_name
from mailtrace.delivery.join import Trail
from mailtrace.delivery.mailboxes import Found
from mailtrace.delivery.matching import match
from mailtrace.delivery.query import Query, folded
from mailtrace.delivery.report_types import Report, SealOf, SealState
from mailtrace.delivery.sentences import listed
from mailtrace.findings import excerpt
from mailtrace.records import Struct, replace

NEAR = timedelta(minutes=15)
"""How far a bounce's own date may be from the lines of the log that made it."""

_OF_SERVERS = ("postfix-log", "exim-log", "exim-syslog", "sendmail-log", "exchange-tracking")
"""Logs of those who make bounces; that of a filter or a mailbox server beside them is silent for good reasons."""


class Settled(Struct, frozen=True, kw_only=True):
    """What the reports come to."""

    counted: tuple[Report, ...]
    set_aside: tuple[tuple[Report, str], ...]
    """Those that name a recipient of this message and are not of it, as far as is known; and why."""


def settle(
    found: Found, query: Query, trails: Sequence[Trail], coverage: Sequence[Coverage], seal_of: SealOf
) -> Settled:
    """Part the reports that count from the others; only of those that may count is the signature checked."""
    known = {*query.message_ids, *(one.event.message_id for one in found.copies if one.event.message_id)}
    known |= {one for trail in trails for one in trail.message_ids}
    own = {one.event.message_id: one.sent for one in found.copies if one.sent is not None}
    counted: list[Report] = []
    aside: list[tuple[Report, str]] = []
    for report in sorted((*found.reports, *found.others), key=lambda one: (one.source.name, one.source.line or 0)):
        # Once it is known which message is meant, a report on another one is no longer of it.
        asked = query if query.sent is not None else replace(query, sent=own.get(report.message_id))
        matched = replace(report, match=match(report, asked, known))
        if matched.match.by is None:
            aside.append((matched, _of_another(matched, known)))
            continue
        sealed = replace(matched, seal=seal_of(matched), kept=None)
        silent = None if sealed.seal.state is SealState.VERIFIED else _silent(sealed, trails, coverage)
        if silent is None:
            counted.append(sealed)
        else:
            aside.append((sealed, silent))
    people = {folded(one) for one in query.recipients} | {folded(one) for trail in trails for one in trail.recipients}
    return Settled(
        counted=tuple(counted),
        set_aside=tuple(one for one in aside if one[0].match.by is not None or _names(one[0]) & people),
    )


def _names(report: Report) -> set[str]:
    return {folded(one) for fate in report.fates for one in (fate.recipient, fate.original_recipient) if one}


def _of_another(report: Report, known: Collection[str]) -> str:
    """Say why a report is not of the message that is asked for."""
    if report.message_id is not None and report.message_id not in known:
        return f"it is of another message, {excerpt(report.message_id)}, or of none that was sent (backscatter)"
    differs = [name for name in report.match.differs if name in ("From", "Date")]
    if differs:
        return f"it names this message, but brought back another {listed(differs)} than was sent (backscatter)"
    return "nothing in it says that it is of this message"


def _silent(report: Report, trails: Sequence[Trail], coverage: Sequence[Coverage]) -> str | None:
    """Say that the log of the server in whose name it speaks covers its time, and does not have the message."""
    reporter = (report.reporter or "").rpartition("@")[2].casefold().rstrip(".")
    if not reporter or report.time is None:
        return None
    logs = [part for part in coverage if any(host.casefold().rstrip(".") == reporter for host in part.hosts)]
    names = {set_name(part.source) for part in logs}
    group = [part for part in coverage if part.kind in _OF_SERVERS and set_name(part.source) in names]
    if not group or not covers(group, report.time - NEAR, report.time + NEAR):
        return None
    sources = {part.source for part in group}
    if any(one.event.source.name in sources for trail in trails for one in trail.events):
        return None
    return (
        f"it speaks in the name of {excerpt(reporter)}, whose log covers the time and does not have the message: "
        "it was not sent through there (backscatter)"
    )


def reports_found(settled: Settled) -> tuple[ReportFound, ...]:
    """Return the reports in the form that is public, by source."""
    found = [(one, None) for one in settled.counted] + list(settled.set_aside)
    found.sort(key=lambda pair: (pair[0].source.name, pair[0].source.line or 0))
    return tuple(_found(report, aside) for report, aside in found)


def _found(report: Report, aside: str | None) -> ReportFound:
    return ReportFound(
        kind=report.kind,
        time=report.time,
        reporter=report.reporter,
        recipients=tuple(one for fate in report.fates if (one := fate.recipient or fate.original_recipient)),
        message_id=report.message_id,
        envelope_id=report.envelope_id,
        source=report.source,
        matched_by=report.match.by,
        agrees=report.match.agrees,
        differs=report.match.differs,
        signature=report.seal.state,
        signed_by=report.seal.signer,
        key_source=report.seal.key_source,
        is_counted=aside is None,
        note=aside or report.seal.why,
    )


def said_of(settled: Settled) -> Iterable[str]:
    """Say how many reports were not counted: a note for people, who would wonder."""
    count = len(settled.set_aside)
    if count:
        them = "1 bounce or receipt names" if count == 1 else f"{count:,} bounces or receipts name"
        yield f"{them} the recipient, and {'is' if count == 1 else 'are'} not counted (see Reports)"
