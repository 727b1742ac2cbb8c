"""Under the table: a line for each stamp that says otherwise than what is computed, and what ARC sealers claim."""

from mailtrace.auth.types import Difference, Reason
from mailtrace.render.text.page import Page
from mailtrace.report import AuthenticationReport
from mailtrace.results import Standing

MOST = 6
"""Differences shown without -v; with it, MOST_VERBOSE."""
MOST_VERBOSE = 40

# The table itself shows that something was not computed; other words for the same are no difference.
_PLAIN_TO_SEE = frozenset({Reason.NOT_EVALUATED, Reason.DNS_UNANSWERED, Reason.POLICY_WORD, Reason.FOLLOWS})


def write(page: Page, authentication: AuthenticationReport, *, verbose: bool) -> None:
    """Write them; without -v only what the receiving side stamped, where the reason is not plain to see."""
    shown = [each for each in authentication.differences if verbose or _is_telling(each)]
    most = MOST_VERBOSE if verbose else MOST
    if shown:
        page.line("Why the stamp says otherwise:", indent=2)
    for difference in shown[:most]:
        page.entry(difference.method.upper(), _line(difference), column=11, indent=4)
    if len(shown) > most:
        page.line(f"{len(shown) - most:,} differences more, all in the JSON", indent=2)


def _is_telling(difference: Difference) -> bool:
    return difference.standing is Standing.TRUSTED and difference.reason not in _PLAIN_TO_SEE


def _line(difference: Difference) -> str:
    whose = f"{difference.identity}: " if difference.identity else ""
    claimed = ""
    if difference.standing is not Standing.TRUSTED:
        claimed = f", as {difference.authserv_id or 'somebody unnamed'} claims"
    return f"{whose}{difference.stamped} then{claimed}, {difference.computed} now. {difference.detail}"
