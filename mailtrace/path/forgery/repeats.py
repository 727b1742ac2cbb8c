"""The same thing twice: a field that stands in the header again, a host or a mailbox that has the message again.

Honest mail passes a host twice: a filter elsewhere hands it back, a forwarder sends it on to the same provider. Three
times is a loop, or a chain made of one template; and a mailbox that the message was delivered to before it came back to
it is what `Delivered-To` was invented to catch.
"""

from collections.abc import Iterator, Sequence

from mailtrace.findings import Finding, FindingKind, excerpt
from mailtrace.message.types import Message
from mailtrace.path.places import place_of, place_of_field, writer
from mailtrace.path.types import Hop, HopKind
from mailtrace.results import Confidence, Severity

REPEATED = FindingKind(
    code="hop-repeated",
    title="The same Received field stands in the header twice",
    severity=Severity.NOTICE,
    reference="RFC 5321 §4.4",
)
LOOP = FindingKind(
    code="mail-loop",
    title="The message came back to a place where it had been",
    severity=Severity.NOTICE,
    reference="RFC 5321 §6.3",
)

VISITS = 3
"""How often a host has the message before that is a loop."""
MAX_DELIVERED = 100
_ONE_MACHINE = frozenset({HopKind.LOCAL, HopKind.LOOPBACK, HopKind.LMTP, HopKind.INTERNAL})


def repeated(hops: Sequence[Hop]) -> dict[int, Finding]:
    """Return a finding for each field that repeats an older one, by the index of its hop."""
    first: dict[str, Hop] = {}
    found = {}
    for hop in hops:
        older = first.setdefault(hop.received.text, hop)
        if older is not hop and hop.received.received_at is not None:
            found[hop.index] = REPEATED.found(
                f"The field of {writer(hop)} is, to the letter, that of hop {older.index}.",
                place_of(hop),
                place_of(older),
                confidence=Confidence.MEDIUM,
            )
    return found


def loops(message: Message, hops: Sequence[Hop]) -> Iterator[Finding]:
    """Say which host, and which mailbox, has the message again."""
    visits: dict[str, list[Hop]] = {}
    last: str | None = None
    for hop in hops:
        host = (hop.received.by or "").lower().rstrip(".")
        if hop.kind in _ONE_MACHINE or not host or host == "localhost":
            continue
        if host != last:
            visits.setdefault(host, []).append(hop)
        last = host
    for seen in visits.values():
        if len(seen) >= VISITS:
            yield LOOP.found(
                f"By the fields, {writer(seen[0])} took it {len(seen)} times, from others each time.",
                *(place_of(hop) for hop in seen[-VISITS:]),
                confidence=Confidence.MEDIUM,
            )
    yield from _mailboxes(message)


def _mailboxes(message: Message) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    fields = message.all("delivered-to")[:MAX_DELIVERED]
    for number, field in enumerate(fields):
        mailbox = field.value.strip().lower()
        if "@" not in mailbox or " " in mailbox:
            continue
        if mailbox in seen and seen[mailbox] != number - 1:
            yield LOOP.found(
                f"By its Delivered-To fields it was delivered to {excerpt(mailbox)} twice, and elsewhere between.",
                place_of_field(field, number),
                place_of_field(fields[seen[mailbox]], seen[mailbox]),
                confidence=Confidence.LOW,
            )
        seen[mailbox] = number
