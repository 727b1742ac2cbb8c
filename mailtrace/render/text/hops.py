"""Hop by hop: a sentence for each, and under -v the fields that belong to it."""

from mailtrace.render.text import related
from mailtrace.render.text.page import Page, Styled
from mailtrace.render.text.sentences import sentence
from mailtrace.report import HopReport, Report

ENDS = 40
"""Hops told of at either end of a chain that is too long to tell."""

_COLUMN = 6


def write(page: Page, report: Report, *, fields: bool) -> None:
    """Write the section; `fields`: with the related fields of each hop."""
    path = report.path
    if not path.hops and not (fields and path.unplaced):
        return
    page.heading("Hop by hop")
    if fields:
        _unplaced(page, report)
    dated = len({hop.received_at.date() for hop in path.hops if hop.received_at}) > 1
    last = len(path.hops) - ENDS
    for hop in path.hops:
        if ENDS <= hop.index < last:
            if hop.index == ENDS:
                page.line(f"... {last - ENDS:,} hops more, all in the JSON ...", indent=_COLUMN)
            continue
        _hop(page, hop, sentence(hop, is_border=hop.index == path.border, dated=dated), fields=fields)


def _hop(page: Page, hop: HopReport, text: str, *, fields: bool) -> None:
    page.entry(Styled(f"{hop.index}", "bold"), text, column=_COLUMN, indent=2)
    if fields:
        related.write_fields(page, hop.related, hop.related_left_out, hop, indent=_COLUMN + 2)


def _unplaced(page: Page, report: Report) -> None:
    path = report.path
    if not path.unplaced:
        return
    where = "Below all Received fields" if path.hops else "In a header without a Received field"
    text = f"{where}, by the sender's program or by software that writes at the foot:"
    page.entry(Styled("-", "bold"), text, column=_COLUMN, indent=2)
    related.write_fields(page, path.unplaced, path.unplaced_left_out, None, indent=_COLUMN + 2)
