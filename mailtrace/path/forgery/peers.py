"""Client addresses that a hop between two organisations cannot have, or hardly.

Reserved blocks are routed nowhere (RFC 6890): 0/8, 240/4, the blocks for benchmarks, IPv6 outside of 2000::/3. Some
operators use them inside, so that this is odd and no contradiction. Private addresses are ordinary inside; beside the
name of a stranger, which the server itself found, they are not. The documentation blocks (RFC 5737, RFC 3849) are kept
apart: they mark a message that somebody made anonymous, or an example, and say something only in a message that has
real addresses as well.
"""

import ipaddress
from collections.abc import Iterator, Sequence
from functools import lru_cache

from mailtrace.findings import Finding, FindingKind
from mailtrace.path.addresses import AddressKind, is_within, kind_of
from mailtrace.path.kinds import organisation
from mailtrace.path.places import place_of, writer
from mailtrace.path.rows import Row
from mailtrace.path.types import Hop
from mailtrace.results import Confidence, Severity

RESERVED = FindingKind(
    code="hop-address-reserved",
    title="A hop's client has an address that is routed nowhere",
    severity=Severity.NOTICE,
    reference="RFC 6890 §2.2.2",
)
PRIVATE = FindingKind(
    code="hop-address-private",
    title="A hop between two organisations shows a private address",
    severity=Severity.INFO,
    reference="RFC 1918 §3",
)
DOCUMENTATION = FindingKind(
    code="hop-address-documentation",
    title="A hop's client has an address that is reserved for examples",
    severity=Severity.INFO,
    reference="RFC 5737 §3",
)

_RESERVED = tuple(
    ipaddress.ip_network(net) for net in ("0.0.0.0/8", "192.0.0.0/24", "198.18.0.0/15", "240.0.0.0/4", "100::/64")
)
_GLOBAL_6 = (ipaddress.ip_network("2000::/3"), ipaddress.ip_network("64:ff9b::/96"))
_DOCUMENTATION = tuple(
    ipaddress.ip_network(net)
    for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20")
)
_UNSPECIFIED = ("0.0.0.0", "::")  # noqa: S104 -- an address to compare with, and none to listen at


@lru_cache(maxsize=2048)
def is_reserved(address: str) -> bool:
    """Tell whether a canonical address is in a block that is routed nowhere, and not for use at home either.

    >>> is_reserved("240.0.0.1"), is_reserved("fd::1"), is_reserved("10.0.0.1"), is_reserved("192.0.2.1")
    (True, True, False, False)
    """
    # All zeros is what software writes that knows no address.
    if kind_of(address) is not AddressKind.PUBLIC or address in _UNSPECIFIED:
        return False
    return is_within(address, _RESERVED) or (":" in address and not is_within(address, _GLOBAL_6))


@lru_cache(maxsize=2048)
def is_documentation(address: str) -> bool:
    """Tell whether a canonical address is in a block for examples."""
    return is_within(address, _DOCUMENTATION)


def has_real_address(hops: Sequence[Hop]) -> bool:
    """Tell whether some hop between organisations shows a client that exists."""
    shown = (hop.received.client_ip for hop in hops if hop.public is not False)
    return any(address is not None and _is_real(address) for address in shown)


def _is_real(address: str) -> bool:
    if kind_of(address) is not AddressKind.PUBLIC or address in _UNSPECIFIED:
        return False
    return not is_documentation(address) and not is_reserved(address)


def is_odd_peer(row: Row) -> bool:
    """Tell whether there may be something odd about the client of a field of this form."""
    address = row.received.client_ip
    if address is None:
        return False
    return is_reserved(address) or is_documentation(address) or _stranger(row) is not None


def observe_peer(hop: Hop, row: Row) -> Iterator[Finding]:
    """Say what is odd about a hop's client. Of examples only where the message shows addresses that exist as well."""
    address = hop.received.client_ip
    if address is None:
        return
    # Some providers number their own machines out of blocks that are nobody's.
    if is_reserved(address) and (hop.public is True or ":" not in address):
        detail = f"By its field, {writer(hop)} took it from {address}, which is in a block that is routed nowhere."
        yield RESERVED.found(detail, place_of(hop), confidence=Confidence.MEDIUM)
    elif is_documentation(address):
        detail = f"By its field, {writer(hop)} took it from {address}: made anonymous by somebody, or made up."
        yield DOCUMENTATION.found(detail, place_of(hop), confidence=Confidence.LOW)
    elif other := _stranger(row):
        detail = (
            f"By its field, {writer(hop)} took it from {address}, a private address, and found {other} to be its name."
        )
        yield PRIVATE.found(detail, place_of(hop), confidence=Confidence.LOW)


def _stranger(row: Row) -> str | None:
    """Return the organisation of a private address, where the writer found it and it is not its own."""
    own, address = row.facts.writer, row.received.client_ip
    if own is None or address is None or kind_of(address) is not AddressKind.PRIVATE:
        return None
    other = organisation(row.received.client_name)
    return other if other != own else None
