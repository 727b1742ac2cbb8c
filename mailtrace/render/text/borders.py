"""Other readings of the border, one entry each under the summary of the path."""

from mailtrace.path.types import BorderBasis, OtherBorder
from mailtrace.render.text.page import Page
from mailtrace.report import PathReport


def write(page: Page, path: PathReport, *, column: int) -> None:
    """Write them; nothing where the fields leave room for one reading only."""
    for other in path.other_borders:
        page.entry("", _reading(other), column=column)


def _reading(other: OtherBorder) -> str:
    client = other.client_ip or "an address that is not written"
    settled = " ".join(f"--trust {value}" for value in other.trust) or "only that server's log shows it"
    doubt = "" if other.basis is BorderBasis.SEEN else "; by its own word only"
    return f"or, if {other.condition}: hop {other.index}, client {client} ({settled}{doubt})"
