"""Messages: a question by sender, recipient and time may match several, and each has a fate of its own. Pure."""

from collections import defaultdict
from collections.abc import Sequence

from mailtrace.delivery.aliases import names_of
from mailtrace.delivery.events import Event, EventKind
from mailtrace.delivery.evidence import Evidence
from mailtrace.delivery.join import Trail
from mailtrace.delivery.query import folded
from mailtrace.records import replace

_FOR_NOW = (EventKind.GREYLISTED, EventKind.DEFERRED)


def messages_of(address: str, evidence: Evidence) -> tuple[Evidence, ...]:
    """Return what was found of each message for one recipient, oldest first; all of it where one message is asked for.

    What bears no Message-ID is a message of its own only if it has its own queue id, or was refused for good; a
    refusal for now, after which something came, was the first try of that.
    """
    if evidence.query.message_ids:
        return (evidence,)
    names = names_of(address, [one.event for trail in evidence.trails for one in trail.events])
    trails = [trail for trail in evidence.trails if _is_named(trail, names)]
    trails = [trail for trail in trails if not (_is_refusal_for_now(trail) and _came_again(trail, trails))]
    known = {one for trail in trails for one in trail.message_ids}
    others = dict.fromkeys(
        copy.event.message_id for copy in evidence.copies if copy.event.message_id not in (None, *known)
    )
    if len(trails) + len(others) <= 1 or not known:
        return (evidence,)
    copies, reports = defaultdict(list), defaultdict(list)
    for copy in evidence.copies:
        copies[copy.event.message_id].append(copy)
    for report in evidence.reports:
        reports[report.message_id].append(report)

    def part(trails: tuple[Trail, ...], ids: Sequence[str | None]) -> Evidence:
        return replace(
            evidence,
            trails=trails,
            copies=tuple(copy for one in ids for copy in copies[one]),
            reports=tuple(report for one in (*ids, None) for report in reports[one]),
        )

    return (*(part((trail,), trail.message_ids) for trail in trails), *(part((), (one,)) for one in others))


def _is_named(trail: Trail, names: frozenset[str]) -> bool:
    return any(folded(one) in names for one in trail.recipients)


def _events(trail: Trail) -> list[Event]:
    return [one.event for one in trail.events]


def _is_refusal_for_now(trail: Trail) -> bool:
    return not trail.message_ids and all(event.of_client and event.kind in _FOR_NOW for event in _events(trail))


def _came_again(refused: Trail, trails: Sequence[Trail]) -> bool:
    first = min((event.time for event in _events(refused) if event.time is not None), default=None)
    if first is None:
        return False
    later = (event.time for trail in trails if trail.message_ids for event in _events(trail))
    return any(time is not None and time >= first for time in later)
