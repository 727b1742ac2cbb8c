"""Which hops are drawn as one: hand-overs inside one organisation or machine, of which a reader needs to know little.

A content filter's pair of hops, a provider's way from its edge to the mailbox: several fields, one handling. A field
without any client, as Gmail and qmail write one behind each of the others, goes with the one before it. JSON and -v
have every one of them.
"""

from collections.abc import Sequence
from itertools import pairwise

from mailtrace.render.text import words
from mailtrace.report import HopReport
from mailtrace.results import Grade, Scope, Security, Standing

WAIT = 60.0
"""Seconds before a hop that should be seen: such a hop is drawn by itself."""

_KINDS = frozenset({"smtp", "lmtp", "local", "loopback", "internal"})

Run = tuple[HopReport, ...]


def runs(hops: Sequence[HopReport], border: int | None, *, apart: frozenset[int], fold: bool) -> list[Run]:
    """Part the hops, oldest first, into those to be drawn together: none unless `fold`, and never one of `apart`."""
    found: list[list[HopReport]] = []
    for hop in hops:
        if found and fold and _goes_with(found[-1], hop, apart, border):
            found[-1].append(hop)
        else:
            found.append([hop])
    return [tuple(run) for run in found]


def _goes_with(run: Sequence[HopReport], hop: HopReport, apart: frozenset[int], border: int | None) -> bool:
    older = run[-1]
    if hop.index != older.index + 1 or hop.index == border or not apart.isdisjoint((older.index, hop.index)):
        return False
    if older.standing is not hop.standing or not _is_inside(hop):
        return False
    return _is_echo(hop, older) or (_is_inside(run[0]) and run[0].index != border)


def _is_echo(hop: HopReport, older: HopReport) -> bool:
    """Tell whether a hop shows no client, and its machine is the one before, or one of the same provider's."""
    if hop.client_ip or hop.client_name or hop.helo or hop.kind not in ("local", "loopback", "internal"):
        return False
    return hop.kind == "internal" or hop.by is None or hop.by.lower() == (older.by or "").lower()


def leader(run: Run) -> HopReport | None:
    """Return the hop that the others of the run only go with; None where no one hop stands for the run."""
    follow = all(_is_echo(hop, older) for older, hop in pairwise(run))
    return run[0] if follow else None


def _is_inside(hop: HopReport) -> bool:
    transport = hop.transport
    waited = hop.delay_seconds is not None and abs(hop.delay_seconds) >= WAIT
    return (
        hop.kind in _KINDS
        and transport.scope in (Scope.INTERNAL, Scope.LOOPBACK)
        and not transport.authenticated_submission
        and transport.grade not in (Grade.WEAK, Grade.BROKEN)
        and hop.standing is not Standing.CONTRADICTED
        and not waited
    )


_SAID = {
    Security.ENCRYPTED: "encrypted",
    Security.CLEARTEXT: "NOT ENCRYPTED",
    Security.UNRECORDED: "encryption not recorded",
    Security.LOCAL: "local",
}


def protection(run: Run) -> str:
    """Say what the fields of a run state about encryption, and where it went."""
    here = all(hop.transport.scope is Scope.LOOPBACK for hop in run)
    where = "on one machine" if here else "in one organisation"
    said = list(dict.fromkeys(map(_security, run)))
    if said == ["local"] and here:
        return f"{len(run)} steps {where}"
    return f"{len(run)} steps {where}{', all ' if len(said) == 1 else ': '}{words.listed(said)}"


def _security(hop: HopReport) -> str:
    if hop.transport.security is Security.CLEARTEXT and not words.would_be_told(hop):
        return words.PROBABLY_NOT
    return _SAID[hop.transport.security]


def seconds(run: Run) -> float | None:
    """Add up how long the run took; None where no part of it is known."""
    known = [hop.delay_seconds for hop in run if hop.delay_seconds is not None]
    return sum(known) if known else None
