"""The report on forced TLS as text: the answer, the domains, the transfers that need a look. Prints, never decides."""

from collections.abc import Sequence

from mailtrace.delivery.forced.report import DomainCount, ForcedAnswer, ForcedTLSReport, Transfer
from mailtrace.render.text.find import sources
from mailtrace.render.text.page import Page, Styled
from mailtrace.render.text.words import clock, count, day, tls_version

_WORDS = {
    ForcedAnswer.IN_CLEAR: ("IN CLEAR", "bold red"),
    ForcedAnswer.NOT_VERIFIED: ("NOT VERIFIED", "bold yellow"),
    ForcedAnswer.UNDECIDED: ("UNDECIDED", "bold"),
    ForcedAnswer.MET: ("MET", "bold green"),
    ForcedAnswer.NOTHING_SENT: ("NOTHING SENT", "bold"),
}
_HEADINGS = {
    ForcedAnswer.IN_CLEAR: "In clear (times in UTC)",
    ForcedAnswer.NOT_VERIFIED: "Under TLS, certificate not verified (times in UTC)",
    ForcedAnswer.UNDECIDED: "Not decidable from these logs (times in UTC)",
    ForcedAnswer.MET: "Met the policy (times in UTC)",
}
MAX_SHOWN = 20
"""Transfers of each kind that are shown; all are in the CSV and the JSON."""
MAX_DOMAINS = 40


def render(report: ForcedTLSReport, *, width: int = 80, encoding: str = "utf-8", color: bool = False) -> str:
    """Write the report."""
    page = Page(width=width, encoding=encoding)
    word, style = _WORDS[report.answer.outcome]
    page.entry(Styled(word, style), report.answer.summary, column=len(word) + 3)
    if report.answer.on_this_machine:
        local = count(report.answer.on_this_machine, "hand-over")
        page.entry("", f"Beside them, {local} crossed no network.", column=len(word) + 3, style="dim")
    if not report.answer.is_complete:
        page.entry("", "Not everything that was asked for could be read: see the sources.", column=len(word) + 3)
    _domains(page, report.domains)
    for answer, heading in _HEADINGS.items():
        _transfers(page, heading, [one for one in report.transfers if one.answer is answer])
    if report.answer.next_steps:
        page.heading("Next")
        for step in report.answer.next_steps:
            page.line(step, indent=2)
    sources(page, report.coverage)
    for note in report.notes:
        page.line(f"Note: {note}.")
    return page.printed(color=color)


def _domains(page: Page, domains: Sequence[DomainCount]) -> None:
    if not domains:
        return
    page.heading("Domains")
    heads = ("", "policy", "transfers", "in clear", "not verified", "undecided", "met")
    rows = [
        (one.domain, one.policy, *map(_number, (one.transfers, one.in_clear, one.not_verified, one.undecided, one.met)))
        for one in domains[:MAX_DOMAINS]
    ]
    page.table([heads, *rows])
    if len(domains) > MAX_DOMAINS:
        page.line(f"and {len(domains) - MAX_DOMAINS:,} more (--json)", indent=2)


def _number(number: int) -> str:
    return f"{number:,}" if number else "-"


def _transfers(page: Page, heading: str, transfers: Sequence[Transfer]) -> None:
    if not transfers:
        return
    page.heading(heading)
    # What holds for all of them is said once.
    common = transfers[0].why if len(transfers) > 1 and len({one.why for one in transfers}) == 1 else None
    if common is not None:
        page.line(common, indent=2)
    before = None
    for one in transfers[:MAX_SHOWN]:
        if one.time is not None and one.time.date() != before:
            page.line(day(one.time), indent=2)
            before = one.time.date()
        _transfer(page, one, why=one.why if common is None else None)
    if len(transfers) > MAX_SHOWN:
        page.line(f"and {len(transfers) - MAX_SHOWN:,} more (--csv)", indent=2)


def _transfer(page: Page, one: Transfer, *, why: str | None) -> None:
    time = clock(one.time) if one.time is not None else "--:--:--"
    to = f" to {one.peer}" if one.peer else ""
    tls = f" over {tls_version(one.tls.version)}" if one.tls and one.tls.version else ""
    page.entry(time, f"{one.recipient}{to}{tls}", column=12, indent=2)
    if one.sender or one.message_id:
        page.entry("", f"from {one.sender or '?'}  {one.message_id or ''}".rstrip(), column=12, style="dim")
    if why is not None:
        page.entry("", why, column=12)
    queue = f" ({one.queue_id})" if one.queue_id else ""
    line = f":{one.source.line}" if one.source.line is not None else ""
    shown = f", TLS in line {one.tls_source.line}" if one.tls_source and one.tls_source != one.source else ""
    page.entry("", f"{one.source.name}{line}{queue}{shown}", column=12, style="dim")
