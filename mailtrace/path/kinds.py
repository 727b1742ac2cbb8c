"""What sort of step a Received field records, and whether its two ends are one organisation.

Only what the server saw counts here: the address, the name that it found for it, and its own form. HELO never does.
"""

import ipaddress
import re
from collections import Counter
from functools import lru_cache

from mailtrace.names.domain import MAX_NAME
from mailtrace.names.organisation import organisation_of
from mailtrace.path.addresses import AddressKind, is_within, kind_of, read_address
from mailtrace.path.chains import Provider, networks_of, provider_named, provider_of_host
from mailtrace.path.dialects import Dialect
from mailtrace.path.received import Reading
from mailtrace.path.types import HopKind, Received

_ON_ONE_MACHINE = frozenset({HopKind.LOCAL, HopKind.LOOPBACK})
_WITHOUT_A_NETWORK = _ON_ONE_MACHINE | {HopKind.INTERNAL}
# Names that everybody may use at home are nobody's: those of multicast DNS, of RFC 6761 §6.3, `.internal` and the like.
_NOBODY_S = frozenset({"internal", "local", "localdomain", "localhost", "lan", "home", "corp", "intranet", "private"})
_V4_LENGTH = 4
_MOST_OCTETS = 3
"""Octets of an IPv4 address that a name must hold to be said to spell it; a server's number is one or two of them."""
_NOT_PUBLIC = frozenset({AddressKind.LOOPBACK, AddressKind.PRIVATE})


def kind_of_hop(reading: Reading) -> HopKind:
    """Say what sort of step it is: by the row, by the peer's address, by the protocol word."""
    received, row = reading.received, reading.dialect
    if row is not None and row.kind is not None and not _is_client_s_word(row, received):
        return row.kind
    word = (received.protocol or "").lower()
    via = (received.via or "").lower()
    if received.client_ip is not None and kind_of(received.client_ip) is AddressKind.LOOPBACK:
        return HopKind.LOOPBACK
    if "lmtp" in word:
        return HopKind.LMTP
    if word in ("pop3", "imap"):
        return HopKind.RETRIEVAL
    if word.startswith(("http", "rest")) or via.startswith("http"):
        return HopKind.HTTP
    if received.client_ip is None:
        return _kind_without_client(reading, word)
    return HopKind.SUBMISSION if received.authenticated else HopKind.SMTP


def _is_client_s_word(row: Dialect, received: Received) -> bool:
    """`EHLO pps.filterd`: a row that knows the first word must not let a client from outside choose what it is."""
    says_near = row.kind in _WITHOUT_A_NETWORK
    return says_near and (row.first or row.origin) is not None and not _is_near(received.client_ip)


def _is_near(client_ip: str | None) -> bool:
    return client_ip is None or kind_of(client_ip) in _NOT_PUBLIC


def _kind_without_client(reading: Reading, word: str) -> HopKind:
    received = reading.received
    if word in ("local", "local-bsmtp") or any(is_socket(comment) for comment in received.own_comments):
        return HopKind.LOCAL
    if received.authenticated:
        return HopKind.SUBMISSION
    if received.helo is not None:
        return HopKind.LOOPBACK if received.helo.lower() == "localhost" else HopKind.SMTP
    # By itself, a field that names no client names no step that we know.
    return HopKind.UNKNOWN


def is_socket(comment: str) -> bool:
    """Tell whether a comment stands for a socket of the same machine."""
    text = comment.strip().lower()
    return text in ("local", "[local]", "[unix socket]") or "[unix: " in text or text.endswith(" [local]")


def is_internal_address(address: str | None) -> bool:
    """Tell whether an address is one of the same machine or of a private network."""
    return address is not None and kind_of(address) in _NOT_PUBLIC


def organisation(host: str | None) -> str | None:
    """Return the registrable domain of a host; None for an address, a bare name, or a name of a private network."""
    return None if host is None or len(host) > MAX_NAME + 1 else _organisation(host)


@lru_cache(maxsize=4096)
def _organisation(host: str) -> str | None:
    if read_address(host) is not None:
        return None
    if host.rstrip(".").rpartition(".")[2].lower() in _NOBODY_S:
        return None
    return organisation_of(host)


def writer_of(reading: Reading) -> str | None:
    """Return the organisation of the server that wrote the field: the provider's, or the domain of the `by` host."""
    own = organisation(reading.received.by)
    provider = provider_of(reading)
    return own if provider is None else provider.name


def provider_of(reading: Reading) -> Provider | None:
    """Return the provider whose server wrote the field: by its domain, by a name it uses, else by the form."""
    own = organisation(reading.received.by)
    if own is not None:
        return provider_named(own)
    return provider_of_host(reading.received.by) or (reading.dialect.provider if reading.dialect else None)


def one_name(own: str | None) -> str | None:
    """Return the name under which an organisation is known that has several."""
    provider = provider_named(own)
    return own if provider is None else provider.name


def confirmed_client(reading: Reading) -> str | None:
    """Return the organisation of the client's name, if the server looked that name up both ways."""
    row, received = reading.dialect, reading.received
    if row is None or not row.confirms_name or received.client_name is None:
        return None
    # Sendmail says so where the second way failed.
    if any("may be forged" in comment[-200:] for comment in received.comments):
        return None
    return one_name(organisation(received.client_name))


def is_customers_line(name: str | None, address: str | None) -> bool:
    """Tell whether a name spells its address out: an access line that a provider lets, and no server of its own.

    >>> is_customers_line("c-198-51-100-7.hsd1.isp.example", "198.51.100.7")
    True
    >>> is_customers_line("pc6336407.dip.isp.example", "198.51.100.7"), is_customers_line("mx2.example", "192.0.2.2")
    (True, False)
    """
    if name is None or address is None:
        return False
    bare = name[:300].lower()
    packed = ipaddress.ip_address(address).packed
    if len(packed) == _V4_LENGTH:
        numbers = Counter(int(digits) for digits in re.findall(r"[0-9]{1,12}", bare))
        spelled = (numbers & Counter(packed)).total()
        return spelled >= _MOST_OCTETS or packed.hex() in bare or "".join(f"{octet:03}" for octet in packed) in bare
    # The half that tells one line from the next: all digits together, or group by group without leading zeros.
    half = packed[_V4_LENGTH * 2 :]
    groups = "-".join(f"{int.from_bytes(half[at : at + 2]):x}" for at in range(0, len(half), 2))
    return half.hex() in re.sub(r"[^0-9a-f]", "", bare) or groups in re.sub(r"[^0-9a-f]+", "-", bare)


def is_in_provider(reading: Reading) -> bool:
    """Tell whether the client is in the networks of the provider that wrote the field."""
    provider, address = provider_of(reading), reading.received.client_ip
    return provider is not None and address is not None and is_within(address, networks_of(provider))


def stays_inside(received: Received, kind: HopKind) -> bool:
    """Tell whether the step itself shows that the two ends are one organisation."""
    return kind in _WITHOUT_A_NETWORK or kind is HopKind.LIST or is_internal_address(received.client_ip)


def is_public(reading: Reading, kind: HopKind, *, is_edge: bool) -> bool | None:
    """Tell whether the two ends are different organisations; None where the field does not show it."""
    received = reading.received
    if stays_inside(received, kind):
        return False
    if is_edge:
        return True
    own, other = writer_of(reading), one_name(organisation(received.client_name))
    if is_in_provider(reading) or (own is not None and own == confirmed_client(reading)):
        return False
    if own is None or (received.client_ip is None and other is None):
        return None
    if other is not None:
        return True if other != own else None
    # A public address without a name. What it called itself is no proof that it is one of theirs, and leaves doubt.
    return None if one_name(organisation(received.helo)) == own else True
