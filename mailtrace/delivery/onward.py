"""Onward: whether the log of the next server, if it is here, has what was handed over to it. Pure.

A log often has only the first part of its server's name, and `mx` is the name of many. A message is missing at the
next server only where the log is sure to be that server's.
"""

from collections.abc import Sequence
from datetime import timedelta

from mailtrace.delivery.coverage import covers, set_name
from mailtrace.delivery.events import Event
from mailtrace.delivery.evidence import Evidence, Home
from mailtrace.delivery.log_coverage import is_same_host
from mailtrace.delivery.query import folded
from mailtrace.delivery.sentences import listed, when
from mailtrace.findings import excerpt
from mailtrace.records import Struct

_NEAR = timedelta(minutes=15)


class Missing(Struct, frozen=True, kw_only=True):
    """A log that may be the next server's, covers the time, and does not have the message."""

    hosts: tuple[str, ...]
    peer: str
    is_sure: bool
    """The log is that server's, and not only of one whose name begins alike."""


def missing_there(handed: Event, events: Sequence[Event], evidence: Evidence) -> Missing | None:
    """Look for the message in the log of the server that took it over; None if it has it, or none can be its log."""
    if handed.time is None or handed.peer is None or evidence.unread:
        return None
    peer = peer_of(handed.peer)
    heard = [part for part in evidence.logs if part.source not in evidence.mute]
    theirs = [part for part in heard if any(is_same_host(host, peer) for host in part.hosts)]
    if not theirs or not peer:
        return None
    names = {part.source for part in theirs}
    if any(event.source.name in names and event.host and is_same_host(event.host, peer) for event in events):
        return None
    group = [part for part in evidence.logs if set_name(part.source) in {set_name(name) for name in names}]
    own = {host for part in theirs for host in part.hosts if is_same_host(host, peer)}
    spoken = [group, *(evidence.shared[host] for host in own if host in evidence.shared)]
    if not all(covers(parts, handed.time - _NEAR, handed.time + _NEAR) for parts in spoken):
        return None
    sure = names <= evidence.theirs or all(_is_its_log(host, peer, handed, evidence) for host in own)
    return Missing(hosts=tuple(sorted(own)), peer=peer, is_sure=sure)


def peer_of(peer: str) -> str:
    """Return the name of the machine at the other end; empty if it has none."""
    return peer.partition("[")[0].casefold().rstrip(".")


def _is_its_log(host: str, peer: str, handed: Event, evidence: Evidence) -> bool:
    """Tell one server's two names from two servers': its log shows that it delivers for the recipient's domain."""
    name = host.casefold().rstrip(".")
    if name == peer or evidence.homes is None:
        return True
    return Home(host=name, domain=folded(handed.recipient or "").rpartition("@")[2]) in evidence.homes


def explain_missing(address: str, handed: Event, missing: Missing, evidence: Evidence) -> str:
    """Say that it left one server, and is not in the log of the next."""
    hosts = listed([excerpt(host) for host in missing.hosts])
    server = excerpt(handed.host) if handed.host else "the server"
    taken = "" if hosts.casefold() == missing.peer else " (taken for the same)"
    return (
        f"{excerpt(address)} did not get it, as far as these logs go: {server} handed it over to "
        f"{excerpt(missing.peer)} on {when(handed.time, evidence.zone)}, but the log of {hosts}{taken}, "
        "which covers the time, does not have it."
    )


def explain_doubt(missing: Missing) -> tuple[str, str]:
    """Say that a log of that name does not have it, which may be another server's; and how to settle that."""
    hosts, peer = listed([excerpt(host) for host in missing.hosts]), excerpt(missing.peer)
    return (
        f" The log of {hosts} covers the time and does not have it; nothing shows that {hosts} is {peer}.",
        f"If the log of {hosts} is that of {peer}, give it with --other-side.",
    )
