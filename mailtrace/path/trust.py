"""What the examiner gives with `--trust`: names and networks of the receiving side.

Names match what a server wrote of itself (`by`, authserv-id, ARC sealer) and the names it confirmed; networks match the
client's address. Names are compared as A-labels, so that one given in its own script matches (RFC 5890 §2.3.2.1).
"""

import ipaddress
from collections.abc import Sequence

from mailtrace.names.domain import a_labels
from mailtrace.path.addresses import Network, is_within
from mailtrace.records import Struct, replace


class Trust(Struct, frozen=True):
    """The `--trust` values, told apart."""

    names: tuple[str, ...]
    networks: tuple[Network, ...]
    addresses: tuple[str, ...] = ()
    """Canonical, each as if it were a network of its own."""

    def __bool__(self) -> bool:
        return bool(self.names or self.networks or self.addresses)

    def also(self, *addresses: str) -> "Trust":
        """Return the same with some canonical addresses more."""
        return replace(self, addresses=(*self.addresses, *addresses))

    def names_host(self, host: str | None) -> bool:
        """Tell whether a name means this host: itself, or with a leading dot also what is below it."""
        return bool(self.naming(host))

    def naming(self, host: str | None) -> tuple[str, ...]:
        """Return the values that mean this host."""
        if host is None or not self.names:
            return ()
        host = _canonical(host)
        return tuple(
            name for name in self.names if host == name.lstrip(".") or (name.startswith(".") and host.endswith(name))
        )

    def holding(self, address: str | None) -> tuple[str, ...]:
        """Return the networks that an address is in."""
        if address is None:
            return ()
        own = (f"{address}/{128 if ':' in address else 32}",) if address in self.addresses else ()
        if not self.networks:
            return own
        return (*(str(network) for network in self.networks if is_within(address, (network,))), *own)


def read_trust(values: Sequence[str]) -> Trust:
    """Tell networks from names."""
    names: list[str] = []
    networks: list[Network] = []
    for value in values:
        network = _network(value.strip())
        if network is not None:
            networks.append(network)
        else:
            names.append(_canonical(value.strip()))
    return Trust(tuple(name for name in names if name.lstrip(".")), tuple(networks))


def _network(value: str) -> Network | None:
    bare = value.strip("[]")
    if bare[:5].lower() == "ipv6:":
        bare = bare[5:]
    try:
        return ipaddress.ip_network(bare, strict=False)
    except ValueError:
        return None


def _canonical(name: str) -> str:
    """Return the name as A-labels, its leading dot kept; as it is, in lower case, where it is no domain name."""
    dot = "." if name.startswith(".") else ""
    bare = name[len(dot) :]
    return dot + (a_labels(bare) or bare.lower().rstrip("."))
