"""The border: the hop in which the receiving side took the message over. DESIGN's rules, from the top.

Given by `--trust`, or inferred from what the writers saw. HELO moves nothing: a sender can say anything.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from mailtrace.path.addresses import AddressKind, Network, is_within, kind_of
from mailtrace.path.kinds import organisation
from mailtrace.path.types import BorderSource, HopKind, Received

_EDGE = "frontend transport"
"""Exchange Online's edge marks the hop in which it takes a message over: `via Frontend Transport`."""

_GMAIL_EDGE = "mx.google.com"
"""Where Gmail takes every message over, also one from another of its customers."""

_MICROSOFT = frozenset({"outlook.com", "office365.com", "exchangelabs.com", "office365.us"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Border:
    """Where it is. `number` counts Received fields from the top, 0 = topmost; None: there is none."""

    number: int | None
    source: BorderSource | None = None
    reason: str | None = None
    receiver: str | None = None


@dataclass(frozen=True, slots=True)
class Trust:
    """The `--trust` values, told apart."""

    names: tuple[str, ...]
    networks: tuple[Network, ...]

    def names_host(self, host: str | None) -> bool:
        """Tell whether a name means this host: itself, or with a leading dot also what is below it."""
        if host is None:
            return False
        host = host.lower().rstrip(".")
        return any(host == name.lstrip(".") or (name.startswith(".") and host.endswith(name)) for name in self.names)


def read_trust(values: Sequence[str]) -> Trust:
    """Tell names from networks."""
    names: list[str] = []
    networks: list[Network] = []
    for value in values:
        try:
            networks.append(ipaddress.ip_network(value, strict=False))
        except ValueError:
            names.append(value.lower().rstrip("."))
    return Trust(tuple(names), tuple(networks))


Step = tuple[Received, HopKind]


def find_border(steps: Sequence[Step], trust: Trust) -> Border:
    """Find it among the fields, topmost first."""
    if trust.names or trust.networks:
        given = _given(steps, trust)
        if given is not None:
            return given
    return _inferred(steps)


def _given(steps: Sequence[Step], trust: Trust) -> Border | None:
    """Go down while the writer is trusted; the border is the last such hop whose client is not itself trusted."""
    found = None
    for number, (received, kind) in enumerate(steps):
        if not (trust.names_host(received.by) or (found is not None and _stays(received, kind))):
            break
        found = number
        inside = _is_inside(received, kind) or (
            received.client_ip is not None and is_within(received.client_ip, trust.networks)
        )
        named = trust.names_host(received.client_name)
        if received.client_ip is not None and not inside and not named:
            break
    else:
        found = found if found is not None and steps[found][0].client_ip is not None else None
    if found is None:
        return None
    received = steps[found][0]
    return Border(
        number=found, source=BorderSource.GIVEN, reason=f"the last hop written by the trusted side: {received.by}",
        receiver=organisation(received.by) or received.by,
    )  # fmt: skip


def _stays(received: Received, kind: HopKind) -> bool:
    return kind in (HopKind.LOCAL, HopKind.LOOPBACK) and received.by is not None


def _inferred(steps: Sequence[Step]) -> Border:
    """Pass over what is internal by what its writer saw; the first hop that is not is the border."""
    above: str | None = None
    for number, (received, kind) in enumerate(steps):
        own = organisation(received.by)
        if received.client_ip is None:
            if number and not _belongs(own, above, received, kind):
                return Border(number=None)
        elif not _is_internal(received, kind, own):
            receiver = own or above or received.by
            return Border(
                number=number, source=BorderSource.INFERRED, receiver=receiver,
                reason=f"first hop whose client is outside {receiver or 'the receiving side'}",
            )  # fmt: skip
        above = own or above
    return Border(number=None)


def _belongs(own: str | None, above: str | None, received: Received, kind: HopKind) -> bool:
    """A hop without client is passed over only if its writer is in the organisation of the hop above."""
    if kind in (HopKind.LOCAL, HopKind.LOOPBACK, HopKind.INTERNAL, HopKind.LMTP) and own is None:
        return True
    return above is None or own is None or own == above or {own, above} <= _MICROSOFT


def _is_internal(received: Received, kind: HopKind, own: str | None) -> bool:
    if _is_inside(received, kind):
        return True
    if received.by is not None and received.by.lower() == _GMAIL_EDGE and received.client_ip is not None:
        return False
    if own in _MICROSOFT:
        # The provider's own mark; every other hop between its machines is one organisation's.
        via = " ".join((received.via or "").lower().split())
        return _EDGE not in via or _is_microsofts(received)
    other = organisation(received.client_name)
    return own is not None and own == other


def _is_inside(received: Received, kind: HopKind) -> bool:
    if kind in (HopKind.LOCAL, HopKind.LOOPBACK):
        return True
    return received.client_ip is not None and kind_of(received.client_ip) in (
        AddressKind.LOOPBACK,
        AddressKind.PRIVATE,
    )


# Between Exchange Online's own machines; its outbound pools (40.92.0.0/15, 40.107.0.0/16, 52.100.0.0/14) are not among
# them, as another customer's mail comes from there.
_MICROSOFT_NETWORKS = tuple(
    ipaddress.ip_network(net)
    for net in ("2603:1000::/24", "2a01:111:e400::/48", "2a01:111:f400::/48", "2a01:111:f403:f800::/53")
)


def _is_microsofts(received: Received) -> bool:
    return received.client_ip is not None and is_within(received.client_ip, _MICROSOFT_NETWORKS)
