"""A Received field on its way to be a hop: what it says, and what of its place in the chain follows from its form.

Most fields of a mailbox have a form that was met before (`forms.py`), and then all of this is known. Nothing here
depends on the neighbours of a field, nor on what the examiner trusts.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from mailtrace.message.types import HeaderField
from mailtrace.path.addresses import AddressKind, kind_of
from mailtrace.path.forms import Kept, of_form
from mailtrace.path.kinds import (
    confirmed_client,
    is_customers_line,
    is_in_provider,
    is_internal_address,
    is_public,
    kind_of_hop,
    provider_of,
    stays_inside,
    writer_of,
)
from mailtrace.path.received import Reading, read
from mailtrace.path.types import HopKind, Received
from mailtrace.records import Struct

# Without a client's address these stand for a hand-over inside, by the server's own word. LMTP is one wherever the
# client is: it is not spoken between independent hosts (RFC 2033 §1).
_INSIDE = frozenset({HopKind.LOCAL, HopKind.LOOPBACK, HopKind.RETRIEVAL, HopKind.LMTP})


class Facts(Struct, frozen=True, kw_only=True):
    """What follows from the form of a field."""

    kind: HopKind
    writer: str | None
    """The organisation of the server that wrote it."""
    confirmed: str | None
    """The organisation of the client's name, if the server looked that name up both ways."""
    is_edge: bool
    """The provider's row says that this host only takes mail over from outside."""
    hides_client: bool
    """A client came in by SMTP, whose address the server does not write: it may be anybody."""
    saw_own: bool
    """The writer saw a client of its own side."""
    public: bool | None
    """The two ends are different organisations; None where the field does not show it."""
    public_at_border: bool
    """The same, where the receiving side took the message over."""
    impossible: str | None
    """Why the client's address is none that a TCP peer can have."""


class Row(Struct, frozen=True, kw_only=True):
    """One field, and its place. `number` counts from the top, 0 = topmost."""

    number: int
    header: HeaderField
    reading: Reading
    received: Received
    facts: Facts

    @property
    def kept(self) -> Kept:
        """What was found out about the form of the field."""
        return self.received.kept


def read_rows(fields: Sequence[HeaderField]) -> tuple[Row, ...]:
    """Read the fields, topmost first."""
    return tuple(_row(number, field, read(field.value)) for number, field in enumerate(fields))


def _row(number: int, header: HeaderField, reading: Reading) -> Row:
    return Row(number=number, header=header, reading=reading, received=reading.received, facts=_facts(reading))


@of_form
def _facts(reading: Reading) -> Facts:
    kind, is_edge = kind_of_hop(reading), _is_edge(reading)
    return Facts(
        kind=kind,
        writer=writer_of(reading),
        confirmed=confirmed_client(reading),
        is_edge=is_edge,
        hides_client=_hides_client(reading, kind),
        saw_own=_saw_own(reading, kind, is_edge=is_edge),
        public=is_public(reading, kind, is_edge=is_edge),
        public_at_border=not stays_inside(reading.received, kind),
        impossible=_impossible(reading),
    )


def _is_edge(reading: Reading) -> bool:
    provider = provider_of(reading)
    if provider is None or provider.edge is None:
        return False
    if not _matches(provider.edge, (reading.received.by or "")[:300]):
        return False
    return provider.edge_via is None or provider.edge_via.lower() == (reading.received.via or "").lower()


@lru_cache(maxsize=1024)
def _matches(pattern: str, host: str) -> bool:
    return re.fullmatch(pattern, host, re.IGNORECASE) is not None


def _hides_client(reading: Reading, kind: HopKind) -> bool:
    received = reading.received
    if received.client_ip is not None or received.helo is None:
        return False
    if kind is not HopKind.LOOPBACK:
        return kind is HopKind.SMTP
    row = reading.dialect
    # Either the form says that it is the same machine, or the name that the server found, and not HELO alone.
    named = (received.client_name or "").lower().startswith("localhost")
    return not named and (row is None or row.kind is not HopKind.LOOPBACK)


def _saw_own(reading: Reading, kind: HopKind, *, is_edge: bool) -> bool:
    name, address = reading.received.client_name, reading.received.client_ip
    # An edge takes mail over from outside, and still hands it to a filter on the same machine and takes it back.
    if is_edge and (address is None or kind_of(address) is not AddressKind.LOOPBACK):
        return False
    if kind in _INSIDE or is_internal_address(address) or is_in_provider(reading):
        return True
    own = writer_of(reading)
    return own is not None and own == confirmed_client(reading) and not is_customers_line(name, address)


def _impossible(reading: Reading) -> str | None:
    address = reading.received.client_ip
    if reading.impossible_address is not None:
        return f"{reading.impossible_address} is no address"
    if address is not None and kind_of(address) is AddressKind.IMPOSSIBLE:
        return f"no client can have the address {address}"
    return None
