"""IP addresses as Received fields write them (RFC 5321 §4.1.3), read into one canonical form.

Software writes the same address in a dozen ways: `[192.0.2.1]`, `[IPv6:2001:db8::1]`, `2001:db8::1%9`,
`[192.0.2.1]:25`, `[192.0.2.1:25]`, `::ffff:192.0.2.1`. What only looks like one (an Exchange build, a Gmail id, a
date) is refused.
"""

import ipaddress
import re
from enum import auto, unique
from functools import lru_cache

from mailtrace.enums import Enum
from mailtrace.patterns import lazy

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LITERAL_LIMIT = 80
"""Characters that an address with all its decoration may have."""

_V4 = re.compile(r"(\d{1,3}(?:\.\d{1,3}){3})(?:[.:]\d{1,5})?", re.ASCII)
_QUAD = lazy(r"\d{1,3}(?:\.\d{1,3}){3}", re.ASCII)
_MAY_BE = re.compile(r"[\s\[()]*(?:[0-9]|ipv6:|[0-9a-f]*:)", re.IGNORECASE | re.ASCII)
_V6_PREFIX = re.compile(r"ipv6:", re.IGNORECASE)

# RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291 §2.5.6. Not `is_private`: that takes in the documentation networks.
_PRIVATE = tuple(
    ipaddress.ip_network(net)
    for net in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
    )
)


@unique
class AddressKind(Enum):
    """What an address says of the place it belongs to."""

    LOOPBACK = auto()
    PRIVATE = auto()  # private, shared (RFC 6598) or link-local
    IMPOSSIBLE = auto()  # no TCP peer can have it: multicast, broadcast
    PUBLIC = auto()


def read_address(text: str) -> str | None:
    """Return the canonical address in `text`, without brackets, prefix, zone, port; None if it is none.

    An IPv4-mapped address is the IPv4 address that it maps (RFC 4291 §2.5.5.2).

    >>> read_address("[IPv6:2001:DB8::1%9]"), read_address("[192.0.2.1]:25"), read_address("15.20.6631.42")
    ('2001:db8::1', '192.0.2.1', None)
    """
    # Most words that are asked about are none, and show it at once.
    return _read(text) if len(text) <= LITERAL_LIMIT and _MAY_BE.match(text) else None


@lru_cache(maxsize=2048)
def _read(text: str) -> str | None:
    bare = _undecorated(text)
    if quad := _V4.fullmatch(bare):
        bare = quad.group(1)
    try:
        address = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def _undecorated(text: str) -> str:
    bare = text.strip().rstrip(",")
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    bare = bare.strip("()").strip()
    prefix = _V6_PREFIX.match(bare)
    return bare[prefix.end() :] if prefix else bare


def is_impossible_literal(text: str) -> bool:
    """Tell whether `text` is written as a dotted quad and can be no address: an octet above 255."""
    return bool(_QUAD.fullmatch(text)) and any(int(octet) > 255 for octet in text.split("."))


@lru_cache(maxsize=2048)
def kind_of(address: str) -> AddressKind:
    """Say to what sort of place a canonical address belongs."""
    ip = _parsed(address)
    if ip.is_loopback:
        return AddressKind.LOOPBACK
    if ip.is_multicast or address == "255.255.255.255":
        return AddressKind.IMPOSSIBLE
    return AddressKind.PRIVATE if is_within(address, _PRIVATE) else AddressKind.PUBLIC


@lru_cache(maxsize=2048)
def _parsed(address: str) -> Address:
    return ipaddress.ip_address(address)


def is_within(address: str, networks: tuple[Network, ...]) -> bool:
    """Tell whether a canonical address lies in one of the networks."""
    ip = _parsed(address)
    return any(ip.version == net.version and ip in net for net in networks)
