"""The header as a signature saw it, RFC 6376: selected (§5.4.2), canonicalized (§3.4.1, §3.4.2), hashed (§3.7)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mailtrace.auth.dkim_body import CRLF, LineReading, compressed
from mailtrace.auth.dkim_tags import FWS
from mailtrace.auth.dkim_words import Canonicalization
from mailtrace.digests import hash_named
from mailtrace.message.types import HeaderField, Message


class FieldIndex:
    """The fields of a message by name: made once, so that each of many signatures costs what its `h=` names."""

    def __init__(self, fields: Iterable[HeaderField]) -> None:
        by_name: defaultdict[str, list[HeaderField]] = defaultdict(list)
        for field in fields:
            by_name[field.name.lower()].append(field)
        self._by_name: Mapping[str, Sequence[HeaderField]] = by_name

    @classmethod
    def of(cls, message: Message) -> "FieldIndex":
        """Return the index that a message has already."""
        index = cls(())
        index._by_name = message.by_name
        return index

    def named(self, name: str) -> Sequence[HeaderField]:
        """Return the fields of that name, topmost first."""
        return self._by_name.get(name.lower(), ())

    def select(self, names: Iterable[str], *, but: HeaderField | None = None) -> Iterator[HeaderField]:
        """Yield the fields that `h=` names, in its order: of several the lowest first, each once (RFC 6376 §5.4.2).

        A name that is listed more often than the field occurs selects nothing. `but`: the signature's own field, which
        was not there when its signer looked.
        """
        left: dict[str, Iterator[HeaderField]] = {}
        for name in names:
            if name not in left:
                left[name] = reversed(self._by_name.get(name, ()))
            if (field := next(left[name], None)) is but and but is not None:
                field = next(left[name], None)
            if field is not None:
                yield field


def canonical_field(raw: bytes, canonicalization: Canonicalization, reading: LineReading) -> bytes:
    """Return one field with its CRLF as the signature covers it."""
    octets = raw if raw.endswith(b"\n") else raw + CRLF
    if reading is LineReading.NORMALIZED:
        octets = octets.replace(CRLF, b"\n").replace(b"\n", CRLF)
    if canonicalization is Canonicalization.SIMPLE:
        return octets
    name, _, value = octets.partition(b":")
    # RFC 6376 §3.4.2; the space before the colon is obs-optional of RFC 5322 §4.5.
    return name.rstrip(b" \t").lower() + b":" + compressed(value.replace(CRLF, b"")).strip(b" \t") + CRLF


def without_signature(raw: bytes) -> bytes:
    """Return the field with the value of `b=` and the white space around it deleted (RFC 6376 §3.5, §3.7)."""
    name, colon, value = raw.partition(b":")
    return name + colon + b";".join(map(_emptied, value.split(b";")))


def _emptied(part: bytes) -> bytes:
    tag, equals, _ = part.partition(b"=")
    return tag + equals if equals and tag.strip(FWS) == b"b" else part


def canonical_signature(raw: bytes, canonicalization: Canonicalization, reading: LineReading) -> bytes:
    """Return the signature's own field as it is hashed last: `b=` empty, without the final CRLF (RFC 6376 §3.7)."""
    return canonical_field(without_signature(raw), canonicalization, reading).removesuffix(b"\n").removesuffix(b"\r")


def header_digest(
    selected: Iterable[HeaderField],
    own: HeaderField,
    canonicalization: Canonicalization,
    reading: LineReading,
    digest: str,
) -> bytes:
    """Hash the selected fields and then the signature's own (RFC 6376 §3.7)."""
    running = hash_named(digest)
    for field in selected:
        running.update(canonical_field(field.raw, canonicalization, reading))
    running.update(canonical_signature(own.raw, canonicalization, reading))
    return running.finalize()
