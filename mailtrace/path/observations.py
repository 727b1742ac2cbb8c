"""What is worth saying about the path: findings, each with the field that shows it."""

from collections.abc import Iterator, Mapping, Sequence

from mailtrace.findings import Evidence, Finding, FindingKind, excerpt
from mailtrace.message.types import Message
from mailtrace.path.border import Border
from mailtrace.path.chain import find_contradictions
from mailtrace.path.dates import DateProblem
from mailtrace.path.delays import observe_times
from mailtrace.path.forgery import signs_of_hops, signs_of_the_path
from mailtrace.path.greylist import Greylisted
from mailtrace.path.places import place, place_of, writer
from mailtrace.path.received import MAX_LENGTH
from mailtrace.path.rows import Row
from mailtrace.path.types import Hop, Received
from mailtrace.results import Confidence, Severity, Standing

HOP_CONTRADICTED = FindingKind(
    code="hop-contradicted",
    title="A hop cannot be as its field says",
    severity=Severity.NOTICE,
    reference="RFC 5321 §4.4",
)
NO_BORDER = FindingKind(
    code="border-not-found",
    title="No hop shows where the receiving side took the message over",
    severity=Severity.NOTICE,
    reference="RFC 5598 §2.3",
)
TRUST_UNMATCHED = FindingKind(
    code="trust-unmatched",
    title="No --trust value matches the path",
    severity=Severity.NOTICE,
    reference="RFC 8601 §1.2",
)
TOO_MANY = FindingKind(
    code="hops-not-read",
    title="There are more Received fields than are read",
    severity=Severity.WARNING,
    reference="RFC 5321 §6.3",
)
FIELD_CUT = FindingKind(
    code="received-cut",
    title="A Received field is longer than what is read of it",
    severity=Severity.WARNING,
    reference="RFC 5322 §2.1.1",
)
UNREADABLE = FindingKind(
    code="received-unreadable",
    title="A Received field says nothing that can be read",
    severity=Severity.NOTICE,
    reference="RFC 5321 §4.4",
)
DATE_UNREADABLE = FindingKind(
    code="received-date-unreadable",
    title="The time of a hop is not known",
    severity=Severity.INFO,
    reference="RFC 5322 §3.3",
)

MAX_PER_CODE = 20
"""Findings of one code; a header made to flood says nothing more with the next thousand."""

_DATE_PROBLEMS = {
    DateProblem.ABSENT: "it holds no date that can be read",
    DateProblem.UNREADABLE: "its date cannot be read, or is none that the calendar has",
    DateProblem.NO_ZONE: "its date has no time zone",
    DateProblem.UNKNOWN_ZONE: "its time zone is not known",
}


def observe(
    message: Message,
    rows: Sequence[Row],
    hops: Sequence[Hop],
    border: Border,
    trust: Sequence[str],
    stated: Mapping[int, Greylisted],
) -> tuple[Finding, ...]:
    """Return the findings: on the whole path first, then hop by hop from the oldest."""
    seen: dict[str, int] = {}
    kept = []
    for finding in (*_of_path(message, rows, hops, border, trust), *_of_hops(rows, hops, border, stated)):
        seen[finding.code] = seen.get(finding.code, 0) + 1
        if seen[finding.code] <= MAX_PER_CODE:
            kept.append(finding)
    return tuple(kept)


def _of_path(
    message: Message, rows: Sequence[Row], hops: Sequence[Hop], border: Border, trust: Sequence[str]
) -> Iterator[Finding]:
    fields = message.all("received")
    if len(fields) > len(rows):
        yield TOO_MANY.found(
            f"There are {len(fields)}; the topmost {len(rows)} are read.", place(len(rows), fields[len(rows)])
        )
    if border.number is None and message.fields:
        yield _no_border(message, rows, border)
    if trust and not border.matched and rows:
        values = excerpt(", ".join(trust))
        yield TRUST_UNMATCHED.found(
            f"Neither the writer nor the client of a hop down to the border is {values}.", _top_place(rows, border)
        )
    yield from signs_of_the_path(message, rows, hops, border)


def _of_hops(
    rows: Sequence[Row], hops: Sequence[Hop], border: Border, stated: Mapping[int, Greylisted]
) -> Iterator[Finding]:
    is_consistent = all(hop.standing is not Standing.CONTRADICTED for hop in hops)
    contradictions = {} if is_consistent else find_contradictions(rows, border)
    times, signs = observe_times(hops, stated), signs_of_hops(rows, hops)
    for hop, row in zip(hops, reversed(rows), strict=True):
        if row.reading.is_cut or row.reading.date_problem is not None or _says_nothing(row.received):
            yield from _of_field(hop, row)
        if hop.standing is Standing.CONTRADICTED:
            yield _contradicted(hop, row, contradictions[row.number], border)
        yield from times.get(hop.index, ())
        yield from signs.get(hop.index, ())


def _top_place(rows: Sequence[Row], border: Border) -> Evidence:
    row = rows[border.number if border.number is not None else 0]
    return place(row.number, row.header)


def _no_border(message: Message, rows: Sequence[Row], border: Border) -> Finding:
    if not rows:
        field = message.fields[0]
        return NO_BORDER.found(
            "There is no Received field.",
            Evidence(source=f"header:{excerpt(field.name)}[0]", line=field.line, excerpt=excerpt(field.value)),
        )
    row = rows[min(border.trusted, len(rows) - 1)]
    reason = border.reason[:1].upper() + border.reason[1:]
    return NO_BORDER.found(f"{excerpt(reason)}.", place(row.number, row.header))


def _of_field(hop: Hop, row: Row) -> Iterator[Finding]:
    if row.reading.is_cut:
        length = len(row.header.value)
        yield FIELD_CUT.found(f"The field has {length} characters; the first {MAX_LENGTH} are read.", place_of(hop))
    if _says_nothing(row.received):
        yield UNREADABLE.found("It names neither a client nor a server, and has no comment.", place_of(hop))
    elif row.reading.date_problem is not None:
        yield DATE_UNREADABLE.found(f"{writer(hop)}: {_DATE_PROBLEMS[row.reading.date_problem]}.", place_of(hop))


def _says_nothing(received: Received) -> bool:
    if received.by or received.comments:
        return False
    return not any((received.helo, received.client_name, received.client_ip, received.with_text, received.via))


def _contradicted(hop: Hop, row: Row, why: str, border: Border) -> Finding:
    """A contradiction at or above the border is the receiving side's own, and weighs more."""
    inside = row.number < border.trusted
    return HOP_CONTRADICTED.found(
        f"{writer(hop)}: {excerpt(why)}.",
        place(row.number, row.header),
        confidence=Confidence.HIGH if inside else Confidence.MEDIUM,
        severity=Severity.WARNING if inside else Severity.NOTICE,
    )
