"""Under the table: a line for each stamp that says otherwise than what is computed, and what ARC sealers claim."""

from mailtrace.auth.difference_types import Difference, Reason
from mailtrace.auth.types import ARCCheck
from mailtrace.render.text import words
from mailtrace.render.text.page import Page
from mailtrace.report import AuthenticationReport
from mailtrace.results import ARCResult, DMARCResult, Standing

MOST = 6
"""Differences shown without -v; with it, MOST_VERBOSE."""
MOST_VERBOSE = 40

# The table itself shows that something was not computed; other words for the same are no difference.
_PLAIN_TO_SEE = frozenset({Reason.DNS_UNANSWERED, Reason.POLICY_WORD, Reason.FOLLOWS})


def write(page: Page, authentication: AuthenticationReport, *, verbose: bool) -> None:
    """Write them; without -v only what the receiving side stamped, where the reason is not plain to see."""
    compared = [each for each in authentication.differences if each.reason is not Reason.NOT_EVALUATED]
    telling = [each for each in compared if verbose or _is_telling(each)]
    # Many servers write one SPF result into two fields.
    shown = list(dict.fromkeys((each.method.upper(), _line(each)) for each in telling))
    most = MOST_VERBOSE if verbose else MOST
    if shown:
        page.line("Why the stamp says otherwise:", indent=2)
    for method, line in shown[:most]:
        page.entry(method, line, column=11, indent=4)
    if len(shown) > most:
        page.line(f"{len(shown) - most:,} differences more, all in the JSON", indent=2)
    _arc(page, authentication)


def _arc(page: Page, authentication: AuthenticationReport) -> None:
    """Say where the chain shows a change, and what a sealer claims where DMARC itself does not pass."""
    arc = authentication.arc
    if arc.altered_after is not None:
        page.entry("", _altered(arc), column=4, indent=2)
    if arc.sealers_claim is not None and authentication.dmarc.result is not DMARCResult.PASS:
        page.entry("", arc.sealers_claim, column=4, indent=2)


def _altered(arc: ARCCheck) -> str:
    names = {one.instance: one.sdid or "unnamed" for one in arc.sets}
    after = arc.altered_after or 0
    held = next((one.instance for one in arc.sets[after:] if one.message_signature is ARCResult.PASS), None)
    before = "" if held is None else f" and before set {held} ({names[held]}) was"
    return f"ARC: the message was changed after set {after} ({names[after]}) was sealed{before}."


def _is_telling(difference: Difference) -> bool:
    return difference.standing is Standing.TRUSTED and difference.reason not in _PLAIN_TO_SEE


def _line(difference: Difference) -> str:
    whose = f"{difference.identity}: " if difference.identity else ""
    claimed = ""
    if difference.standing is not Standing.TRUSTED:
        claimed = f" as {difference.authserv_id or 'somebody unnamed'} claims"
    return f"{whose}{difference.stamped} then{claimed}, {words.plain(difference.computed)} now. {difference.detail}"
