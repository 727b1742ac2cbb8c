"""Answers to what pyspf asks of its patterns, given without them where they are plain.

To compile these patterns takes as long as all else that SPF costs a run; what most records hold is told by a look. What
is not plain is left to the pattern itself, so that nothing is decided otherwise (tests/auth/test_spf_patterns.py).
"""

from ipaddress import AddressValueError, IPv6Address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable


class Rare:
    """A pattern that finds nothing in a text without this."""

    def __init__(self, pattern: "re.Pattern[str]", sign: str) -> None:
        self._pattern = pattern
        self._sign = sign

    def split(self, text: str) -> list[str]:
        """As `re.Pattern.split`."""
        return self._pattern.split(text) if self._sign in text else [text]

    def finditer(self, text: str) -> "Iterable[re.Match[str]]":
        """As `re.Pattern.finditer`."""
        return self._pattern.finditer(text) if self._sign in text else ()


class TopLabel:
    """The end of a domain: a top label, or a macro (RFC 7208 §7.1). Of what is split only the last is looked at."""

    def __init__(self, pattern: "re.Pattern[str]") -> None:
        self._pattern = pattern

    def split(self, text: str) -> list[str]:
        """As `re.Pattern.split`, at least in its last piece: empty where the text ends well."""
        _, dot, label = text.removesuffix(".").rpartition(".")
        is_plain = label.isascii() and label.isalnum() and not label.isdigit() and "%" not in text
        return ["", ""] if dot and is_plain else self._pattern.split(text)


class IPv4:
    """An address in dotted form. That it is one is all that is asked."""

    def __init__(self, pattern: "re.Pattern[str]") -> None:
        self._pattern = pattern

    def match(self, text: str) -> object:
        """True or a match, or neither."""
        if not text[:1].isdigit():
            return None
        parts = text.split(".")
        return (len(parts) == 4 and all(map(_is_octet, parts))) or self._pattern.match(text)


class IPv6:
    """An address with colons. That it is one is all that is asked."""

    def __init__(self, pattern: "re.Pattern[str]") -> None:
        self._pattern = pattern

    def match(self, text: str) -> object:
        """True or a match, or neither."""
        try:
            IPv6Address(text)
        except AddressValueError:
            return self._pattern.match(text)
        return "%" not in text or self._pattern.match(text)


def _is_octet(text: str) -> bool:
    return text in _OCTETS


_OCTETS = frozenset(map(str, range(256)))
