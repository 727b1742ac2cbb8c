"""The answer of `find` as text: what became of it, what shows it, where was looked. Prints, never decides."""

from collections.abc import Sequence
from datetime import datetime

from mailtrace.delivery.answer import FindReport, MessageFound, Outcome, RecipientAnswer, ReportFound
from mailtrace.delivery.coverage import Coverage
from mailtrace.printable import duration
from mailtrace.render.text import happened
from mailtrace.render.text.page import Page, Styled
from mailtrace.render.text.words import clock, count, day, listed

_WORDS = {
    Outcome.DELIVERED: ("YES", "bold green"),
    Outcome.FILTERED: ("FILTERED", "bold yellow"),
    Outcome.QUARANTINED: ("HELD", "bold yellow"),
    Outcome.DEFERRED: ("NOT YET", "bold yellow"),
    Outcome.HANDED_OVER: ("HANDED OVER", "bold yellow"),
    Outcome.UNKNOWN: ("UNKNOWN", "bold"),
}
_NO = ("NO", "bold red")
MAX_REPORTS = 10


def render(
    report: FindReport, *, width: int = 80, encoding: str = "utf-8", color: bool = False, trace: bool = False
) -> str:
    """Write the answer."""
    page = Page(width=width, encoding=encoding)
    words = [_verdict(one) for one in report.recipients] or [_WORDS.get(report.answer.outcome, _NO)]
    column = max(len(word) for word, _ in words) + 3
    if not report.recipients:
        page.entry(Styled(*words[0]), report.answer.summary, column=column)
        page.blank()
    elif len(report.recipients) > 1:
        page.line(report.answer.summary)
        page.blank()
    for one, word in zip(report.recipients, words, strict=False):
        _recipient(page, one, word, column)
    _next(page, report.answer.next_steps)
    _copies(page, report.messages)
    _reports(page, report.reports)
    happened.write(page, report, trace=trace)
    sources(page, report.coverage)
    for note in report.notes:
        page.line(f"Note: {note}.")
    return page.printed(color=color)


def _verdict(one: RecipientAnswer) -> tuple[str, str]:
    word, style = _WORDS.get(one.outcome, _NO)
    return (f"{word} (CLAIMED)", "bold yellow") if one.evidence_class == "D" else (word, style)


def _recipient(page: Page, one: RecipientAnswer, word: tuple[str, str], column: int) -> None:
    label, style = word
    page.entry(Styled(label, style), one.explanation, column=column)
    if one.reply:
        page.entry("", f"Reply: {one.reply}", column=column, style="dim")
    place = _place(one)
    if place:
        page.entry("", place, column=column, style="dim")
    for wait in one.waits:
        where = f" at {wait.host}" if wait.host else ""
        page.entry("", f"Waited {duration(wait.seconds)}{where}: {_WHY.get(wait.why, wait.why)}.", column=column)
    if one.near_misses:
        page.entry("", f"Did you mean {', '.join(one.near_misses)}? The sources have that.", column=column)
    page.blank()


_WHY = {
    "deferred": "the first try failed, and it was tried again",
    "greylisted": "greylisting refused it for now, and it was tried again",
    "queue": "in the queue",
    "connect": "until the next server answered",
    "transfer": "while it was handed over",
    "before-queue": "before it was in the queue",
}


def _place(one: RecipientAnswer) -> str:
    if one.evidence_class == "E":
        return f"Evidence E ({_CLASSES['E']})"
    if one.evidence_class is None or one.source is None:
        return ""
    line = f":{one.source.line}" if one.source.line is not None else ""
    signer = f" of {one.signed_by}" if one.signed_by else ""
    return f"Evidence {one.evidence_class} ({_CLASSES[one.evidence_class]}{signer}): {one.source.name}{line}"


_CLASSES = {
    "A": "a log or mailbox that was given",
    "B": "the other side's log",
    "C": "a signed statement",
    "D": "a claim: anybody can write a report",
    "E": "somebody's word, which decides nothing",
}


def _next(page: Page, steps: Sequence[str]) -> None:
    if not steps:
        return
    page.heading("Next")
    for step in steps:
        page.line(step, indent=2)


def _copies(page: Page, messages: Sequence[MessageFound]) -> None:
    if not messages:
        return
    page.heading("Copies")
    for one in messages[:10]:
        name = one.url or (one.source if one.member is None else f"{one.source}: {one.member}")
        number = f" #{one.position}" if one.kind == "mbox" else ""
        own = "the sender's own copy" if one.is_sender_copy else ""
        if one.is_another_message:
            own = "another message with this Message-ID (other author and date): not counted"
        words = [part for part in (one.folder, own, one.subject) if part]
        page.entry("", f"{name}{number}  {' | '.join(words)}", column=2)
    if len(messages) > 10:
        page.line(f"and {len(messages) - 10:,} more (--json)", indent=2)


def _reports(page: Page, reports: Sequence[ReportFound]) -> None:
    if not reports:
        return
    page.heading("Reports")
    for one in reports[:MAX_REPORTS]:
        page.entry(
            one.source.name, _report(one), column=4 + page.widest([each.source.name for each in reports]), indent=2
        )
    if len(reports) > MAX_REPORTS:
        page.line(f"and {len(reports) - MAX_REPORTS:,} more (--json)", indent=2)


def _report(one: ReportFound) -> str:
    kind = "receipt" if one.kind == "mdn" else "delivery report"
    is_signed = one.signature == "verified"
    name = f" {'of' if is_signed else 'in the name of'} {one.reporter}" if one.reporter else ""
    seal = f", signed by {one.signed_by}" if is_signed else ""
    words = [f"{kind}{name}{seal}"]
    if one.note:
        words.append(one.note if one.is_counted else f"not counted: {one.note}")
    if one.is_counted:
        words.append(_MATCHED.get(one.matched_by or "", ""))
    if one.agrees and one.is_counted:
        words.append(f"the same as was sent: {', '.join(one.agrees)}")
    if one.differs and one.is_counted:
        words.append(f"not what was sent: {', '.join(one.differs)}")
    return "; ".join(words)


_MATCHED = {
    "signature": "it brought back the DKIM signature of this message",
    "envelope-id": "it names the envelope id of this message",
    "message-id": "it names this message",
    "header": "it brought back author, subject and date of this message",
    "envelope": "it fits recipient and time only",
}


def sources(page: Page, coverage: Sequence[Coverage]) -> None:
    """Say where was looked, and which time that speaks for."""
    if not coverage:
        return
    page.heading("Sources")
    shared = _shared(coverage)
    for part in coverage:
        page.entry(
            part.source, _speaks_for(part), column=min(28, 4 + page.widest([one.source for one in coverage])), indent=2
        )
        for gap in part.gaps:
            usual = f"usual at that hour: {duration(gap.usual_seconds)}"
            page.line(f"doubt: silent from {_span(gap.first, gap.last, 'to')}; {usual}", indent=4)
        for note in part.notes:
            if note not in shared:
                page.line(note, indent=4)
    for note, names in shared.items():
        page.line(f"{listed(names)}: {note}", indent=2)


def _shared(coverage: Sequence[Coverage]) -> dict[str, list[str]]:
    """Return what is noted of several sources alike, and which: it is said once."""
    noted: dict[str, list[str]] = {}
    for part in coverage:
        for note in part.notes:
            noted.setdefault(note, []).append(part.source)
    return {note: names for note, names in noted.items() if len(names) > 1}


def _speaks_for(part: Coverage) -> str:
    if part.messages is not None:
        kind = "mail over IMAP" if part.kind == "imap" else "mail"
        return f"{kind}, {count(part.messages, 'message')}"
    span = f"{_span(part.first, part.last, '-')} UTC" if part.first and part.last else "no line with a time"
    covers = {True: ", covers the time", False: ", does NOT cover the whole time", None: ""}[part.covers_query]
    return f"{part.kind.replace('-', ' ')}, {span}{covers}"


def _span(first: datetime, last: datetime, between: str) -> str:
    """Say from when to when; with the years where these are two."""
    with_year = first.year != last.year
    return f"{_time(first, with_year=with_year)} {between} {_time(last, with_year=with_year)}"


def _time(time: datetime, *, with_year: bool) -> str:
    date = day(time).partition(" ")[2]
    return f"{date if with_year else date.rpartition(' ')[0]} {clock(time)[:5]}"
