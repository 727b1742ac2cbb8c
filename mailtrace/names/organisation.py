"""The registrable domain: which hosts are one organisation, by the public suffix list (publicsuffix.org).

Used for the border between two sides, and for the organisational domain of RFC 7489 §3.2. The tree walk of
RFC 9989 is elsewhere (auth/), as it asks DNS. Both sections of the list count, ICANN's and the private one:
two customers of a hosting company are two organisations. The default rule `*` holds: an unlisted top-level
domain is a public suffix.
"""

from functools import cache, lru_cache

from publicsuffixlist import PSLFILE, PublicSuffixList

from mailtrace.names.domain import MAX_NAME, a_labels, u_labels


def _suffixes(name: str) -> PublicSuffixList:
    """Return what of the list can hold for a name: to take in all its 10,000 rules, the library needs 35 ms."""
    rules = _rules().below(u_labels(name))  # the list has U-labels
    # Rules in A-labels beside those in U-labels: where both are the same, the codec need not be imported.
    return PublicSuffixList(rules, accept_encoded_idn=not all(map(str.isascii, rules)))


_FEW = 20
"""Ends of names for which to search takes as long as to take the list apart."""
_MARKS = ("", "*.", "!")


class _Rules:
    """The list that the package carries, a rule on a line: read once, and only when a name is asked for."""

    def __init__(self) -> None:
        with open(PSLFILE, "rb") as file:  # noqa: PTH123 - pathlib is slow to import
            self._text: bytes = b"\n" + file.read() + b"\n"
        self._lines: frozenset[bytes] = frozenset()
        self._known: dict[str, list[str] | None] = {}

    def below(self, name: str) -> list[str]:
        """Give the rules that a name or what is left of it at a dot is, or is below, or is an exception of."""
        labels, rules = name.split("."), list[str]()
        for at in range(len(labels) - 1, -1, -1):
            found = self._of(".".join(labels[at:]))
            if found is None:
                break
            rules += found
        return rules

    def _of(self, end: str) -> list[str] | None:
        """Give the rules that are made of an end of a name; None if no rule ends like it, and so none with more labels.

        The text is searched for the few names of one message, and taken apart for the many of a mailbox.
        """
        if self._lines or len(self._known) >= _FEW:
            self._lines = self._lines or frozenset(self._text.split(b"\n"))
            return [mark + end for mark in _MARKS if f"{mark}{end}".encode() in self._lines]
        if end not in self._known:
            is_there = f"{end}\n".encode() in self._text
            rules = [mark + end for mark in _MARKS if is_there and f"\n{mark}{end}\n".encode() in self._text]
            self._known[end] = rules if is_there else None
        return self._known[end]


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
