"""The copies that a signer may add: `z=`, RFC 6376 §3.5, the header fields as they were when it signed.

They are for diagnosis, and prove nothing by themselves: they are put in the place of the fields, and the signature
tells whether they are what was signed.
"""

import re

from mailtrace.auth._dkimpy import TagListError, parse_tag_list
from mailtrace.auth.autopsy.header_repairs import Fields, Group, value_of
from mailtrace.auth.autopsy.steps import Edit, Kind
from mailtrace.auth.dkim_body import CRLF
from mailtrace.message.types import HeaderField

MAX_COPIES = 60

_ESCAPE = re.compile(rb"=([0-9A-F]{2})")
_BLANK = re.compile(rb"[ \t\r\n]+")


def copies(own: HeaderField, fields: Fields) -> Group | None:
    """Put every copy that differs into the place of its field, all at once; then each alone."""
    edits = tuple(_edits(read_copies(own), fields))
    if not edits:
        return None
    alone = ((each,) for each in edits) if len(edits) > 1 else ()
    return Group(name="the signer's own copies (z=)", options=(edits, *alone), hinted=True)


def read_copies(own: HeaderField) -> list[tuple[bytes, bytes]]:
    """Read `z=`: names and values."""
    try:
        tags = parse_tag_list(own.raw.partition(b":")[2].replace(CRLF, b""))
    except TagListError:
        return []
    # RFC 6376 §3.5: sig-z-tag-copy = hdr-name [FWS] ":" qp-hdr-value, separated by "|"; white space is encoded.
    pairs = []
    for copy in tags.get("z", b"").split(b"|")[:MAX_COPIES]:
        name, colon, value = copy.partition(b":")
        if colon:
            bare = _BLANK.sub(b"", value)
            pairs.append((name.strip(), _ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), bare)))
    return pairs


def _edits(pairs: list[tuple[bytes, bytes]], fields: Fields) -> list[Edit]:
    edits = []
    left = {name: list(fields.all(name)) for name in fields.signed}
    # Of several fields of one name the lowest is signed first (RFC 6376 §5.4.2).
    for name, value in pairs:
        key = name.decode("ascii", "replace").lower()
        if key not in left:
            continue
        field = left[key].pop() if left[key] else None
        raw = (field.raw.partition(b":")[0] if field else name) + b":" + value + CRLF
        if field is None:
            edits.append(Edit(kind=Kind.FIELD_REMOVED, name=name.decode("ascii", "replace"), index=None, raw=raw))
        elif _BLANK.sub(b" ", value).strip() != _BLANK.sub(b" ", value_of(field)):
            edits.append(Edit(kind=Kind.FIELD_CHANGED, name=field.name, index=field.index, raw=raw))
    return edits
