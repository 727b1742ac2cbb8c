"""What is answered without a pattern of pyspf is what the pattern answers."""

import importlib.util
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtrace.auth.spf_patterns import IPv4, IPv6, Rare, TopLabel


@pytest.fixture(scope="module")
def pyspf():
    """The library as it is, with patterns that nobody has exchanged."""
    spec = importlib.util.find_spec("spf")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert all(isinstance(each, re.Pattern) for each in (module.RE_IP4, module.RE_IP6, module.RE_TOPLAB))
    return module


V4 = ["192.0.2.1", "0.0.0.0", "255.255.255.255", "256.1.1.1", "01.2.3.4", "1.2.3", "1.2.3.4.5", "1.2.3.4\n", "all", "", "1.2.3.²"]  # fmt: skip
V6 = ["::", "::1", "2001:db8::1", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::192.0.2.1", "::192.0.2.01", "1::2::3", ":::", "12345::", "fe80::1%eth0", "2001:DB8::A", "1:2:3:4:5:6:7:8:9", "::1\n", ""]  # fmt: skip
DOMAINS = ["example.com", "example.com.", "example.", "example", "a.b.123", "a.b.1a", "a.x--y", "a.-x", "%{d}", "x.%{i}", "%{d}.com", "a..com", "a.b c", "a.com\n", "bücher.ex", "a.²", ""]  # fmt: skip

octets = st.integers(0, 300).map(str) | st.sampled_from(["", "00", "1a"])
dotted = st.lists(octets, min_size=3, max_size=5).map(".".join)
colons = st.lists(st.sampled_from(["", "0", "f", "abcd", "12345", "1.2.3.4", "g"]), max_size=9).map(":".join)
domains = st.text(st.sampled_from("ab1-.%{d}_ ²é"), max_size=14)


@given(dotted | colons | st.sampled_from([*V4, *V6]))
def test_addresses(pyspf, text):
    assert bool(IPv4(pyspf.RE_IP4).match(text)) is bool(pyspf.RE_IP4.match(text))
    assert bool(IPv6(pyspf.RE_IP6).match(text)) is bool(pyspf.RE_IP6.match(text))


@given(domains | st.sampled_from(DOMAINS))
def test_the_end_of_a_domain(pyspf, text):
    assert bool(TopLabel(pyspf.RE_TOPLAB).split(text)[-1]) is bool(pyspf.RE_TOPLAB.split(text)[-1])


@given(st.text(st.sampled_from("ad=%{}/-_1."), max_size=12))
def test_what_is_rare(pyspf, text):
    for name, sign in (("RE_MODIFIER", "="), ("RE_DUAL_CIDR", "//"), ("RE_CIDR", "/")):
        pattern = getattr(pyspf, name)
        assert Rare(pattern, sign).split(text) == pattern.split(text)
    spans = [[match.span() for match in each.finditer(text)] for each in (Rare(pyspf.RE_CHAR, "%"), pyspf.RE_CHAR)]
    assert spans[0] == spans[1]
