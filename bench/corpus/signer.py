"""A DKIM signer, written from RFC 6376 §3.4 and §3.7 alone."""

import base64
import hashlib
import re
from collections.abc import Sequence

from bench.corpus.keys import Key

SIGNED = "from:to:subject:date:message-id:mime-version:content-type"


def sign(
    fields: Sequence[bytes],
    body: bytes,
    *,
    key: Key,
    domain: str,
    selector: str,
    canonicalization: str,
    names: str = SIGNED,
    extra: str = "",
    opening: str = "DKIM-Signature: v=1",
) -> bytes:
    """Return the field (with its line end) over these fields and this body, all with CRLF.

    ARC's signature of a message is the same with another `opening` (RFC 8617 §4.1.2).
    """
    header_form, _, body_form = canonicalization.partition("/")
    body_hash = base64.b64encode(hashlib.sha256(canonical_body(body, body_form)).digest()).decode()
    own = (
        f"{opening}; a={key.algorithm}; c={canonicalization}; d={domain};\r\n\ts={selector};{extra}"
        f" h={names};\r\n\tbh={body_hash};\r\n\tb="
    ).encode()
    signed = b"".join(canonical_field(field, header_form) for field in _chosen(fields, names))
    signed += canonical_field(own + b"\r\n", header_form)[:-2]
    value = base64.b64encode(key.sign(signed, hashlib.sha256(signed).digest())).decode()
    return own + folded(value)


def folded(value: str) -> bytes:
    """Write base64 in lines, with the end of the last."""
    return "\r\n\t ".join(value[at : at + 72] for at in range(0, len(value), 72)).encode() + b"\r\n"


def _chosen(fields: Sequence[bytes], names: str) -> list[bytes]:
    """Take a field per name from the bottom up (RFC 6376 §5.4.2)."""
    left = list(fields)
    chosen = []
    for name in names.encode().split(b":"):
        for at in range(len(left) - 1, -1, -1):
            if left[at].partition(b":")[0].strip().lower() == name:
                chosen.append(left.pop(at))
                break
    return chosen


def canonical_field(field: bytes, form: str) -> bytes:
    """RFC 6376 §3.4.1, §3.4.2."""
    if form == "simple":
        return field
    name, _, value = field.partition(b":")
    unfolded = re.sub(rb"[ \t]+", b" ", value.replace(b"\r\n", b"")).strip(b" ")
    return name.rstrip(b" \t").lower() + b":" + unfolded + b"\r\n"


def canonical_body(body: bytes, form: str) -> bytes:
    """RFC 6376 §3.4.3, §3.4.4: the empty lines at the end go; relaxed shrinks white space as well."""
    if form == "relaxed":
        body = re.sub(rb"[ \t]+", b" ", body).replace(b" \r\n", b"\r\n")
    text = re.sub(rb"(\r\n)+\Z", b"", body)
    if not text:
        return b"" if form == "relaxed" else b"\r\n"
    return text + b"\r\n"
