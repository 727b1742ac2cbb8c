"""Which stamped result speaks of what was computed here: by the properties that it states (RFC 8601 §2.7).

A stamp that states nothing speaks of the message it stands in; one that states another domain, key or signature speaks
of something else. Pure: no DNS, no clock.
"""

from collections.abc import Iterator, Sequence

from mailtrace.auth.types import DKIMCheck, MethodClaim, SPFCheck, SPFIdentity
from mailtrace.names.domain import a_labels
from mailtrace.path.addresses import read_address

MAIL_FROM = ("smtp.mailfrom", "smtp.mail", "envelope-from", "smtp.envelope-from")
HELO = ("smtp.helo", "helo")

NOTHING = frozenset({"", "none", "unknown"})
"""What stands in place of a domain where there is none (Exchange Online: `header.d=none`)."""

SHORTEST_PREFIX = 6
"""Characters of `b=` that tell one signature from another; RFC 6008 wants eight, unless fewer are unique."""


def stated_domain(value: str) -> str:
    """Return the domain of an address, an agent (`@example.com`) or a domain, as a stamp states it.

    >>> stated_domain("<ann@Example.com>"), stated_domain("@example.com"), stated_domain("none")
    ('example.com', 'example.com', '')
    """
    domain = value.strip().strip('<>"').rpartition("@")[2].rstrip(".").lower()
    return "" if domain in NOTHING else a_labels(domain) or domain


def stated(stamp: MethodClaim, properties: Sequence[str]) -> tuple[str, ...]:
    """Return the domains that a stamp states under any of these properties."""
    found = (stated_domain(stamp.properties[name]) for name in properties if name in stamp.properties)
    return tuple(domain for domain in found if domain)


def names(stamp: MethodClaim, properties: Sequence[str], domain: str | None) -> bool:
    """True if the stamp states this domain."""
    return bool(domain) and domain in stated(stamp, properties)


def is_of_helo(stamp: MethodClaim) -> bool:
    """True if an SPF stamp says that HELO was what it judged."""
    identity = stamp.properties.get("identity", "").lower()
    if identity:
        return identity == "helo"
    return "smtp.helo" in stamp.properties and not set(MAIL_FROM) & stamp.properties.keys()


def speaks_of_spf(stamp: MethodClaim, check: SPFCheck) -> bool:
    """True if an SPF stamp speaks of this identity and domain."""
    if check.identity is SPFIdentity.HELO:
        return is_of_helo(stamp) and names(stamp, HELO, check.domain)
    if is_of_helo(stamp):
        # RFC 7208 §2.4: with a null reverse-path MAIL FROM is postmaster at HELO, and receivers say smtp.helo.
        return False
    # RFC 7208 §9.1: without `identity` and without a name it is the result of the session, which is MAIL FROM's.
    return not stated(stamp, MAIL_FROM) or names(stamp, MAIL_FROM, check.domain)


def stamped_client(stamp: MethodClaim) -> str | None:
    """Return the client address that an SPF stamp speaks of; receivers put it into a property or a comment."""
    for name in ("client-ip", "smtp.client-ip", "smtp.remote-ip", "policy.client-ip"):
        if (client := read_address(stamp.properties.get(name, ""))) is not None:
            return client
    # `sender IP is 192.0.2.1`, `domain of ann@example.com designates 192.0.2.1 as permitted sender`.
    words = stamp.properties.get("comment", "")[:1000].split()
    return next((client for word in words if (client := read_address(word.strip(",;()")))), None)


def speaks_of_signature(stamp: MethodClaim, check: DKIMCheck) -> bool:
    """True if a DKIM stamp speaks of this signature: nothing it states is otherwise, and it states one of d, i, b."""
    properties = stamp.properties
    told = list(_agreements(stamp, check))
    if not told or not all(told):
        return False
    selector, algorithm = properties.get("header.s"), properties.get("header.a")
    same_key = selector is None or check.selector is None or selector.lower() == check.selector.lower()
    same_algorithm = algorithm is None or check.algorithm is None or algorithm.lower() == check.algorithm.lower()
    return same_key and same_algorithm


def _agreements(stamp: MethodClaim, check: DKIMCheck) -> Iterator[bool]:
    properties = stamp.properties
    if signers := stated(stamp, ("header.d",)):
        yield check.sdid in signers
    if agents := stated(stamp, ("header.i",)):
        # RFC 6376 §3.5: the domain of i= is that of d=, or lies below it.
        yield any(f".{agent}".endswith(f".{check.sdid}") for agent in agents)
    prefix, own = "".join(properties.get("header.b", "").split()).rstrip("="), check.signature_prefix
    if own is not None and len(prefix) >= SHORTEST_PREFIX:
        yield own.startswith(prefix) or prefix.startswith(own)


def identity_of(stamp: MethodClaim) -> str | None:
    """Return the domain that a stamp speaks of, if it says so."""
    order = {
        "dkim": ("header.d", "header.i"),
        "dmarc": ("header.from",),
        "spf": HELO if is_of_helo(stamp) else MAIL_FROM,
    }
    found = stated(stamp, order.get(stamp.method, ()))
    return found[0] if found else None
