"""Narrow: of a message to very many recipients, what is of one; else each would be looked for among all. Pure."""

from collections import defaultdict
from collections.abc import Callable

from mailtrace.delivery.aliases import pairs_of
from mailtrace.delivery.envelopes import stands_for
from mailtrace.delivery.evidence import Evidence
from mailtrace.delivery.query import folded
from mailtrace.records import replace

MANY = 200
"""Events from which on it is worth it."""


def narrowed(evidence: Evidence) -> Callable[[str], Evidence]:
    """Return what gives the evidence for one address: the events of it, of its aliases, and those of the whole message.

    Whose mailbox a copy lies in depends on who else got it: where there are copies nothing is left out.
    """
    if evidence.copies or sum(len(trail.events) for trail in evidence.trails) <= MANY:
        return lambda _: evidence
    kin = _kin(evidence)
    common: list[list[int]] = []
    own: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number, trail in enumerate(evidence.trails):
        common.append([])
        for at, one in enumerate(trail.events):
            address = one.event.recipient or one.event.original_recipient
            if address and not one.event.of_all:
                own[kin(folded(address))][number].append(at)
            else:
                common[number].append(at)

    def of(address: str) -> Evidence:
        mine = own.get(kin(folded(address)))
        if mine is None:
            return evidence
        trails = (
            replace(trail, events=tuple(trail.events[at] for at in sorted([*common[number], *mine.get(number, ())])))
            for number, trail in enumerate(evidence.trails)
        )
        return replace(evidence, trails=tuple(trails))

    return of


def _kin(evidence: Evidence) -> Callable[[str], str]:
    """Return what names the set of addresses that one belongs to, by aliases and by details behind a plus."""
    above: dict[str, str] = {}

    def root(name: str) -> str:
        path = []
        while (further := above.get(name, name)) != name:
            path.append(name)
            name = further
        above.update(dict.fromkeys(path, name))
        return name

    events = [one.event for trail in evidence.trails for one in trail.events]
    alike = [[address for address in (one.recipient, one.original_recipient) if address] for one in events]
    alike = [
        [name for address in people for name in (stands_for(address) if "+" in address else [address])]
        for people in alike
    ]
    for names in [*alike, *pairs_of(events)]:
        for name in names[1:]:
            first, other = root(folded(names[0])), root(folded(name))
            if first != other:
                above[other] = first
    return root
