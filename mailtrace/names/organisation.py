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
    rules = _rules().below(u_labels(name))  # the list has U-labels
    # Rules in A-labels beside those in U-labels: where both are the same, the codec need not be imported.
    return PublicSuffixList(rules, accept_encoded_idn=not all(map(str.isascii, rules)))


_FEW = 25
"""Searches that take as long as to take the list apart."""


class _Rules:
    """The list that the package carries, a rule on a line: read once, and only when a name is asked for."""

    def __init__(self) -> None:
        with open(PSLFILE, "rb") as file:  # noqa: PTH123 - pathlib is slow to import
            self._text: bytes = b"\n" + file.read() + b"\n"
        self._searches = 0
        self._lines: frozenset[bytes] = frozenset()
        # There are about three hundred of these.
        self._marked = {mark: frozenset(_behind(mark, self._text)) for mark in (b"*.", b"!")}

    def below(self, name: str) -> list[str]:
        """Give the rules that a name or what is left of it at a dot is, or is below, or is an exception of."""
        labels, rules = name.split("."), list[str]()
        for at in range(len(labels) - 1, -1, -1):
            end = ".".join(labels[at:])
            octets = end.encode()
            if not self._may_end(octets):
                break
            if self._has(octets):
                rules.append(end)
            rules += [f"{mark.decode()}{end}" for mark, ends in self._marked.items() if octets in ends]
        return rules

    def _may_end(self, octets: bytes) -> bool:
        """Tell whether a rule may end like this: if none does, none has more labels in front of it, either.

        Search the text for a few names, as one message has; take it apart for the many of a mailbox.
        """
        self._searches += 1
        if self._searches > _FEW:
            self._lines = self._lines or frozenset(self._text.split(b"\n"))
            return True
        return octets + b"\n" in self._text

    def _has(self, octets: bytes) -> bool:
        return octets in self._lines if self._lines else b"\n" + octets + b"\n" in self._text


def _behind(mark: bytes, text: bytes) -> Iterator[bytes]:
    """Yield what stands behind a mark at the beginning of a line."""
    at = text.find(mark[:1])  # of one octet, which is ten times as fast
    while at >= 0:
        end = text.find(b"\n", at)
        if text.startswith(b"\n" + mark, at - 1):
            yield text[at + len(mark) : end]
        at = text.find(mark[:1], end)


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
