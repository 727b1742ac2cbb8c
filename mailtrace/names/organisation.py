"""The registrable domain: which hosts are one organisation, by the public suffix list (publicsuffix.org).

Used for the border between two sides, and for the organisational domain of RFC 7489 §3.2. The tree walk of
RFC 9989 is elsewhere (auth/), as it asks DNS. Both sections of the list count, ICANN's and the private one:
two customers of a hosting company are two organisations. The default rule `*` holds: an unlisted top-level
domain is a public suffix.
"""

import os
from functools import cache, lru_cache
from importlib.machinery import PathFinder

from mailtrace.names.domain import MAX_NAME, a_labels, u_labels


def _count_public(name: str) -> int:
    """Return how many labels at the end of a name are its public suffix.

    To take in all of the list's 10,000 rules, the library needs 35 ms: it is given those that can hold for the name,
    and only if there is a wildcard or an exception among them. Of plain rules the longest holds.
    """
    rules = _rules().below(u_labels(name))  # the list has U-labels
    if all(rule[0] not in "*!" for rule in rules):
        return max((rule.count(".") for rule in rules), default=0) + 1
    from publicsuffixlist import PublicSuffixList  # noqa: PLC0415 - few names need it

    # Rules in A-labels beside those in U-labels: where both are the same, the codec need not be imported.
    suffixes = PublicSuffixList(rules, accept_encoded_idn=not all(map(str.isascii, rules)))
    return str(suffixes.publicsuffix(name)).count(".") + 1


def _list_file() -> str:
    """Return where the list is: `publicsuffixlist.PSLFILE`, without an import."""
    package = PathFinder.find_spec("publicsuffixlist")
    if package is None or package.origin is None:
        raise ImportError("publicsuffixlist is not installed")
    return os.path.join(os.path.dirname(package.origin), "public_suffix_list.dat")  # noqa: PTH118, PTH120 - as below


_FEW = 20
"""Ends of names for which to search takes as long as to take the list apart."""
_MARKS = ("", "*.", "!")


class _Rules:
    """The list that the package carries, a rule on a line: read once, and only when a name is asked for."""

    def __init__(self) -> None:
        with open(_list_file(), "rb") as file:  # noqa: PTH123 - pathlib is slow to import
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
    labels, public = name.split("."), _count_public(name)
    return ".".join(labels[-public - 1 :]) if len(labels) > public else None


def is_public_suffix(host: str) -> bool:
    """Tell whether names below this one belong to different organisations."""
    name = a_labels(host)
    return name is not None and name.count(".") + 1 == _count_public(name)
