"""Related fields where they stand in the path: in a few words for every reader, one by one for those who ask."""

from collections.abc import Iterable, Iterator, Sequence

from mailtrace.path.types import Related, RelatedKind
from mailtrace.render.text import words
from mailtrace.render.text.page import Page
from mailtrace.render.text.sentences import name
from mailtrace.report import HopReport
from mailtrace.results import Standing

FACTS = 4
"""Short facts that are shown of one place."""

_LISTS = ("list-id", "x-beenthere", "x-mailing-list", "mailing-list")
_DELIVERED = ("delivered-to", "x-delivered-to", "envelope-to", "x-envelope-to")


def facts(fields: Sequence[Related], known: frozenset[str]) -> list[str]:
    """Say what a reader needs of these fields; `known` are the addresses that Received fields name already."""
    said = [
        _said(_signers(fields), "signature in the name of"),
        _said(_named(fields, "arc-seal"), "ARC seal of"),
        _said(next((found for one in _LISTS if (found := _named(fields, one))), []), "names the list"),
        _said(_named(fields, "resent-from"), "sent on by"),
        _said(_named(fields, "x-forwarded-to"), "forwarded to"),
        _account(fields),
        _client(fields, known),
        *_delivered(fields),
    ]
    return [fact for fact in said if fact][:FACTS]


def _named(fields: Iterable[Related], *names: str) -> list[str | None]:
    return [one.says for one in fields if one.name.lower() in names]


def _signers(fields: Iterable[Related]) -> list[str | None]:
    # Google signs in a field of its own for itself, besides the one for everybody.
    signed = (one for one in fields if one.kind is RelatedKind.SIGNATURE)
    return [one.says for one in signed if not one.name.lower().startswith("x-google-")]


def _said(found: Iterable[str | None], verb: str) -> str:
    texts = list(dict.fromkeys(text for text in found if text))
    return f"{verb} {words.listed([name(text) for text in texts], limit=3)}" if texts else ""


def _delivered(fields: Sequence[Related]) -> Iterator[str]:
    delivered = _named(fields, *_DELIVERED)
    yield _said((one for one in _named(fields, "x-original-to") if one not in delivered), "addressed to")
    yield _said(delivered, "delivered to")


def _account(fields: Iterable[Related]) -> str:
    logins = [one for one in fields if one.kind is RelatedKind.ACCOUNT and one.says]
    said = _said([one.says for one in logins], "a login as")
    return f"{said}, says {logins[0].name}" if said else ""


def _client(fields: Iterable[Related], known: frozenset[str]) -> str:
    for one in fields:
        if one.kind is RelatedKind.CLIENT and one.address and one.address not in known:
            return f"from [{one.address}], says {one.name}"
    return ""


def write_facts(page: Page, fields: Sequence[Related], known: frozenset[str], *, indent: int) -> None:
    """Write the short facts under a machine."""
    for fact in facts(fields, known):
        page.entry("-", fact, column=indent + 2, indent=indent, style="dim")


def write_fields(page: Page, fields: Sequence[Related], left_out: int, hop: HopReport | None, *, indent: int) -> None:
    """Write every field with its place, what such a field means, and what it says."""
    trusted = hop is not None and hop.standing is Standing.TRUSTED
    for one in fields:
        claimed = " (claimed)" if trusted and one.standing is not Standing.TRUSTED else ""
        text = f"{one.name}, line {one.line}{claimed}: {one.meaning}: {words.undrawn(one.value or words.NOT_STATED)}"
        page.entry("", text, column=indent, style="dim", wide=True)
    if left_out:
        page.line(f"{words.count(left_out, 'field')} more of this place", indent=indent, style="dim")
