"""Homes: which servers show, by their own logs, that they deliver for a domain.

`mx` may be mx.corp.example or any other. One that puts mail for corp.example into mailboxes is that domain's. One that
hands it on need not be: the sender's own `mx` does that, too, through its filters and relays.
"""

from collections.abc import Iterable, Sequence

from mailtrace.delivery.events import Event, EventKind
from mailtrace.delivery.evidence import Home
from mailtrace.delivery.opening import LogFile
from mailtrace.delivery.query import folded, spellings
from mailtrace.delivery.scan import Needles, hits
from mailtrace.sources.packed import UNREADABLE

_ARRIVES = frozenset({EventKind.DELIVERED, EventKind.FILTERED, EventKind.QUARANTINED})


def homes_in(logs: Iterable[LogFile], hosts: Iterable[str], domains: Iterable[str]) -> frozenset[Home]:
    """Return which of these servers deliver for which of these domains. Reads the logs once more.

    What cannot be read shows nothing.
    """
    servers = {host.casefold().rstrip(".") for host in hosts}
    wanted = {Home(host=host, domain=domain) for host in servers for domain in domains}
    found: set[Home] = set()
    if not wanted:
        return frozenset()
    needles = Needles.of((), tuple(form for domain in {one.domain for one in wanted} for form in _forms(domain)))
    for log in logs:
        try:
            for hit in hits(log, needles):
                found |= wanted.intersection(_shown(log.reader.read(hit.line, hit.number)))
                if found == wanted:
                    return frozenset(found)
        except UNREADABLE:
            continue
    return frozenset(found)


def _forms(domain: str) -> tuple[str, ...]:
    return tuple(one[1:] for one in spellings(f"x@{domain}"))


def _shown(events: Sequence[Event]) -> list[Home]:
    return [
        Home(host=event.host.casefold().rstrip("."), domain=folded(event.recipient).rpartition("@")[2])
        for event in events
        if event.host and event.recipient and event.kind in _ARRIVES
    ]
