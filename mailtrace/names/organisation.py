"""The registrable domain: which hosts are one organisation, by the public suffix list (publicsuffix.org).

Used for the border between two sides, and for the organisational domain of RFC 7489 §3.2. The tree walk of
RFC 9989 is elsewhere (auth/), as it asks DNS. Both sections of the list count, ICANN's and the private one:
two customers of a hosting company are two organisations. The default rule `*` holds: an unlisted top-level
domain is a public suffix.
"""

from functools import cache, lru_cache

from publicsuffixlist import PublicSuffixList

from mailtrace.names.domain import MAX_NAME, a_labels


@cache
def _suffixes() -> PublicSuffixList:
    """Read the list that the package carries, once and only when a name is asked for: it costs some 40 ms."""
    return PublicSuffixList()


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
    registrable: str | None = _suffixes().privatesuffix(name)
    return registrable


def is_public_suffix(host: str) -> bool:
    """Tell whether names below this one belong to different organisations."""
    name = a_labels(host)
    return name is not None and bool(_suffixes().is_public(name))
