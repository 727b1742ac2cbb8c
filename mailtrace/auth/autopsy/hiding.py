"""What a change does to what was signed: is a reader still shown it, and as its author's?

A signature that verifies once a change is undone says that these words were signed. It does not say that they are the
ones that are read: they can stand in a part that no program shows, behind markup that hides them, under another name or
another subject. Such a change is proved like any other, and is no ordinary cause for a failure.
"""

import re
from collections.abc import Mapping
from enum import unique

from mailtrace.auth.autopsy.anatomy import Anatomy
from mailtrace.auth.autopsy.body_repairs import BodyRepair, Change
from mailtrace.auth.autopsy.header_repairs import display_name
from mailtrace.auth.autopsy.mime import media_type
from mailtrace.auth.autopsy.steps import FORMS, Edit, Kind
from mailtrace.auth.autopsy.text import Piece
from mailtrace.enums import StrEnum
from mailtrace.message.encoded import decode_words
from mailtrace.message.types import HeaderField
from mailtrace.names.organisation import organisation_of


@unique
class Hiding(StrEnum):
    """Why a reader may not be shown what was signed."""

    PART = "another-part"
    MARKUP = "markup"
    AUTHOR = "another-author"
    SUBJECT = "another-subject"
    TYPE = "another-type"


TOLD = {
    Hiding.PART: "what was signed stands in a part that programs need not show",
    Hiding.MARKUP: "what was added holds markup that can hide what was signed",
    Hiding.AUTHOR: "it is shown as another author's",
    Hiding.SUBJECT: "it is shown under another subject",
    Hiding.TYPE: "it is shown as another type of text",
}

_MARKUP = re.compile(
    rb"<(?:style|script|plaintext|xmp|template|noscript|noframes|textarea|title|select|iframe|object|base|meta|link|embed|svg|math)\b"
    rb"|(?:display|visibility)\s{0,8}:\s{0,8}(?:none|hidden|collapse)|position\s{0,8}:\s{0,8}(?:absolute|fixed)"
    rb"|(?:font-size|opacity|(?:max-)?(?:height|width))\s{0,8}:\s{0,8}0",
    re.IGNORECASE,
)
"""Not all that can hide a text: what no footer or banner needs."""

_TAG = re.compile(rb"<[^<>]{0,2000}>")
_ADDRESS = re.compile(rb"([^\s<>,;:\"()]{1,128})@([^\s<>,;:\"()]{1,255})")


def hides(
    body: Anatomy, repair: BodyRepair | None, edits: tuple[Edit, ...], fields: Mapping[int, HeaderField]
) -> Hiding | None:
    """Return how these changes can keep a reader from what was signed; None where they leave it in sight.

    `fields`: those of the message as it stands, by their index.
    """
    changes = repair.changes if repair else ()
    wrapped = any(change.kind is Kind.PART_ADDED for change in changes)
    if repair is not None and wrapped and _is_aside(body, repair):
        return Hiding.PART
    if any(_is_covering(body, change) for change in changes):
        return Hiding.MARKUP
    for each in edits:
        now = fields.get(each.index) if each.index is not None else None
        if now is not None and each.raw is not None and each.kind not in FORMS:
            hiding = _by_field(now, each.raw, wrapped=wrapped)
            if hiding is not None:
                return hiding
    return None


def octets_before(body: Anatomy, repair: BodyRepair | None) -> int:
    """Return how many octets of text a reader comes to before what was signed; tags are not read."""
    if repair is None:
        return 0
    added = [piece for change in repair.changes for piece in change.added if isinstance(piece, slice)]
    signed = min((leaf.body.start for leaf in body.leaves if not _is_within(leaf.body, added)), default=0)
    pieces = [
        piece
        for change in repair.changes
        for piece in change.added
        if change.kind is Kind.HEADER_PART_ADDED
        or (change.kind is Kind.PART_ADDED and isinstance(piece, slice) and piece.start < signed)
    ]
    return sum(_text_octets(_readable(body, piece)) for piece in pieces)


def _text_octets(text: bytes) -> int:
    """Count what is read of a text, in one pass: no comments, no tags, of white space one octet."""
    shown, at = [], 0
    while (begin := text.find(b"<!--", at)) >= 0:
        shown.append(text[at:begin])
        end = text.find(b"-->", begin)
        at = len(text) if end < 0 else end + 3
    shown.append(text[at:])
    return len(b" ".join(_TAG.sub(b"", b"".join(shown)).split()))


def _is_within(lines: slice, ranges: list[slice]) -> bool:
    return any(each.start <= lines.start and lines.stop <= each.stop for each in ranges)


def _readable(body: Anatomy, piece: Piece) -> bytes:
    return body.readable(piece) if isinstance(piece, slice) else piece


def _is_aside(body: Anatomy, repair: BodyRepair) -> bool:
    """Tell whether the parts that were added are shown instead of the signed one, or that is shown as a file.

    Of alternatives one is shown (RFC 2046 §5.1.4), of related parts the first (RFC 2387 §3.2).
    """
    if body.tree.type != b"multipart/mixed":
        return True
    signed = next((part for part in body.tree.parts if repair.draft == (part.body,)), None)
    if signed is None:
        return False
    disposition = signed.fields.get(b"content-disposition", b"").partition(b":")[2].strip().lower()
    return disposition.startswith(b"attachment") or not signed.type.startswith((b"text/", b"multipart/"))


def _is_covering(body: Anatomy, change: Change) -> bool:
    """Tell whether a text was put into HTML, with markup that can hide what stands before it or behind it."""
    if change.kind not in (Kind.HEADER_PART_ADDED, Kind.FOOTER_ADDED):
        return False
    leaf = next((leaf for leaf in body.leaves if body.place(leaf) == change.where), None)
    if leaf is None or leaf.type == b"text/plain":
        return False
    text = b"".join(_readable(body, piece) for piece in change.added)
    return text.rfind(b"<!--") > text.rfind(b"-->") or _MARKUP.search(text) is not None


def _by_field(now: HeaderField, then: bytes, *, wrapped: bool) -> Hiding | None:
    match now.name.lower():
        case "from" if _is_other_author(_value(now.raw), _value(then)):
            return Hiding.AUTHOR
        case "subject" if not _holds(_words(now.raw), _words(then)):
            return Hiding.SUBJECT
        case "content-type" if not wrapped and media_type(now.raw) != media_type(then):
            return Hiding.TYPE
    return None


def _is_other_author(now: bytes, then: bytes) -> bool:
    """Tell whether From names somebody else of the same organisation; another domain answers for itself (DMARC)."""
    here, there = _ADDRESS.search(now), _ADDRESS.search(then)
    if here is None or there is None:
        return True
    domains = [organisation_of(match[2].decode("ascii", "replace").lower()) for match in (here, there)]
    if domains[0] != domains[1]:
        return False
    return here[1].lower() != there[1].lower() or _words(display_name(now)) != _words(display_name(then))


def _value(raw: bytes) -> bytes:
    return raw.partition(b":")[2].strip()


def _words(raw: bytes) -> str:
    text = _value(raw) if b":" in raw else raw
    return " ".join(decode_words(text.decode("utf-8", "surrogateescape")).casefold().split())


def _holds(now: str, then: str) -> bool:
    return then in now if then else not now
