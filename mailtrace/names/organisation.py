"""The registrable domain: which hosts are one organisation, by the public suffix list (publicsuffix.org).

Used for the border between two sides, and for the organisational domain of RFC 7489 §3.2. The tree walk of
RFC 9989 is elsewhere (auth/), as it asks DNS. Both sections of the list count, ICANN's and the private one:
two customers of a hosting company are two organisations. The default rule `*` holds: an unlisted top-level
domain is a public suffix.
"""

from collections.abc import Iterator
from functools import cache, lru_cache

from publicsuffixlist import PSLFILE, PublicSuffixList

from mailtrace.names.domain import MAX_NAME, a_labels, u_labels


def _suffixes(name: str) -> PublicSuffixList:
    """Return what of the list can hold for a name: to take in all its 10,000 rules, the library needs 35 ms."""
    # The list has U-labels; what is left of the name at each dot is a rule, or is below a wildcard, or its exception.
    labels = u_labels(name).split(".")
    ends = [".".join(labels[at:]) for at in range(len(labels))]
    rules = [rule for end in ends for rule in _rules().of(end)]
    # Rules in A-labels beside those in U-labels: where both are the same, the codec need not be imported.
    return PublicSuffixList(rules, accept_encoded_idn=not all(map(str.isascii, rules)))


class _Rules:
    """The list that the package carries, a rule on a line: read once, and only when a name is asked for."""

    def __init__(self) -> None:
        with open(PSLFILE, "rb") as file:  # noqa: PTH123 - pathlib is slow to import
            text = b"\n" + file.read() + b"\n"
        self._text: bytes = text
        self._searches = 0
        self._lines: frozenset[bytes] = frozenset()
        # There are about a hundred of these.
        self._marked = {
            mark: frozenset(rest.partition(b"\n")[0] for rest in text.split(b"\n" + mark)[1:]) for mark in (b"*.", b"!")
        }

    def of(self, end: str) -> Iterator[str]:
        """Give the rules that are made of this end of a name."""
        octets = end.encode()
        if self._has(octets):
            yield end
        for mark, ends in self._marked.items():
            if octets in ends:
                yield f"{mark.decode()}{end}"

    def _has(self, rule: bytes) -> bool:
        """Search the text for a few names, as one message has; take it apart for the many of a mailbox."""
        if not self._lines and self._searches < _FEW:
            self._searches += 1
            return b"\n" + rule + b"\n" in self._text
        self._lines = self._lines or frozenset(self._text.split(b"\n"))
        return rule in self._lines


_FEW = 50
"""Searches that take as long as to take the list apart."""


@cache
def _rules() -> _Rules:
    return _Rules()


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
