"""The border: the hop in which the receiving side's own server took the message from outside.

Found from the top, the newest field. A hop is passed over as internal only by what its writer *saw*: the client's
address is the same machine's, private, or in a network that `--trust` gives; its name was confirmed inside the
organisation or under a name that `--trust` gives; or the provider's row says how that provider marks its own hops. A
hop that shows no client is passed over only if its `by` is in the organisation of the hop above. The first hop whose
client is none of these is the border. HELO moves nothing: a sender can say anything.

Each field that is passed over was written by a machine that the one above had seen to be inside, so what the sender
brings along is never reached.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from mailtrace.path.addresses import AddressKind, kind_of
from mailtrace.path.forms import of_form
from mailtrace.path.kinds import (
    confirmed_client,
    is_customers_line,
    is_in_provider,
    is_internal_address,
    provider_of,
    writer_of,
)
from mailtrace.path.received import Reading
from mailtrace.path.trust import Trust
from mailtrace.path.types import BorderSource, HopKind
from mailtrace.records import Mutable, Struct

# Without a client's address these stand for a hand-over inside, by the server's own word. LMTP is one wherever the
# client is: it is not spoken between independent hosts (RFC 2033 §1).
_INSIDE = frozenset({HopKind.LOCAL, HopKind.LOOPBACK, HopKind.RETRIEVAL, HopKind.LMTP})
_ORIGINS = frozenset({HopKind.SUBMISSION, HopKind.HTTP})


class Step(Struct, frozen=True, kw_only=True):
    """A field as the border sees it."""

    reading: Reading
    kind: HopKind


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

    trust: Trust
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


def find_border(steps: Sequence[Step], trust: Trust) -> Border:
    """Find it among the fields, topmost first."""
    walk = _Walk(trust)
    for number, step in enumerate(steps):
        own = writer_of(step.reading)
        named = trust.naming(step.reading.received.by)
        if walk.only is not None and own is not None and own != walk.only and not named:
            return _none(walk, number, f"the field above shows no client, and this one was written at {own}")
        if step.reading.received.client_ip is None and not is_edge(step.reading):
            if not named and not _belongs(step, own, walk):
                return _none(
                    walk, number, f"the next field shows no client and was written at {own or 'an unknown place'}"
                )
            if hides_client(step):
                return _found(walk, number, step, own, named)
            if step.kind in _ORIGINS and number + 1 < len(steps):
                # What the user's program sent along is not the server's word.
                _go_on(walk, step, own, named)
                return _none(walk, number + 1, f"a user submitted the message at {own or 'the receiving side'}")
            walk.only = own if step.kind not in (HopKind.LMTP, HopKind.RETRIEVAL) else None
        elif not _is_internal(step, own, walk):
            return _found(walk, number, step, own, named)
        else:
            walk.only = None
        _go_on(walk, step, own, named)
    return _none(walk, len(steps), "every field was written inside" if steps else "there is no Received field")


def hides_client(step: Step) -> bool:
    """Tell whether a client came in by SMTP, whose address the server does not write: it may be anybody."""
    received = step.reading.received
    if received.client_ip is not None or received.helo is None:
        return False
    if step.kind is not HopKind.LOOPBACK:
        return step.kind is HopKind.SMTP
    row = step.reading.dialect
    # Either the form says that it is the same machine, or the name that the server found, and not HELO alone.
    named = (received.client_name or "").lower().startswith("localhost")
    return not named and (row is None or row.kind is not HopKind.LOOPBACK)


def _go_on(walk: _Walk, step: Step, own: str | None, named: tuple[str, ...]) -> None:
    client = _client_named(step.reading, walk.trust)
    walk.is_named = bool(client)
    if values := (*named, *client):
        walk.matched += tuple(value for value in dict.fromkeys(values) if value not in walk.matched)
    walk.receiver = walk.receiver or own
    walk.above, walk.is_first = own or walk.above, False
    if step.kind is HopKind.RETRIEVAL:
        # The reader fetched from a mailbox of his own elsewhere: the side that received begins anew.
        walk.above, walk.receiver, walk.is_first = None, None, True


def _client_named(reading: Reading, trust: Trust) -> tuple[str, ...]:
    """Return the values that mean the client: its address, or a name that its server confirmed."""
    if not trust.names and not trust.networks:
        return ()
    name = reading.received.client_name if confirmed_client(reading) is not None else None
    return (*trust.holding(reading.received.client_ip), *trust.naming(name))


def _belongs(step: Step, own: str | None, walk: _Walk) -> bool:
    """Tell whether a hop without a client is one of the side above."""
    if walk.is_first or walk.is_named or (own is not None and own == walk.above):
        return True
    # qmail's own record of a hand-over inside the machine; a pickup or LMTP under a bare host name.
    return own is None and step.kind in (HopKind.LOCAL, HopKind.LOOPBACK, HopKind.LMTP)


def _is_internal(step: Step, own: str | None, walk: _Walk) -> bool:
    """Tell whether the writer saw a client of its own side. What the examiner says goes before what a row says."""
    reading, address = step.reading, step.reading.received.client_ip
    name, confirmed = reading.received.client_name, confirmed_client(reading)
    if _client_named(reading, walk.trust):
        return True
    # An edge takes mail over from outside, and still hands it to a filter on the same machine and takes it back.
    if is_edge(reading) and (address is None or kind_of(address) is not AddressKind.LOOPBACK):
        return False
    if step.kind in _INSIDE or is_internal_address(address) or is_in_provider(reading):
        return True
    return own is not None and own == confirmed and not is_customers_line(name, address)


@of_form
def is_edge(reading: Reading) -> bool:
    """Tell whether the provider's row says that this host only takes mail over from outside."""
    provider = provider_of(reading)
    if provider is None or provider.edge is None:
        return False
    if not _matches(provider.edge, (reading.received.by or "")[:300]):
        return False
    return provider.edge_via is None or provider.edge_via.lower() == (reading.received.via or "").lower()


@lru_cache(maxsize=1024)
def _matches(pattern: str, host: str) -> bool:
    return re.fullmatch(pattern, host, re.IGNORECASE) is not None


def _found(walk: _Walk, number: int, step: Step, own: str | None, named: tuple[str, ...]) -> Border:
    received = step.reading.received
    matched = walk.matched + tuple(value for value in named if value not in walk.matched)
    receiver = own or walk.receiver
    side = receiver or received.by or "the receiving side"
    client = received.client_ip or "an address that cannot be read"
    if matched:
        reason = f"first client outside what --trust names ({', '.join(matched[:3])}): {client}"
    elif is_edge(step.reading):
        reason = f"the edge of {side} took the message from {client}"
    elif hides_client(step):
        reason = f"{side} took the message from a client whose address it does not write"
    else:
        reason = f"first client outside {side}: {client}"
    source = BorderSource.GIVEN if matched else BorderSource.INFERRED
    return Border(number=number, source=source, reason=reason, receiver=receiver, trusted=number + 1, matched=matched)


def _none(walk: _Walk, passed: int, why: str) -> Border:
    return Border(number=None, source=None, reason=why, receiver=walk.receiver, trusted=passed, matched=walk.matched)
