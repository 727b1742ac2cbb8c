"""A boundary that was changed: the first one is known only where something kept the Content-Type that was signed."""

from collections.abc import Iterator

from mailtrace.auth.autopsy.anatomy import Anatomy
from mailtrace.auth.autopsy.body_repairs import BodyRepair, Change, told
from mailtrace.auth.autopsy.mime import boundary_of
from mailtrace.auth.autopsy.steps import Kind
from mailtrace.auth.dkim_body import CRLF


def with_boundary(body: Anatomy, kept: tuple[bytes, ...]) -> Iterator[BodyRepair]:
    """Put a boundary back that a kept Content-Type field names, or the field itself where the body has another."""
    now = boundary_of(body.tree.fields.get(b"content-type", b""))
    for field in kept:
        then = boundary_of(field)
        if now is None or then is None or now == then:
            continue
        before = body.octets.replace(b"--" + now, b"--" + then)
        change = Change(kind=Kind.BOUNDARY_CHANGED, where="body", added=(b"--" + now,), removed=b"--" + then)
        yield BodyRepair(
            draft=(before,), undoes=told(change), implied=(("content-type", field.removesuffix(CRLF) + CRLF),)
        )


def kept_content_types(body: Anatomy, copies: list[tuple[bytes, bytes]]) -> tuple[bytes, ...]:
    """Return the Content-Type fields that the signer's copies and other programs kept."""
    kept = [b"Content-Type:" + value for name, value in copies if name.lower() == b"content-type"]
    kept += [
        b"Content-Type:" + field.raw.partition(b":")[2]
        for field in body.message.fields
        if field.name.lower() == "x-original-content-type"
    ]
    return tuple(kept[:3])
