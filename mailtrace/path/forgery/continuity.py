"""Continuity, and only across the border: the client that the receiving side saw against the writer of the field below.

Elsewhere in honest chains 3.7 % of neighbours do not meet, most of them senders behind an address translation, so that
a mismatch is an observation and proves nothing. Names of machines that are nobody's (containers, `localhost`) say
nothing at all.
"""

from collections.abc import Iterator, Sequence

from mailtrace.findings import Finding, FindingKind, excerpt
from mailtrace.path.addresses import read_address
from mailtrace.path.border import Border
from mailtrace.path.chains import provider_named
from mailtrace.path.kinds import organisation
from mailtrace.path.places import place_of, writer
from mailtrace.path.rows import Row
from mailtrace.path.types import Hop, HopKind
from mailtrace.results import Confidence, Severity

DISCONTINUED = FindingKind(
    code="border-not-continuous",
    title="The client at the border has nothing to do with the server named below it",
    severity=Severity.INFO,
    reference="RFC 5321 §4.4",
)

# Senders for others write the one name below the border, and come from the other.
_ALIASES = {
    "amazonaws.com": "amazonses.com",
    "sendinblue.com": "brevo.com",
    "mandrillapp.com": "mailchimp.com",
    "postgun.com": "mailgun.net",
    "mailgun.org": "mailgun.net",
    "vadesecure.com": "oxsus-vadesecure.net",
    "transmail.net": "zoho.com",
    "zeptomail.net": "zoho.com",
}
_NOT_A_HOST = frozenset({HopKind.HTTP, HopKind.LIST, HopKind.RETRIEVAL, HopKind.INTERNAL, HopKind.LOCAL})


def observe_border(rows: Sequence[Row], hops: Sequence[Hop], border: Border) -> Iterator[Finding]:
    """Say whether the two sides of the border fit together. `rows`: topmost first; `hops`: oldest first."""
    if border.number is None or border.number + 1 >= len(rows):
        return
    below = rows[border.number + 1]
    hop, older = hops[len(hops) - 1 - border.number], hops[len(hops) - 2 - border.number]
    own = _whose(below.facts.writer)
    seen = {_whose(organisation(name)) for name in (hop.received.client_name, hop.received.helo)} - {None}
    if own is None or not seen or own in seen or older.kind in _NOT_A_HOST:
        return
    if read_address(below.received.by or "") is not None:
        return
    names = " and ".join(sorted(name for name in seen if name))
    yield DISCONTINUED.found(
        f"{writer(hop)} took it from {excerpt(names)}, and the field below says that it was written at {excerpt(own)}.",
        place_of(hop),
        place_of(older),
        confidence=Confidence.LOW,
    )


def _whose(name: str | None) -> str | None:
    """Return who has a registrable domain. A last label with digits is no top-level domain: a machine's name."""
    last = "" if name is None else name.rpartition(".")[2]
    if name is None or not (last.isalpha() or last.startswith("xn--") or not any(map(str.isdecimal, last))):
        return None
    provider = provider_named(name)
    return provider.name if provider else _ALIASES.get(name, name)
