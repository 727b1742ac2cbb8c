"""Where a hop ran, and whether it counts: from its addresses, its kind, and who vouches for it."""

from mailtrace.path.addresses import AddressKind, kind_of, read_address
from mailtrace.path.types import Hop, HopKind
from mailtrace.results import Scope, Security, Standing
from mailtrace.transport.types import HopTransport

_BETWEEN_ORGANISATIONS = frozenset({Scope.PUBLIC, Scope.UNKNOWN})
_SAME_MACHINE = frozenset({HopKind.LOCAL, HopKind.LOOPBACK, HopKind.LIST})


def scope(hop: Hop) -> Scope:
    """Say where the hop ran. What the address shows outranks what the names suggest."""
    place = _place(hop.received.client_ip)
    if hop.kind in _SAME_MACHINE or place is AddressKind.LOOPBACK:
        return Scope.LOOPBACK
    if hop.kind is HopKind.INTERNAL or place is AddressKind.PRIVATE:
        return Scope.INTERNAL
    if hop.public is None:
        return Scope.UNKNOWN
    return Scope.PUBLIC if hop.public else Scope.INTERNAL


def is_loopback(text: str | None) -> bool:
    """Say whether this is an address of the machine itself."""
    return _place(text) is AddressKind.LOOPBACK


def is_deciding(hop: Hop, transport: HopTransport) -> bool:
    """Say whether this hop counts for the transport verdict: vouched for, over a network, not known to be internal."""
    return hop.standing is Standing.TRUSTED and crossed_organisations(transport)


def crossed_organisations(transport: HopTransport) -> bool:
    """Say whether the hop ran, or may have run, between two organisations."""
    return transport.scope in _BETWEEN_ORGANISATIONS and transport.security is not Security.LOCAL


def _place(text: str | None) -> AddressKind | None:
    address = None if text is None else read_address(text)
    return None if address is None else kind_of(address)
