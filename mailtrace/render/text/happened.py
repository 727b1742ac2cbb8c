"""What happened to a message, in order of time, as `find` shows it. Prints, never decides."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from mailtrace.delivery.answer import EventReport, FindReport
from mailtrace.delivery.events import ServerTrust
from mailtrace.render.text.page import Page
from mailtrace.render.text.words import clock, count, day, tls_version

MAX_EVENTS = 12
"""Events that are shown without --trace."""

_TRIES = ("deferred", "greylisted")
_WITH_REPLY = ("rejected", "bounced", "deferred", "greylisted", "dsn", "relayed")


def write(page: Page, report: FindReport, *, trace: bool) -> None:
    """Write the events: with `trace` all of them, else those that tell of whom was asked for."""
    events = report.events
    if not events:
        return
    page.heading("What happened (UTC)" if not trace else "Everything that happened (UTC)")
    shown = [(event, [event]) for event in events] if trace else _telling(events, report.query.recipients)
    recorders = {event.host for event in events if event.tls is not None}
    before = None
    for event, tries in shown:
        before = _date(page, event.time, before)
        _event(page, event, trace=trace, records_tls=event.host in recorders)
        _again(page, event, tries)
    hidden = len(events) - sum(len(tries) for _, tries in shown)
    if hidden:
        page.line(f"{count(hidden, 'event')} more with --trace", indent=2)


def _date(page: Page, time: datetime | None, before: datetime | None) -> datetime | None:
    """Write the day where another one begins; return the time that is the last so far."""
    if time is not None and (before is None or before.date() != time.date()):
        page.line(day(time), indent=2)
    return time or before


def _again(page: Page, event: EventReport, tries: Sequence[EventReport]) -> None:
    """Say how many tries were alike, and when the last one was; what two logs have was one."""
    times = max(Counter(one.source.name for one in tries).values())
    last = tries[-1].time
    if times > 1 and event.kind in _TRIES and last is not None:
        date = "" if event.time is not None and last.date() == event.time.date() else f"{day(last)}, "
        page.entry("", f"{times:,} such tries, the last {date}{clock(last)}", column=14, style="dim")


def _telling(events: Sequence[EventReport], asked: Sequence[str]) -> list[tuple[EventReport, list[EventReport]]]:
    """Leave out what only says that it is in a queue, and what is of others.

    Tries that are alike are put together, and what stands in two logs alike, as in Exim's mainlog and rejectlog.
    """
    names = _names(events, asked)
    found: dict[tuple[object, ...], list[EventReport]] = {}
    seen: Counter[tuple[object, ...]] = Counter()
    for event in events:
        if event.kind == "queued" or (names and _people(event) and not _people(event) & names):
            continue
        alike: tuple[object, ...] = (
            event.kind, event.host, event.queue_id, event.recipient, event.peer, event.folder, event.reply,
        )  # fmt: skip
        if event.kind == "mailbox-copy":
            alike = (*alike, event.source)  # two copies are two
        elif event.kind not in _TRIES:
            alike = (*alike, event.time)
            seen[*alike, event.source.name] += 1
            alike = (*alike, seen[*alike, event.source.name])
        found.setdefault(alike, []).append(event)
    return [(tries[0], tries) for tries in found.values()][:MAX_EVENTS]


def _people(event: EventReport) -> set[str]:
    return {one.casefold() for one in (event.recipient, event.original_recipient) if one}


def _names(events: Sequence[EventReport], asked: Sequence[str]) -> set[str]:
    """Return whom was asked for, and where aliases led; nobody if all are meant."""
    names = {one.casefold() for one in asked}
    for event in events:
        if event.original_recipient and event.recipient and event.original_recipient.casefold() in names:
            names.add(event.recipient.casefold())
    return names


def _event(page: Page, event: EventReport, *, trace: bool, records_tls: bool) -> None:
    time = clock(event.time) if event.time is not None else "--:--:--"
    who = f" {event.recipient}" if event.recipient else ""
    to = "from" if event.of_client else _TO.get(event.kind, "from")
    peer = f" {to} {event.peer}" if event.peer else ""
    if event.sender == "<>" and event.kind in ("submitted", "accepted"):
        who = " a bounce or notice"
    folder = f" in {event.folder}" if event.folder else ""
    if event.kind == "mailbox-copy" and event.reply:
        folder += f": {event.reply}"
    queue = f" ({event.queue_id})" if event.queue_id else ""
    host = f"{event.host}: " if event.host else ""
    doubt = " [joined by sender, recipient and time only]" if event.joined_by == "envelope" else ""
    protection = _protection(event, records_tls=records_tls)
    page.entry(time, f"{host}{event.kind}{who}{folder}{peer}{queue}{protection}{doubt}", column=12, indent=2)
    if event.reply and event.kind != "mailbox-copy" and (trace or event.kind in _WITH_REPLY):
        page.entry("", event.reply, column=14, style="dim")
    if trace:
        line = f":{event.source.line}" if event.source.line is not None else ""
        page.entry("", f"{event.source.name}{line}", column=14, style="dim")


def _protection(event: EventReport, *, records_tls: bool) -> str:
    """Say how a transfer was encrypted, and what was found of the certificate.

    That no TLS was recorded is said where the same server recorded some of another transfer.
    """
    if event.encrypted is False:
        return ", in clear"
    if event.tls is not None and event.tls.version:
        trust = _CERTIFICATE.get(event.server_trust) if event.server_trust else None
        return f", {tls_version(event.tls.version)}{f', {trust}' if trust else ''}"
    if event.encrypted:
        return ", encrypted"
    is_transfer = event.peer is not None and event.kind in ("relayed", "accepted")
    is_local = any(mark in (event.peer or "") for mark in ("[127.", "[::1]"))
    return ", no TLS recorded" if records_tls and is_transfer and not is_local else ""


_CERTIFICATE = {
    ServerTrust.VERIFIED: "certificate verified",
    ServerTrust.TRUSTED: "certificate by a known authority",
    ServerTrust.UNTRUSTED: "certificate not verified",
    ServerTrust.ANONYMOUS: "no certificate",
}
_TO = {"relayed": "to", "delivered": "through"} | dict.fromkeys((*_TRIES, "bounced", "dsn", "mdn"), "by")
