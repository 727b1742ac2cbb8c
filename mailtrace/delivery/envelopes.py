"""Envelopes: the address that people know, behind the one that an envelope has. Pure.

Who asks for mail from Ann to Bob names the addresses that they see. In the envelope the sender may bear a mark (BATV)
or be rewritten by a forwarder (SRS), and either may have a detail behind a plus (RFC 5233 §1). The answer names
the address as it was delivered to.
"""

import re
from functools import lru_cache

from mailtrace.delivery.query import folded, spellings

# prvs=1234abcdef=ann@example.com; Barracuda's btv1==tag==ann@example.com
_BATV = re.compile(r"(?:prvs=[0-9a-z]{4,16}=|btv1==[0-9a-z]{1,64}==)(.+)")
# SRS0=hash=time=example.com=ann@forwarder; SRS1=hash=first==hash=time=example.com=ann@forwarder;
# Exchange Online: bob+SRS=hash=time=example.com=ann@forwarder
_SRS = re.compile(r"(?:srs[01][-+=]|[^+]{1,64}\+srs=).{1,400}=([^=]{1,255})=([^=]{1,64})")


@lru_cache(maxsize=4096)
def stands_for(address: str) -> frozenset[str]:
    """Return an address as it is compared, and the addresses behind it.

    >>> sorted(stands_for("Bob+news@example.org"))
    ['bob+news@example.org', 'bob@example.org']
    >>> sorted(stands_for("SRS0=abcd=ZZ=example.com=ann@forwarder.example"))
    ['ann@example.com', 'srs0=abcd=zz=example.com=ann@forwarder.example']
    """
    whole = folded(address)
    local, at, domain = whole.rpartition("@")
    if not at:
        return frozenset({whole})
    if match := _SRS.fullmatch(local):
        return frozenset({whole, f"{match[2]}@{match[1]}"})
    if match := _BATV.fullmatch(local):
        return frozenset({whole, f"{match[1]}@{domain}"})
    plain = local.partition("+")[0]
    return frozenset({whole, f"{plain}@{domain}"}) if plain else frozenset({whole})


def needles_of(address: str) -> tuple[str, ...]:
    """Return what stands in a line that names one of the forms which stand for an address."""
    local, at, domain = folded(address).rpartition("@")
    return (*spellings(address), f"{local}+", f"={domain}={local}@") if at and local else spellings(address)
