"""Shapes that servers do not write: no host behind `by`, an address in its place, a middle hop without a client."""

import re
from collections.abc import Iterator

from mailtrace.findings import Finding, FindingKind, excerpt
from mailtrace.path.places import place_of, writer
from mailtrace.path.rows import Row
from mailtrace.path.types import Hop, HopKind
from mailtrace.patterns import lazy
from mailtrace.results import Confidence, Severity

BY_ODD = FindingKind(
    code="hop-by-odd",
    title="A field does not name the server that wrote it, or names a user instead",
    severity=Severity.NOTICE,
    reference="RFC 5321 §4.4",
)
NO_CLIENT = FindingKind(
    code="hop-without-client",
    title="A hop in the middle of the way names nobody it took the message from",
    severity=Severity.INFO,
    reference="RFC 5321 §4.4",
)

_USER = lazy(r"[^\s@<>]{1,64}@[a-z0-9.-]{1,255}", re.IGNORECASE)


def is_odd_shape(row: Row) -> bool:
    """Tell whether the shape of such fields may be odd, wherever they stand."""
    by = row.received.by
    return row.reading.lacks_host or "@" in (by or "") or (row.facts.kind is HopKind.UNKNOWN and by is not None)


def observe_shape(hop: Hop, row: Row) -> Iterator[Finding]:
    """Say what a field lacks that every server writes."""
    by = hop.received.by
    if by is not None and "@" in by and _USER.fullmatch(by[:400]):
        yield BY_ODD.found(
            f"Behind `by` stands {excerpt(by)}, a mail address.", place_of(hop), confidence=Confidence.MEDIUM
        )
    elif by is None and row.reading.lacks_host:
        yield BY_ODD.found("No host stands behind `by`.", place_of(hop), confidence=Confidence.MEDIUM)
    # Bare names are those of machines inside a provider, which hand over without a word.
    if hop.index and hop.kind is HopKind.UNKNOWN and hop.software is None and "." in (by or ""):
        yield NO_CLIENT.found(
            f"The field of {writer(hop)} has no from part, and is not the first.",
            place_of(hop),
            confidence=Confidence.LOW,
        )
