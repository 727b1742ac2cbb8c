"""Where a hop ran, and whether it counts: from its addresses, its kind, and who vouches for it."""

import ipaddress

from mailtrace.path.types import Hop, HopKind
from mailtrace.results import Scope, Security, Standing
from mailtrace.transport.types import HopTransport

_SAME_MACHINE = frozenset({HopKind.LOCAL, HopKind.LOOPBACK, HopKind.LIST})
# RFC 1918 §3, RFC 6598 §7 (shared), RFC 3927 §2.1, RFC 4193 §3.1, RFC 4291 §2.5.6. Listed here since `is_private`
# takes the documentation networks for private ones, and its answer changes with Python's version.
_PRIVATE = tuple(
    ipaddress.ip_network(network)
    for network in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "fc00::/7",
        "fe80::/10",
    )
)


def scope(hop: Hop) -> Scope:
    """Say where the hop ran. What the address shows outranks what the names suggest."""
    address = _address(hop.received.client_ip)
    if hop.kind in _SAME_MACHINE or (address and address.is_loopback):
        return Scope.LOOPBACK
    if hop.kind is HopKind.INTERNAL or (address and any(address in network for network in _PRIVATE)):
        return Scope.INTERNAL
    if hop.public is None:
        return Scope.UNKNOWN
    return Scope.PUBLIC if hop.public else Scope.INTERNAL


def is_loopback(text: str | None) -> bool:
    """Say whether this is an address of the machine itself."""
    address = _address(text)
    return address is not None and address.is_loopback


def is_deciding(hop: Hop, transport: HopTransport) -> bool:
    """Say whether this hop counts for the transport verdict: vouched for, over a network, not known to be internal."""
    return hop.standing is Standing.TRUSTED and crossed_organisations(transport)


def crossed_organisations(transport: HopTransport) -> bool:
    """Say whether the hop ran, or may have run, between two organisations."""
    return transport.scope in {Scope.PUBLIC, Scope.UNKNOWN} and transport.security is not Security.LOCAL


def _address(text: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    if text is None:
        return None
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
