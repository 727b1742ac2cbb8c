"""Dates that cannot all be true: hops before the message was written, and zones whose name and number differ."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from mailtrace.findings import Finding, FindingKind
from mailtrace.message.types import Message
from mailtrace.path.dates import zone_minutes
from mailtrace.path.places import place_of, place_of_field, writer
from mailtrace.path.types import Hop
from mailtrace.results import Confidence, Severity, Standing

BEFORE_DATE = FindingKind(
    code="hop-before-message",
    title="A hop is dated long before the message says it was written",
    severity=Severity.NOTICE,
    reference="RFC 5322 §3.6.1",
)
ZONE_LIES = FindingKind(
    code="hop-zone-name-differs",
    title="The name of a time zone and its number do not agree",
    severity=Severity.INFO,
    reference="RFC 5322 §3.3",
)

LONG = 86_400.0
"""Seconds by which a hop may be older than the message's own Date."""
_TAIL = 40
# Names that mean one thing only, wherever they are written. CST, IST, BST, EST and AST do not.
_ONE_MEANING = frozenset({"UTC", "GMT", "PST", "PDT", "EDT", "CET", "CEST", "EEST", "JST", "KST"})


def before_message(message: Message, hops: Sequence[Hop]) -> Iterator[Finding]:
    """Say whether the message claims to be younger than a hop that had it: once, for the oldest such hop."""
    dates = message.all("date")
    at = message.date
    if at is None or not dates:
        return
    early = next((hop for hop in hops if _lead(hop, at) > LONG), None)
    if early is None:
        return
    # The receiving side's clock against the sender's word, or the sender's word against itself.
    sure = Confidence.MEDIUM if early.standing is Standing.TRUSTED else Confidence.LOW
    yield BEFORE_DATE.found(
        f"By its field, {writer(early)} had it {_lead(early, at) / LONG:.0f} days before its own Date.",
        place_of(early),
        place_of_field(dates[0]),
        confidence=sure,
    )


def _lead(hop: Hop, at: datetime) -> float:
    received_at = hop.received.received_at
    return 0.0 if received_at is None else (at - received_at).total_seconds()


def zone_name_differs(hop: Hop) -> Iterator[Finding]:
    """Say whether a zone's number and the name behind it contradict each other."""
    before, _, name = hop.received.text[-_TAIL:].rstrip().rpartition(" (")  # `+0000 (UTC)`
    name, number = name[:-1] if name.endswith(")") else "", before[-5:]
    if name not in _ONE_MEANING or number[:1] not in ("+", "-") or not (number.isascii() and number[1:].isdigit()):
        return
    if zone_minutes(number) != zone_minutes(name):
        yield ZONE_LIES.found(
            f"{writer(hop)} dated its field {number} and calls that {name}.",
            place_of(hop),
            confidence=Confidence.LOW,
        )
