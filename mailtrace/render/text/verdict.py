"""The top of the report: the two answers, the message in question, why, and what next."""

from mailtrace.printable import duration
from mailtrace.render.text import words
from mailtrace.render.text.page import Page, Styled
from mailtrace.report import Report
from mailtrace.results import Authenticity, Basis, Severity, TransportAnswer

_CLOCKS = 3600
"""Seconds by which a date in the future is laid to the clocks alone."""
COLUMN = 10
"""Where the text beside the labels begins."""

AUTHENTICITY_STYLES = {
    Authenticity.AUTHENTIC: "bold green",
    Authenticity.UNPROVEN: "bold yellow",
    Authenticity.SUSPICIOUS: "bold magenta",
    Authenticity.FORGED: "bold red",
    Authenticity.INDETERMINATE: "bold cyan",
}
TRANSPORT_STYLES = {
    TransportAnswer.ENCRYPTED: "bold green",
    TransportAnswer.PARTLY_ENCRYPTED: "bold yellow",
    TransportAnswer.CLEARTEXT: "bold red",
    TransportAnswer.UNRECORDED: "bold yellow",
    TransportAnswer.LOCAL: "bold",
}
SEVERITY_STYLES = {
    Severity.CRITICAL: "bold red",
    Severity.WARNING: "bold yellow",
    Severity.NOTICE: "cyan",
    Severity.INFO: "dim",
}
_BASES = {
    Basis.DKIM: "a signature of the author domain that verifies (DKIM)",
    Basis.SPF: "the author domain's permission for the address that handed it over (SPF)",
    Basis.STAMP: "the result that the receiving server wrote down at the time",
}
_ASSUMPTIONS = {
    "file-unaltered": "the file is as it was received",
    "border-inferred": "the border, which is inferred and not given (--trust)",
    "border-given": "the border is where --trust puts it",
    "recording-genuine": "the DNS recording is genuine",
    "dns-genuine": "the DNS answers are genuine",
    "key-archive-genuine": "the archived DKIM keys (--keys) are genuine",
}
_CLAIMED = {
    TransportAnswer.ENCRYPTED: "encrypted",
    # A mix of any two: what is true of each is said.
    TransportAnswer.PARTLY_ENCRYPTED: "not recorded as encrypted all the way",
    TransportAnswer.CLEARTEXT: "not encrypted",
    TransportAnswer.UNRECORDED: "not recorded",
    TransportAnswer.LOCAL: "within one organisation",
}


def write(page: Page, report: Report) -> None:
    """Write everything above the path."""
    _answers(page, report)
    page.blank()
    _message(page, report)
    _reasons(page, report)
    _next(page, report)


def _answers(page: Page, report: Report) -> None:
    verdict = report.verdict
    authenticity = verdict.authenticity.value.upper()
    transport = verdict.transport.value.upper()
    column = max(len(authenticity), len(transport)) + 3
    # The summary's last sentence is the one on transport; a summary of one sentence stays whole.
    first, separator, last = verdict.summary.rpartition(". ")
    about_author, about_way = (f"{first}.", last) if separator else (verdict.summary, "See the path below.")
    page.entry(Styled(authenticity, AUTHENTICITY_STYLES[verdict.authenticity]), about_author, column=column)
    if verdict.transport_claimed is not None:
        claimed = _CLAIMED[verdict.transport_claimed]
        about_way = f"{about_way} Before that, by the sender's own account: {claimed}.".strip()
    page.entry(Styled(transport, TRANSPORT_STYLES[verdict.transport]), about_way, column=column)


def _message(page: Page, report: Report) -> None:
    message = report.message
    page.entry(Styled("From", "bold"), words.mailboxes(message.from_), column=COLUMN)
    if message.reply_to:
        page.entry(Styled("Reply-To", "bold"), words.mailboxes(message.reply_to), column=COLUMN)
    page.entry(Styled("To", "bold"), words.mailboxes(message.to, limit=3), column=COLUMN)
    page.entry(Styled("Subject", "bold"), message.subject or words.NOT_STATED, column=COLUMN)
    page.entry(Styled("Sent", "bold"), _sent(report), column=COLUMN)
    verdict = report.verdict
    if verdict.basis is not None:
        page.entry(Styled("Rests on", "bold"), _BASES[verdict.basis], column=COLUMN)
    if verdict.unsigned:
        them = "it" if len(verdict.unsigned) == 1 else "them"
        unsigned = f"{', '.join(verdict.unsigned)}: anybody on the way could have written {them}"
        page.entry(Styled("Unsigned", "bold"), unsigned, column=COLUMN)
    if verdict.assumes:
        taken = "; ".join(_ASSUMPTIONS.get(word, words.plain(word)) for word in verdict.assumes)
        page.entry(Styled("Assumes", "bold"), taken, column=COLUMN)


def _sent(report: Report) -> str:
    sent, border = report.message.date, report.path.border
    received = None if border is None else report.path.hops[border].received_at
    if received is None:
        return words.moment(sent)
    if sent is None:
        return f"{words.NOT_STATED}; received {words.moment(received)}"
    same_day = words.day(sent) == words.day(received)
    arrival = f"{words.clock(received)} UTC" if same_day else words.moment(received)
    return f"{words.moment(sent)}, received {arrival} ({_after((received - sent).total_seconds())})"


def _after(seconds: float) -> str:
    """Say how long after the Date field the message was received. Whoever writes that field may write any date."""
    if seconds >= 0:
        return f"{duration(seconds)} later"
    why = "clocks differ" if -seconds < _CLOCKS else "a clock is wrong, or the date made up"
    return f"{duration(seconds)} earlier: {why}"


def _reasons(page: Page, report: Report) -> None:
    page.heading("Why")
    # Of several findings of one code the first: they are sorted, worst first.
    found = {finding.code: finding for finding in reversed(report.findings)}
    codes = report.verdict.reasons
    column = min(page.widest(codes) + 4, 30)
    for code in codes:
        reason = found.get(code)
        style, detail = ("", "") if reason is None else (SEVERITY_STYLES[reason.severity], reason.detail)
        page.entry(Styled(code, style), detail, column=column, indent=2)


def _next(page: Page, report: Report) -> None:
    if not report.verdict.next_steps:
        return
    page.heading("Next")
    for step in report.verdict.next_steps:
        page.entry("-", step, column=4, indent=2)


def write_open_points(page: Page, report: Report) -> None:
    """Write what is not known, and what would settle it."""
    if not report.verdict.open_points:
        return
    page.heading("What would settle it")
    for point in report.verdict.open_points:
        page.entry(Styled(point.ask.value, "bold"), f"{point.about[:1].upper()}{point.about[1:]}.", column=10, indent=2)
        page.entry("", point.settles, column=10, indent=2)
