"""The way the message came, oldest hop first: machines, the links between them, and the border as a line across."""

from mailtrace.path.types import BorderSource, Related
from mailtrace.printable import duration
from mailtrace.render.text import borders, machines, related, runs, timeline, words
from mailtrace.render.text.page import Cell, Page, Styled
from mailtrace.render.text.runs import Run
from mailtrace.report import HopReport, PathReport, Report
from mailtrace.results import Grade, Security, Standing

ENDS = 40
"""Hops shown at either end of a chain that is too long to show."""
AROUND = 3
"""Hops shown on either side of the border of such a chain."""

_STYLES = {
    Security.ENCRYPTED: "green",
    Security.CLEARTEXT: "bold red",
    Security.UNRECORDED: "yellow",
    Security.LOCAL: "",
}
_STANDINGS = {Standing.TRUSTED: "", Standing.CLAIMED: "italic", Standing.CONTRADICTED: "bold magenta"}


def write(page: Page, report: Report, *, verbose: bool = False) -> None:
    """Write the section; `verbose`: every hop by itself."""
    path = report.path
    page.blank()
    page.entry(Styled("Path", "bold"), _summary(path), column=10)
    borders.write(page, path, column=10)
    if not path.hops:
        return
    bars = timeline.bars(page, path)
    parts = runs.runs(_shown(path), path.border, apart=frozenset(bars), fold=not verbose)
    _draw(page, path, parts, bars)
    _notes(page, path)


def _draw(page: Page, path: PathReport, parts: list[Run], bars: dict[int, str]) -> None:
    """Draw machines and links, oldest first."""
    dated = len({words.day(hop.received_at) for hop in path.hops if hop.received_at}) > 1
    links = [_link(run, dated=dated) for run in parts]
    # Every link on one line, or every link on two: the eye should not have to search.
    widths = [max(page.widest(link[at] for link in links), 3 if at == 0 else 0) for at in range(5)]
    indent = widths[0] + 2
    one_line = page.fits(indent, *widths[1:])
    known = frozenset(hop.client_ip for hop in path.hops if hop.client_ip)
    before: HopReport | None = None
    fields: tuple[Related, ...] = ()
    for run, link in zip(parts, links, strict=True):
        hop = run[0]
        if before is not None and hop.index != before.index + 1:
            page.line(f"... {hop.index - before.index - 1:,} hops more, all in the JSON ...", indent=indent)
            before, fields = None, ()
        machines.write(page, before, hop, is_border=hop.index == path.border, indent=indent)
        related.write_facts(page, path.unplaced if hop.index == 0 else fields, known, indent=indent + 2)
        if hop.index == path.border:
            page.ruled("border: from here on, recorded by the receiving side", indent=indent, style="bold")
        _print_link(page, runs.leader(run) or _telling(run), link, widths, one_line=one_line)
        if hop.index in bars:
            bar = Styled(page.glyphs.bar, _STYLES[hop.transport.security])
            page.barred((" " * (indent - 1), bar, "  "), bars[hop.index])
        before, fields = run[-1], tuple(one for step in run for one in step.related)
    page.line(machines.receiver(parts[-1][-1]), indent=indent)
    related.write_facts(page, fields, known, indent=indent + 2)


def _shown(path: PathReport) -> tuple[HopReport, ...]:
    """Choose the hops to show: all, or both ends and what surrounds the border."""
    last = len(path.hops) - ENDS
    border = 0 if path.border is None else path.border
    return tuple(hop for hop in path.hops if not ENDS <= hop.index < last or abs(hop.index - border) <= AROUND)


def _summary(path: PathReport) -> str:
    if not path.hops:
        return "no Received field: the file does not say which way the message came"
    parts = [words.count(len(path.hops), "hop")]
    if path.total_seconds is not None and path.total_seconds >= 0:
        parts[0] += f" in {duration(path.total_seconds)}"
    if len(path.hops) > 1:
        parts[0] += ", oldest first"
    if path.border is None:
        parts.append(f"no border found: {path.border_reason or 'no hop is vouched for by the receiving side'}")
    elif path.border_source is BorderSource.GIVEN:
        parts.append("border given" + (f": {path.border_reason}" if path.border_reason else ""))
    else:
        parts.append("border inferred" + (f": {path.border_reason}" if path.border_reason else ""))
    days = sorted({hop.received_at.date() for hop in path.hops if hop.received_at})
    if days:
        times = [hop.received_at for hop in path.hops if hop.received_at]
        first, last = words.day(min(times)), words.day(max(times))
        parts.append(f"{first}, UTC" if first == last else f"{first} to {last}, UTC")
    return "; ".join(parts)


Link = tuple[Styled, Cell, Cell, Cell, Cell]
"""Number, encryption, whose word it is, time, delay."""


_WORST = (Security.CLEARTEXT, Security.UNRECORDED, Security.ENCRYPTED, Security.LOCAL)


def _telling(run: Run) -> HopReport:
    """Return the hop that gives a run its colour."""
    return min(run, key=lambda hop: _WORST.index(hop.transport.security))


def _link(run: Run, *, dated: bool) -> Link:
    hop, led = run[-1], runs.leader(run)
    told = led or _telling(run)
    style = _STYLES[told.transport.security]
    if told.transport.grade in (Grade.WEAK, Grade.BROKEN):
        style = "bold yellow"
    return (
        Styled(f"{hop.index}" if len(run) == 1 else f"{run[0].index}-{hop.index}", "bold"),
        Styled(words.protection(led) if led else runs.protection(run), style),
        Styled(_who(run), _STANDINGS[hop.standing]),
        _time(hop, dated=dated),
        timeline.delay(hop) if len(run) == 1 else words.delay(runs.seconds(run)),
    )


def _who(run: Run) -> str:
    hop, led = run[-1], runs.leader(run)
    if led is not None:
        how = [part for part in (led.software if not words.is_numbered(led) else None, _protocol(led)) if part]
        behind = f", and {words.count(len(run) - 1, 'step')} behind it" if len(run) > 1 else ""
        return words.vouched(led) + (f" ({', '.join(how)})" if how else "") + behind
    others = {one.by for one in run} - {hop.by, None}
    return words.vouched(hop) + (f" and {words.count(len(others), 'machine')} before it" if others else "")


def _protocol(hop: HopReport) -> str | None:
    """Exchange writes the name of the software where others write the protocol: once is enough."""
    if hop.protocol is None or (hop.software and hop.protocol.startswith("Microsoft SMTP")):
        return None
    return words.undrawn(hop.protocol)


def _time(hop: HopReport, *, dated: bool) -> str:
    if hop.received_at is None:
        return "no time"
    time = words.clock(hop.received_at)
    return f"{words.day(hop.received_at)[4:-5]} {time}" if dated else time


def _print_link(page: Page, hop: HopReport, link: Link, widths: list[int], *, one_line: bool) -> None:
    number, protection, who, time, delay = link
    blanks = " " * (widths[0] - page.widest([number]))
    bar = Styled(page.glyphs.bar, _STYLES[hop.transport.security])
    indent = widths[0] + 2
    under = (" " * (indent - 1), bar)
    first = (blanks, number, " ", bar)
    if one_line:
        page.columns([first, protection, who, time, delay], [indent, *widths[1:]], under=under)
        return
    room = page.prose - indent - 2 - 2 * 2 - widths[3] - widths[4]
    page.columns([first, protection, time, delay], [indent, room, widths[3], widths[4]], under=under)
    page.barred((*under, "  "), who)


def _notes(page: Page, path: PathReport) -> None:
    securities = {hop.transport.security for hop in path.hops}
    standings = {hop.standing for hop in path.hops}
    notes = []
    told = {words.would_be_told(hop) for hop in path.hops if hop.transport.security is Security.CLEARTEXT}
    if True in told:
        notes.append("NOT ENCRYPTED: that server writes down when TLS is used, and recorded none.")
    if False in told:
        notes.append(f"{words.PROBABLY_NOT}: nothing is written of TLS; that server may not write it down.")
    if Security.UNRECORDED in securities:
        notes.append("encryption not recorded: that server does not say; TLS may or may not have been used.")
    if Standing.CLAIMED in standings:
        notes.append("claimed: written before the receiving side took over; a sender can write anything there.")
    if Standing.CONTRADICTED in standings:
        notes.append("CONTRADICTED: that cannot be as the field says; a finding tells why.")
    if notes:
        page.blank()
    for note in notes:
        page.entry("", note, column=2, style="dim")
