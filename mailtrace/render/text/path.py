"""The way the message came, oldest hop first: machines, the links between them, and the border as a line across."""

from mailtrace.path.types import BorderSource
from mailtrace.render.text import timeline, words
from mailtrace.render.text.page import Cell, Page, Styled
from mailtrace.report import HopReport, PathReport, Report
from mailtrace.results import Grade, Security, Standing

ENDS = 40
"""Hops shown at either end of a chain that is too long to show."""
AROUND = 3
"""Hops shown on either side of the border of such a chain."""

_INDENT = 5
_STYLES = {
    Security.ENCRYPTED: "green",
    Security.CLEARTEXT: "bold red",
    Security.UNRECORDED: "yellow",
    Security.LOCAL: "",
}
_STANDINGS = {Standing.TRUSTED: "", Standing.CLAIMED: "italic", Standing.CONTRADICTED: "bold magenta"}


def write(page: Page, report: Report) -> None:
    """Write the section."""
    path = report.path
    page.blank()
    page.entry(Styled("Path", "bold"), _summary(path), column=10)
    if not path.hops:
        return
    shown = _shown(path)
    dated = len({words.day(hop.received_at) for hop in path.hops if hop.received_at}) > 1
    links = {hop.index: _link(hop, dated=dated) for hop in shown}
    # Every link on one line, or every link on two: the eye should not have to search.
    widths = [page.widest(link[at] for link in links.values()) for at in range(4)]
    one_line = page.fits(_INDENT, *widths)
    bars = timeline.bars(page, path)
    before: HopReport | None = None
    for hop in shown:
        if before is not None and hop.index != before.index + 1:
            page.line(f"... {hop.index - before.index - 1:,} hops more, all in the JSON ...", indent=_INDENT)
            before = None
        _machine(page, before, hop, is_border=hop.index == path.border)
        if hop.index == path.border:
            page.ruled("border: from here on, recorded by the receiving side", indent=_INDENT, style="bold")
        _print_link(page, hop, links[hop.index], widths, one_line=one_line)
        if hop.index in bars:
            page.barred(("    ", Styled(page.glyphs.bar, _STYLES[hop.transport.security]), "  "), bars[hop.index])
        before = hop
    page.line(_receiver(shown[-1]), indent=_INDENT)
    _notes(page, path)


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
        parts[0] += f" in {words.duration(path.total_seconds)}"
    parts[0] += ", oldest first"
    if path.border is None:
        parts.append("no border found: no hop is vouched for by the receiving side")
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


Link = tuple[Cell, Cell, Cell, Cell]
"""Encryption, whose word it is, time, delay."""


def _link(hop: HopReport, *, dated: bool) -> Link:
    style = _STYLES[hop.transport.security]
    if hop.transport.grade in (Grade.WEAK, Grade.BROKEN):
        style = "bold yellow"
    how = [part for part in (hop.software, hop.protocol) if part]
    who = words.vouched(hop) + (f" ({', '.join(how)})" if how else "")
    return (
        Styled(words.protection(hop), style),
        Styled(who, _STANDINGS[hop.standing]),
        _time(hop, dated=dated),
        timeline.delay(hop),
    )


def _time(hop: HopReport, *, dated: bool) -> str:
    if hop.received_at is None:
        return "no time"
    time = words.clock(hop.received_at)
    return f"{words.day(hop.received_at)[4:-5]} {time}" if dated else time


def _print_link(page: Page, hop: HopReport, link: Link, widths: list[int], *, one_line: bool) -> None:
    protection, who, time, delay = link
    number = Styled(f"{hop.index:>3}", "bold")
    bar = Styled(page.glyphs.bar, _STYLES[hop.transport.security])
    under = ("    ", bar)
    if one_line:
        page.columns([[number, " ", bar], protection, who, time, delay], [5, *widths], under=under)
        return
    room = page.prose - _INDENT - 2 - 2 * 2 - widths[2] - widths[3]
    page.columns([[number, " ", bar], protection, time, delay], [5, room, widths[2], widths[3]], under=under)
    page.barred((*under, "  "), who)


def _machine(page: Page, before: HopReport | None, hop: HopReport, *, is_border: bool) -> None:
    """Name the machine between two hops: as it called itself when it wrote, and as the next one saw it."""
    seen = _seen(hop)
    if before is None or before.by is None:
        page.line(seen, indent=_INDENT)
        return
    if _same_name(before.by, hop.client_name):
        page.line(seen, indent=_INDENT)
        return
    if hop.client_name is None and _same_name(before.by, hop.helo):
        # At the border a HELO that repeats the name is the sender's own word still, and is shown as that.
        page.line(seen if is_border else _named(before.by, hop), indent=_INDENT)
        return
    page.line(before.by, indent=_INDENT)
    if hop.client_name or hop.client_ip or hop.helo:
        page.line(f"seen by the next as {seen}", indent=_INDENT + 2)


def _seen(hop: HopReport) -> str:
    if hop.client_name is None and hop.client_ip is None:
        return f"calls itself {hop.helo}" if hop.helo else f"sender's machine {words.NOT_STATED}"
    return _named(hop.client_name, hop)


def _named(name: str | None, hop: HopReport) -> str:
    address = f"[{hop.client_ip}]" if hop.client_ip else ""
    shown = " ".join(part for part in (name, address) if part)
    literal = (hop.helo or "").strip("[]").removeprefix("IPv6:").lower()
    if hop.helo and not _same_name(hop.helo, name) and literal != (hop.client_ip or "").lower():
        shown += f", calls itself {hop.helo}"
    return shown


def _same_name(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one.lower().rstrip(".") == other.lower().rstrip(".")


def _receiver(hop: HopReport) -> str:
    return hop.by or f"receiving machine {words.NOT_STATED}"


def _notes(page: Page, path: PathReport) -> None:
    securities = {hop.transport.security for hop in path.hops}
    standings = {hop.standing for hop in path.hops}
    notes = []
    if Security.CLEARTEXT in securities:
        notes.append("NOT ENCRYPTED: that server writes down when TLS is used, and wrote nothing.")
    if Security.UNRECORDED in securities:
        notes.append("encryption not recorded: that server does not say; TLS may or may not have been used.")
    if Standing.CLAIMED in standings:
        notes.append("claimed: written before the receiving side took over; a sender can write anything there.")
    if Standing.CONTRADICTED in standings:
        notes.append("CONTRADICTED: what the receiving side recorded shows this claim to be wrong.")
    if notes:
        page.blank()
    for note in notes:
        page.entry("", note, column=2, style="dim")
