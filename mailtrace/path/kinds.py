"""What sort of step a Received field records, and whether its two ends are one organisation."""

import ipaddress

from mailtrace.names.organisation import organisation_of
from mailtrace.path.addresses import AddressKind, kind_of, read_address
from mailtrace.path.dialects import Dialect
from mailtrace.path.types import HopKind, Received


def kind_of_hop(received: Received, dialect: Dialect | None) -> HopKind:
    """Say what sort of step it is: by the row, by the peer's address, by the protocol word."""
    if dialect is not None and dialect.kind is not None:
        return dialect.kind
    protocol = (received.protocol or "").upper()
    if received.client_ip and kind_of(received.client_ip) is AddressKind.LOOPBACK:
        return HopKind.LOOPBACK
    if received.client_ip is None and (_is_socket(received) or protocol == "LOCAL"):
        return HopKind.LOCAL
    if protocol.startswith(("HTTP", "REST")) or (received.via or "").upper().startswith("HTTP"):
        return HopKind.HTTP
    if protocol in ("IMAP", "POP3"):
        return HopKind.RETRIEVAL
    if "LMTP" in protocol:
        return HopKind.LMTP
    if received.client_ip is None and received.helo is None:
        return HopKind.INTERNAL if received.by else HopKind.UNKNOWN
    return HopKind.SUBMISSION if received.authenticated else HopKind.SMTP


def _is_socket(received: Received) -> bool:
    return any(
        comment in ("localhost", "local")
        or comment.endswith("[local]")
        or "unix socket" in comment
        or "UNIX:" in comment
        for comment in received.comments
    )


def is_public(received: Received, kind: HopKind) -> bool | None:
    """Tell whether the two ends are different organisations; None where the field does not show it.

    Only what the writer saw counts: the address, and the name that it found. HELO never does.
    """
    if kind in (HopKind.LOCAL, HopKind.LOOPBACK, HopKind.INTERNAL, HopKind.LIST):
        return False
    if received.client_ip is not None and kind_of(received.client_ip) in (AddressKind.LOOPBACK, AddressKind.PRIVATE):
        return False
    own, other = organisation(received.by), organisation(received.client_name)
    if received.client_ip is None:
        return None
    if own is not None and other is not None:
        return own != other
    return True


def organisation(host: str | None) -> str | None:
    """Return the registrable domain of a host, None for an address or a bare name."""
    if host is None or read_address(host) is not None:
        return None
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return organisation_of(host)
    return None
