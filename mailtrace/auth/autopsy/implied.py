"""What a body, as it was signed, says of the header: the Content fields that the message must have had with it."""

from mailtrace.auth.autopsy.anatomy import Anatomy
from mailtrace.auth.autopsy.body_search import BodyFound
from mailtrace.auth.autopsy.header_search import Repair
from mailtrace.auth.autopsy.mime import boundary_of
from mailtrace.auth.autopsy.steps import Edit, Kind
from mailtrace.message.types import HeaderField


def implied_edits(body: Anatomy, signed: tuple[str, ...], found: BodyFound | None) -> Repair:
    """Return the edits of the header that a body implies: those of Content fields that are signed."""
    if found is None or found.repair is None:
        return ()
    edits = []
    for name, raw in found.repair.implied:
        if name not in signed:
            continue
        own = next((each for each in reversed(body.message.fields) if each.name.lower() == name), None)
        if own is None and raw is not None:
            edits.append(Edit(kind=Kind.FIELD_REMOVED, name=name.title(), index=None, raw=raw))
        elif own is not None and raw != own.raw:
            edits.append(Edit(kind=_implied_kind(found, own, raw), name=own.name, index=own.index, raw=raw))
    return tuple(edits)


def _implied_kind(found: BodyFound, own: HeaderField, raw: bytes | None) -> Kind:
    """Name the change of a field that follows from that of the body: a part of it, if it says nothing else."""
    kinds = {each.kind for each in found.steps}
    if own.name.lower() == "content-transfer-encoding" and Kind.RE_ENCODED in kinds:
        return Kind.RE_ENCODED
    if raw is not None and Kind.BOUNDARY_CHANGED in kinds and _but_boundary(own.raw) == _but_boundary(raw):
        return Kind.BOUNDARY_CHANGED
    return Kind.FIELD_ADDED if raw is None else Kind.FIELD_CHANGED


def _but_boundary(content_type: bytes) -> bytes:
    boundary = boundary_of(content_type) or b""
    return b"".join(content_type.lower().replace(b'"', b"").replace(boundary.lower(), b"").split())
