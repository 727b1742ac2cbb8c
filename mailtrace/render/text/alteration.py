"""What was changed after signing, set out like a difference: what stands here, and what stood here."""

from collections.abc import Iterator

from mailtrace.auth.types import Alteration, AlterationStep, DKIMCheck
from mailtrace.render.text import words
from mailtrace.render.text.page import Page, Styled
from mailtrace.report import Report

MOST = 3
"""Changes of different signatures that are shown."""
STEPS = 6
"""Steps of one change that are shown."""

FOLDED = 3
"""Lines that are shown of a field that was folded otherwise."""

_HERE = Styled("  + ", "yellow")
_THEN = Styled("  - ", "cyan")

_PLACES = {
    "part-added": "parts put around the message or beside its parts",
    "header-part-added": "a text put at the beginning",
    "footer-added": "a text put at the end",
    "re-encoded": "encoded otherwise",
    "html-head-rewritten": "the head of the HTML written anew",
    "part-fields-added": "a field put into its header, which no program shows",
    "line-ends": "other line ends",
    "white-space": "other white space",
    "from-escaped": "the mark before lines that begin with From",
    "dot-stuffed": "dots at the beginning of lines",
    "boundary-changed": "another boundary",
    "refolded": "folded otherwise",
    "recased": "the name in other letters",
    "words-decoded": "encoded otherwise",
}


def write(page: Page, report: Report) -> None:
    """Write the section, if anything was found out."""
    told = [(_heading(checks, found), found) for checks, found in _alike(report.authentication.dkim)][:MOST]
    for heading, alteration in (*told, *_since_sealed(report)):
        page.heading(heading)
        for step in alteration.steps[:STEPS]:
            _step(page, step)
        if len(alteration.steps) > STEPS:
            page.line(f"{len(alteration.steps) - STEPS:,} changes more, all in the JSON", indent=2)
        page.line(_caveat(alteration), indent=2)


def _since_sealed(report: Report) -> Iterator[tuple[str, Alteration]]:
    """Yield what was changed after an ARC set was sealed, unless a signature tells of the same change."""
    known = {check.alteration.steps for check in report.authentication.dkim if check.alteration is not None}
    for one in report.authentication.arc.sets:
        if one.alteration is not None and one.alteration.steps not in known:
            yield (
                f"Changed after {one.sdid or 'an unreadable domain'} sealed it (ARC set {one.instance})",
                one.alteration,
            )


def _alike(checks: tuple[DKIMCheck, ...]) -> Iterator[tuple[tuple[DKIMCheck, ...], Alteration]]:
    """Yield the signatures that tell of the same change together, those that prove it first."""
    groups: dict[tuple[AlterationStep, ...], list[tuple[DKIMCheck, Alteration]]] = {}
    told = [(check, check.alteration) for check in checks if check.alteration is not None and check.alteration.steps]
    for check, found in sorted(told, key=lambda pair: not pair[1].proved):
        groups.setdefault(found.steps, []).append((check, found))
    for group in groups.values():
        yield tuple(check for check, _ in group), group[0][1]


def _heading(checks: tuple[DKIMCheck, ...], alteration: Alteration) -> str:
    signers = words.listed(list(dict.fromkeys(check.sdid or "an unreadable domain" for check in checks)), limit=3)
    return f"Changed after {signers} signed it" + ("" if alteration.proved else ", as far as can be told")


def _step(page: Page, step: AlterationStep) -> None:
    field = step.where.partition(":")[2] if step.where.startswith("header:") else ""
    place = f"{field} field" if field else step.where
    told = "written otherwise" if field and step.kind == "re-encoded" else _PLACES.get(step.kind, "")
    octets = f", {step.octets:,} octets" if step.octets else ""
    line = f" (line {step.line})" if step.line is not None else ""
    page.line(f"{place[:1].upper()}{place[1:]}{': ' + told if told else ''}{octets}{line}", indent=2)
    most = FOLDED if step.kind == "refolded" else len(step.removed) + len(step.added)
    for text in step.removed[:most]:
        page.barred(("  ", _THEN), text)
    for text in step.added[:most]:
        page.barred(("  ", _HERE), text)


def _caveat(alteration: Alteration) -> str:
    marks = "+ stands here, - was signed. "
    if not alteration.proved:
        return marks + "This would explain a part of the failure; it proves nothing."
    if alteration.form_only:
        return marks + "That is proved: only the form was changed, and the words are those that were signed."
    if alteration.mostly_unsigned:
        return marks + "That is proved, and it is most of the text: what is read here is not what was signed."
    if alteration.hides is not None:
        from mailtrace.auth.autopsy.hiding import TOLD, Hiding  # noqa: PLC0415 - there was an autopsy

        return (
            marks + f"That is proved, and {TOLD[Hiding(alteration.hides)]}: take what is read here for nobody's word."
        )
    return marks + "That is proved; who changed it is not, and what was added may be the attack."
