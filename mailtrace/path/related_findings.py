"""What related fields tell that no Received field does: findings, each an aside, none of which decides.

Anybody below the border could write these fields, and the sentences say whose word they are.
"""

from collections.abc import Iterator, Sequence

from mailtrace.findings import Evidence, Finding, FindingKind, excerpt
from mailtrace.path.addresses import AddressKind, kind_of
from mailtrace.path.types import Hop, Related, RelatedKind
from mailtrace.results import Confidence, Severity, Standing

ORIGIN_GIVEN = FindingKind(
    code="origin-address-given",
    title="A field names a client address that no Received field shows",
    severity=Severity.INFO,
    reference="RFC 5321 §4.4",
)
DELIVERED_AGAIN = FindingKind(
    code="delivered-again",
    title="The message was delivered to the same address more than once on its way",
    severity=Severity.NOTICE,
    reference="RFC 9228",
)

EVIDENCE = 8
"""Fields quoted in one finding at the most."""
_DELIVERED_TO = "delivered-to"


def observe_related(hops: Sequence[Hop], unplaced: Sequence[Related]) -> Iterator[Finding]:
    """Yield the findings."""
    yield from _origin(hops, unplaced)
    yield from _delivered_again(hops)


def _origin(hops: Sequence[Hop], unplaced: Sequence[Related]) -> Iterator[Finding]:
    known = {hop.received.client_ip for hop in hops}
    fields = [*unplaced, *(one for hop in hops for one in hop.related)]
    given = [one for one in fields if one.kind is RelatedKind.CLIENT and _is_new(one.address, known)]
    if not given:
        return
    first = given[0]
    trusted = first.standing is Standing.TRUSTED
    whose = "the receiving side" if trusted else "the sender's side"
    yield ORIGIN_GIVEN.found(
        f"{excerpt(first.name)}, by the word of {whose}, names {first.address}: {first.meaning}.",
        *(_evidence(one) for one in given[:EVIDENCE]),
        confidence=Confidence.MEDIUM if trusted else Confidence.LOW,
    )


def _is_new(address: str | None, known: set[str | None]) -> bool:
    return address is not None and address not in known and kind_of(address) is AddressKind.PUBLIC


def _delivered_again(hops: Sequence[Hop]) -> Iterator[Finding]:
    """The same address at two hops: a loop, or a message that was sent again after it had been delivered."""
    seen: dict[str, list[tuple[int, Related]]] = {}
    for hop in hops:
        for one in hop.related:
            if one.name.lower() == _DELIVERED_TO and one.says:
                seen.setdefault(one.says.lower(), []).append((hop.index, one))
    for address, places in seen.items():
        if len({index for index, _ in places}) < 2:
            continue
        trusted = all(one.standing is Standing.TRUSTED for _, one in places)
        yield DELIVERED_AGAIN.found(
            f"{address} took delivery {len(places)} times: after hop {' and after hop '.join(_numbers(places))}.",
            *(_evidence(one) for _, one in places[:EVIDENCE]),
            confidence=Confidence.HIGH if trusted else Confidence.LOW,
        )
        return


def _numbers(places: Sequence[tuple[int, Related]]) -> list[str]:
    return [str(index) for index in dict.fromkeys(index for index, _ in places)][:EVIDENCE]


def _evidence(field: Related) -> Evidence:
    return Evidence(source=f"header:{excerpt(field.name)}", line=field.line, excerpt=field.value)
