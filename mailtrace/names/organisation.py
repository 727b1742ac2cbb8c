"""The registrable domain: which hosts are one organisation, by the public suffix list (publicsuffix.org).

Used for the border between two sides, and for the organisational domain of RFC 7489 §3.2. The tree walk of
RFC 9989 is elsewhere (auth/), as it asks DNS. Both sections of the list count, ICANN's and the private one:
two customers of a hosting company are two organisations. The default rule `*` holds: an unlisted top-level
domain is a public suffix.
"""

from functools import cache, lru_cache

from publicsuffixlist import PublicSuffixList

from mailtrace.names.domain import a_labels


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
    name = a_labels(host)
    return None if name is None else _registrable(name)


@lru_cache(maxsize=2048)
def _registrable(name: str) -> str | None:
    """Look it up; the hops of a chain ask for the same few names, and a mailbox for the same few hosts."""
    registrable: str | None = _suffixes().privatesuffix(name)
    return registrable


def is_public_suffix(host: str) -> bool:
    """Tell whether names below this one belong to different organisations."""
    name = a_labels(host)
    return name is not None and bool(_suffixes().is_public(name))
