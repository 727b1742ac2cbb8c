"""The registrable domain: which hosts are one organisation, by the public suffix list (publicsuffix.org).

Used for the border between two sides, and for the organisational domain of RFC 7489 §3.2. The tree walk of
RFC 9989 is elsewhere (auth/), as it asks DNS. Both sections of the list count, ICANN's and the private one:
two customers of a hosting company are two organisations. The default rule `*` holds: an unlisted top-level
domain is a public suffix.
"""

from functools import cache, lru_cache
from pathlib import Path

from publicsuffixlist import PSLFILE, PublicSuffixList

from mailtrace.names.domain import MAX_NAME, a_labels, u_labels


def _suffixes(name: str) -> PublicSuffixList:
    """Return what of the list can hold for a name: to take in all its 10,000 rules, the library needs 35 ms."""
    # The list has U-labels; what is left of the name at each dot is a rule, or is below a wildcard, or its exception.
    labels = u_labels(name).split(".")
    ends = [".".join(labels[at:]) for at in range(len(labels))]
    rules = [rule for end in ends for rule in (end, f"*.{end}", f"!{end}")]
    return PublicSuffixList([rule for rule in rules if rule in _lines()])


@cache
def _lines() -> frozenset[str]:
    """Read the list that the package carries, a rule on a line: once, and only when a name is asked for."""
    return frozenset(Path(PSLFILE).read_text("utf-8").split("\n"))


def organisation_of(host: str) -> str | None:
    """Return the registrable domain of a host in A-labels; None for a public suffix, an address, no name.

    >>> organisation_of("mx1.mail.example.co.uk")
    'example.co.uk'
    >>> organisation_of("co.uk")
    """
    return _registrable(host) if len(host) <= MAX_NAME + 1 else None


@lru_cache(maxsize=4096)
def _registrable(host: str) -> str | None:
    """Look it up; the hops of a chain ask for the same few names again and again."""
    name = a_labels(host)
    if name is None:
        return None
    registrable: str | None = _suffixes(name).privatesuffix(name)
    return registrable


def is_public_suffix(host: str) -> bool:
    """Tell whether names below this one belong to different organisations."""
    name = a_labels(host)
    return name is not None and bool(_suffixes(name).is_public(name))
