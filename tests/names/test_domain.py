"""Names as they are compared: RFC 5890, RFC 5891, RFC 1035."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtrace.names.domain import a_labels, u_labels

ACCEPTED = {
    "Example.COM": "example.com",
    "example.com.": "example.com",
    "_dmarc.example.com": "_dmarc.example.com",
    "a-b.example": "a-b.example",
    "-odd-.example": "-odd-.example",
    "localhost": "localhost",
    "Bücher.example": "xn--bcher-kva.example",
    "BÜCHER.example": "xn--bcher-kva.example",
    "straße.example": "xn--strae-oqa.example",  # IDNA 2003 would say strasse
    "XN--BCHER-KVA.example": "xn--bcher-kva.example",
    "b\u0430nk.example": "xn--bnk-6cd.example",  # Cyrillic a: another domain, and stays one
    "1.example": "1.example",
    "a" * 63 + ".example": "a" * 63 + ".example",
}


@pytest.mark.parametrize(("given_name", "expected"), ACCEPTED.items())
def test_accepted(given_name, expected):
    assert a_labels(given_name) == expected


REFUSED = {
    "empty": "",
    "root": ".",
    "leading-dot": ".example.com",
    "empty-label": "a..example",
    "two-final-dots": "example.com..",
    "literal": "[192.0.2.1]",
    "literal-v6": "[IPv6:2001:db8::1]",
    "address": "192.0.2.1",
    "address-v6": "2001:db8::1",
    "blank": "exam ple.com",
    "newline": "example.com\n",
    "at": "a@example.com",
    "rfc1035-2.3.4-label": "a" * 64 + ".example",
    "rfc1035-2.3.4-name": ".".join(["a" * 63] * 4),
    "rfc1035-2.3.4-a-label": "ü" * 63 + ".example",
    "zero-width": "ba\u200bnk.example",
    "soft-hyphen": "ba\u00adnk.example",
    "joiner": "ba\u2060nk.example",
    "bidi": "ba\u202enk.example",
    "kelvin": "ban\u212a.example",
    "full-width": "\uff42ank.example",
    "ideographic-dot": "bank\u3002example",
    "emoji": "\U0001f600.example",
    "surrogate": "b\udcfcnk.example",
    "nul": "a\0.example",
    "not-nfc": "bu\u0308cher.example",
}


@pytest.mark.parametrize("name", REFUSED.values(), ids=REFUSED.keys())
def test_refused(name):
    assert a_labels(name) is None


def test_hostile_length():
    assert a_labels("ü." * 1_000_000) is None
    assert u_labels("xn--a." * 100_000) == "xn--a." * 100_000


@settings(max_examples=200)
@given(st.text(max_size=80))
def test_what_is_accepted_is_canonical(name):
    """A-labels are a fixed point, lower case, ASCII, within the limits of RFC 1035 §2.3.4."""
    result = a_labels(name)
    if result is not None:
        assert a_labels(result) == result == result.lower()
        assert result.isascii()
        assert all(0 < len(label) <= 63 for label in result.split("."))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("xn--bcher-kva.example", "bücher.example"),
        ("example.com", "example.com"),
        ("xn--a.example", "xn--a.example"),
        ("xn--" + "a" * 70 + ".example", "xn--" + "a" * 70 + ".example"),
        ("xn--g6h.example", "xn--g6h.example"),  # a symbol: not valid in IDNA 2008, so not shown as one
    ],
)
def test_for_display(name, shown):
    assert u_labels(name) == shown
