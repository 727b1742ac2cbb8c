"""One change that was undone: its kind, its place, and what it added or took away."""

from enum import unique

from mailtrace.auth.types import AlterationStep
from mailtrace.enums import StrEnum
from mailtrace.findings import EXCERPT_LIMIT
from mailtrace.printable import escape
from mailtrace.records import Struct

SHOWN_LINES = 12
"""Lines of a change that are kept for showing."""


@unique
class Kind(StrEnum):
    """What can be undone, the weightiest first: what a reader would notice most."""

    PART_ADDED = "part-added"  # wrapped in a multipart, or a part put beside those that were signed
    HEADER_PART_ADDED = "header-part-added"  # a banner at the top
    FOOTER_ADDED = "footer-added"
    FROM_REWRITTEN = "from-rewritten"
    REPLY_TO_CHANGED = "reply-to-changed"
    SUBJECT_TAGGED = "subject-tagged"
    FIELD_CHANGED = "field-changed"
    RECIPIENTS_REWRITTEN = "recipients-rewritten"
    FIELD_ADDED = "field-added"
    FIELD_REMOVED = "field-removed"
    BOUNDARY_CHANGED = "boundary-changed"
    RE_ENCODED = "re-encoded"
    HTML_HEAD = "html-head-rewritten"  # the head of HTML written anew, as mail stores do
    PART_FIELDS_ADDED = "part-fields-added"  # fields that no program shows, in the header of a part
    WORDS_DECODED = "words-decoded"
    FROM_ESCAPED = "from-escaped"
    DOT_STUFFED = "dot-stuffed"
    LINE_ENDS = "line-ends"
    WHITE_SPACE = "white-space"
    REFOLDED = "refolded"
    RECASED = "recased"


FORMS = frozenset(
    {
        Kind.BOUNDARY_CHANGED,
        Kind.RE_ENCODED,
        Kind.HTML_HEAD,
        Kind.PART_FIELDS_ADDED,
        Kind.WORDS_DECODED,
        Kind.FROM_ESCAPED,
        Kind.DOT_STUFFED,
        Kind.LINE_ENDS,
        Kind.WHITE_SPACE,
        Kind.REFOLDED,
        Kind.RECASED,
    }
)
"""Changes of the form: a reader sees the same words before and after."""

WEIGHTS = {kind.value: weight for weight, kind in enumerate(Kind)}


class Edit(Struct, frozen=True, kw_only=True):
    """One header field as it may have been when it was signed."""

    kind: Kind
    name: str
    index: int | None
    """Of the field as it stands; None: no such field stands here."""
    raw: bytes | None
    """The field as it may have been, with its CRLF; None: it was not there."""


def step(
    kind: Kind,
    where: str,
    *,
    line: int | None = None,
    added: bytes = b"",
    removed: bytes = b"",
    octets: int | None = None,
) -> AlterationStep:
    """Make a step of raw octets."""
    return AlterationStep(
        kind=kind.value,
        where=where,
        line=line,
        octets=len(added) if octets is None else octets,
        added=shown(added),
        removed=shown(removed),
    )


def shown(octets: bytes) -> tuple[str, ...]:
    """Return the first lines of hostile octets, printable and cut; the last says how many more there are."""
    content = octets.rstrip(b"\r\n")
    if not content:
        return ("",) if octets else ()
    beginning = content[: 4 * EXCERPT_LIMIT * SHOWN_LINES]
    lines = beginning.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    kept = tuple(_cut(escape(line.replace("\t", " "))) for line in lines[:SHOWN_LINES])
    more = content.count(b"\n") + 1 - len(kept)
    return (*kept, f"... and {more:,} {'line' if more == 1 else 'lines'} more") if more > 0 else kept


def _cut(text: str) -> str:
    return text if len(text) <= EXCERPT_LIMIT else text[: EXCERPT_LIMIT - 1] + "…"
