"""One DKIM-Signature field, RFC 6376 §3.5, read as far as it can be read.

A signature that breaks a MUST is a permerror (RFC 6376 §6.1.1), yet what it says is still evidence: every tag that can
be read is kept beside the first fault.
"""

from collections.abc import Callable
from typing import TypeVar

from mailtrace.auth._dkimpy import TagListError, parse_tag_list
from mailtrace.auth.dkim_tags import (
    TagError,
    Tags,
    check_query_methods,
    key_name,
    malformed,
    read_agent,
    read_algorithm,
    read_base64,
    read_body_length,
    read_canonicalization,
    read_domain,
    read_selector,
    read_signed_fields,
    read_time,
    required,
)
from mailtrace.auth.dkim_words import Algorithm, Canonicalization, Problem
from mailtrace.message.types import HeaderField
from mailtrace.records import Struct, replace

_T = TypeVar("_T")


class Signature(Struct, frozen=True, kw_only=True):
    """The tags. Each None: absent, or not readable (then `fault` is set)."""

    field: HeaderField
    sdid: str | None = None
    auid: str | None = None
    auid_domain: str | None = None
    selector: str | None = None
    key_name: str | None = None
    """Where the key is published; A-labels."""
    algorithm: Algorithm | None = None
    algorithm_name: str | None = None
    """`a=` as written."""
    signature: bytes | None = None
    body_digest: bytes | None = None
    signed_fields: tuple[str, ...] = ()
    canonicalization: tuple[Canonicalization, Canonicalization] | None = None
    """For the header, for the body."""
    body_length: int | None = None
    signed_at: int | None = None
    """Seconds since 1970, and so `expires_at`."""
    expires_at: int | None = None
    fault: TagError | None = None
    """The first thing that is wrong."""


class TagReader:
    """Reads tag by tag, and remembers the first fault."""

    def __init__(self, field: HeaderField) -> None:
        self.tags: Tags = {}
        self.fault: TagError | None = None
        value = field.raw.partition(b":")[2].replace(b"\r\n", b"").replace(b"\n", b"")
        try:
            self.tags = parse_tag_list(value)
        except TagListError as fault:
            self.fault = malformed(str(fault))

    def take(self, read: Callable[[Tags], _T]) -> _T | None:
        """Return what `read` gives; None, with the fault kept, if it cannot."""
        try:
            return read(self.tags)
        except TagError as fault:
            self.fault = self.fault or fault
            return None


def read_signature(field: HeaderField) -> Signature:
    """Read a DKIM-Signature field."""
    reader = TagReader(field)
    reader.take(_check_version)
    reader.take(check_query_methods)
    sdid = reader.take(read_domain)
    agent = reader.take(lambda tags: read_agent(tags, sdid)) if sdid else None
    return read_common(
        reader, field, sdid=sdid, agent=agent, default_canonicalization=b"simple/simple", check=_check_signature
    )


def read_common(
    reader: TagReader,
    field: HeaderField,
    *,
    sdid: str | None,
    agent: tuple[str, str] | None,
    default_canonicalization: bytes,
    check: Callable[[Signature], None],
) -> Signature:
    """Read the tags that DKIM-Signature and ARC-Message-Signature share; `check` raises what else is wrong."""
    algorithm = reader.take(read_algorithm)
    selector = reader.take(read_selector)
    name = reader.take(lambda _: key_name(selector, sdid)) if selector and sdid else None
    signature = Signature(
        field=field,
        sdid=sdid,
        auid=agent[0] if agent else None,
        auid_domain=agent[1] if agent else None,
        selector=selector,
        key_name=name,
        algorithm=algorithm,
        algorithm_name=reader.tags.get("a", b"").decode("ascii", "replace") or None,
        signature=reader.take(lambda tags: read_base64(tags, "b")),
        body_digest=reader.take(lambda tags: read_base64(tags, "bh")),
        signed_fields=reader.take(read_signed_fields) or (),
        canonicalization=reader.take(lambda tags: read_canonicalization(tags, default_canonicalization)),
        body_length=reader.take(read_body_length),
        signed_at=reader.take(lambda tags: read_time(tags, "t")),
        expires_at=reader.take(lambda tags: read_time(tags, "x")),
    )
    reader.take(lambda _: check(signature))
    return replace(signature, fault=reader.fault)


def read_arc_message_signature(field: HeaderField) -> Signature:
    """Read an ARC-Message-Signature (RFC 8617 §4.1.2): a DKIM-Signature without `v=`, whose `i=` is the instance.

    RFC 8617 leaves the default of `c=` to RFC 6376; every sealer writes it, and all verifiers take relaxed/relaxed.
    """
    reader = TagReader(field)
    reader.take(check_query_methods)
    return read_common(
        reader,
        field,
        sdid=reader.take(read_domain),
        agent=None,
        default_canonicalization=b"relaxed/relaxed",
        check=_check_arc_message_signature,
    )


def read_arc_seal(field: HeaderField) -> Signature:
    """Read an ARC-Seal (RFC 8617 §4.1.3), which signs nothing but ARC fields and so has no `h=` and no `bh=`."""
    reader = TagReader(field)
    sdid, selector = reader.take(read_domain), reader.take(read_selector)
    seal = Signature(
        field=field,
        sdid=sdid,
        selector=selector,
        key_name=reader.take(lambda _: key_name(selector, sdid)) if selector and sdid else None,
        algorithm=reader.take(read_algorithm),
        algorithm_name=reader.tags.get("a", b"").decode("ascii", "replace") or None,
        signature=reader.take(lambda tags: read_base64(tags, "b")),
        signed_at=reader.take(lambda tags: read_time(tags, "t")),
    )
    reader.take(_check_arc_seal)
    return replace(seal, fault=reader.fault)


def _check_version(tags: Tags) -> None:
    """RFC 6376 §6.1.1: another version than 1 is incompatible."""
    version = required(tags, "v")
    if version != b"1":
        raise malformed(f"v={version!r:.40} is not the version of RFC 6376")


def _check_signature(signature: Signature) -> None:
    """Check what RFC 6376 §3.5 and §6.1.1 demand beyond the form of each tag."""
    if "from" not in signature.signed_fields:
        raise TagError(Problem.FROM_UNSIGNED, "h= does not name From: the author is not signed")
    signed_at, expires_at = signature.signed_at, signature.expires_at
    # RFC 6376 §3.5: "The value of the "x=" tag MUST be greater than the value of the "t=" tag if both are present."
    if signed_at is not None and expires_at is not None and expires_at <= signed_at:
        raise malformed(f"x={expires_at} is not later than t={signed_at}")


def _check_arc_message_signature(signature: Signature) -> None:
    """RFC 8617 §4.1.2: it must not cover ARC-Seal fields."""
    if "arc-seal" in signature.signed_fields:
        raise malformed("h= names ARC-Seal, which it must not")


def _check_arc_seal(tags: Tags) -> None:
    """RFC 8617 §4.1.3: a seal that has an h= tag fails."""
    if "h" in tags:
        raise malformed("an ARC-Seal must not have h=")
