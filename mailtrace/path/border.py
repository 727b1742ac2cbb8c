"""The border: the hop in which the receiving side's own server took the message from outside.

Found from the top, the newest field. A hop is passed over as internal only by what its writer *saw*: the client's
address is the same machine's, private, or in a network that `--trust` gives; its name was confirmed inside the
organisation or under a name that `--trust` gives; or the provider's row says how that provider marks its own hops. A
hop that shows no client is passed over only if its `by` is in the organisation of the hop above. The first hop whose
client is none of these is the border. HELO moves nothing: a sender can say anything.

Each field that is passed over was written by a machine that the one above had seen to be inside, so what the sender
brings along is never reached.
"""

from collections.abc import Sequence

from mailtrace.path.rows import Row
from mailtrace.path.trust import Trust
from mailtrace.path.types import BorderSource, HopKind
from mailtrace.records import Mutable, Struct

_ORIGINS = frozenset({HopKind.SUBMISSION, HopKind.HTTP})


class Border(Struct, frozen=True, kw_only=True):
    """Where it is. `number` counts Received fields from the top, 0 = topmost; None: there is none."""

    number: int | None
    source: BorderSource | None
    reason: str
    receiver: str | None
    trusted: int
    """How many of the topmost fields the receiving side wrote."""
    matched: tuple[str, ...]
    """The trust values that matched a field at or above the border."""


class _Walk(Mutable):
    """What is known on the way down."""

    receiver: str | None = None
    above: str | None = None
    """The organisation that wrote the field above; None at the top, and below a fetch."""
    is_first: bool = True
    """No field above was written by the same side."""
    only: str | None = None
    """The field above shows no client: the next writer is inside only if it is this organisation."""
    is_named: bool = False
    """The examiner names the client of the field above, who wrote this one: whatever it calls itself."""
    matched: tuple[str, ...] = ()


def find_border(rows: Sequence[Row], trust: Trust) -> Border:
    """Find it among the fields, topmost first."""
    walk, is_given = _Walk(), bool(trust)
    for number, row in enumerate(rows):
        facts, own = row.facts, row.facts.writer
        named, client = (trust.naming(row.received.by), _client_named(row, trust)) if is_given else ((), ())
        if walk.only is not None and own is not None and own != walk.only and not named:
            return _none(walk, number, f"the field above shows no client, and this one was written at {own}")
        if row.received.client_ip is None and not facts.is_edge:
            if not named and not _belongs(facts.kind, own, walk):
                return _none(
                    walk, number, f"the next field shows no client and was written at {own or 'an unknown place'}"
                )
            if facts.hides_client:
                return _found(walk, number, row, named)
            if facts.kind in _ORIGINS and number + 1 < len(rows):
                # What the user's program sent along is not the server's word.
                _go_on(walk, facts.kind, own, (*named, *client), is_named=bool(client))
                return _none(walk, number + 1, f"a user submitted the message at {own or 'the receiving side'}")
            walk.only = own if facts.kind not in (HopKind.LMTP, HopKind.RETRIEVAL) else None
        # What the examiner says goes before what a row says.
        elif not client and not facts.saw_own:
            return _found(walk, number, row, named)
        else:
            walk.only = None
        _go_on(walk, facts.kind, own, (*named, *client), is_named=bool(client))
    return _none(walk, len(rows), "every field was written inside" if rows else "there is no Received field")


def _go_on(walk: _Walk, kind: HopKind, own: str | None, values: tuple[str, ...], *, is_named: bool) -> None:
    walk.is_named = is_named
    if values:
        walk.matched += tuple(value for value in dict.fromkeys(values) if value not in walk.matched)
    walk.receiver = walk.receiver or own
    walk.above, walk.is_first = own or walk.above, False
    if kind is HopKind.RETRIEVAL:
        # The reader fetched from a mailbox of his own elsewhere: the side that received begins anew.
        walk.above, walk.receiver, walk.is_first = None, None, True


def _client_named(row: Row, trust: Trust) -> tuple[str, ...]:
    """Return the values that mean the client: its address, or a name that its server confirmed."""
    name = row.received.client_name if row.facts.confirmed is not None else None
    return (*trust.holding(row.received.client_ip), *trust.naming(name))


def _belongs(kind: HopKind, own: str | None, walk: _Walk) -> bool:
    """Tell whether a hop without a client is one of the side above."""
    if walk.is_first or walk.is_named or (own is not None and own == walk.above):
        return True
    # qmail's own record of a hand-over inside the machine; a pickup or LMTP under a bare host name.
    return own is None and kind in (HopKind.LOCAL, HopKind.LOOPBACK, HopKind.LMTP)


def _found(walk: _Walk, number: int, row: Row, named: tuple[str, ...]) -> Border:
    received, own = row.received, row.facts.writer
    matched = walk.matched + tuple(value for value in named if value not in walk.matched)
    receiver = own or walk.receiver
    side = receiver or received.by or "the receiving side"
    client = received.client_ip or "an address that cannot be read"
    if matched:
        reason = f"first client outside what --trust names ({', '.join(matched[:3])}): {client}"
    elif row.facts.is_edge:
        reason = f"the edge of {side} took the message from {client}"
    elif row.facts.hides_client:
        reason = f"{side} took the message from a client whose address it does not write"
    else:
        reason = f"first client outside {side}: {client}"
    source = BorderSource.GIVEN if matched else BorderSource.INFERRED
    return Border(number=number, source=source, reason=reason, receiver=receiver, trusted=number + 1, matched=matched)


def _none(walk: _Walk, passed: int, why: str) -> Border:
    return Border(number=None, source=None, reason=why, receiver=walk.receiver, trusted=passed, matched=walk.matched)
