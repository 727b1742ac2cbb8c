"""`--resolver`: what is an address of a resolver, and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtrace.errors import ResolverError
from mailtrace.resolver.address import ServerAddress, parse_address

GOOD = {
    "192.0.2.53": ("dns", "192.0.2.53", 53, None, None),
    " 192.0.2.53:5353 ": ("dns", "192.0.2.53", 5353, None, None),
    "2001:db8::53": ("dns", "2001:db8::53", 53, None, None),
    "[2001:db8::53]": ("dns", "2001:db8::53", 53, None, None),
    "[2001:db8::53]:5353": ("dns", "2001:db8::53", 5353, None, None),
    "fe80::1%eth0": ("dns", "fe80::1%eth0", 53, None, None),
    "tls://192.0.2.53": ("dot", "192.0.2.53", 853, "192.0.2.53", None),
    "tls://dns.example": ("dot", "dns.example", 853, "dns.example", None),
    "TLS://DNS.example.:8853/": ("dot", "dns.example", 8853, "dns.example", None),
    "tls://192.0.2.53:853#dns.example": ("dot", "192.0.2.53", 853, "dns.example", None),
    "tls://[2001:db8::53]:853#dns.example": ("dot", "2001:db8::53", 853, "dns.example", None),
    "tls://2001:db8::53": ("dot", "2001:db8::53", 853, "2001:db8::53", None),
    "https://dns.example": ("doh", "dns.example", 443, "dns.example", "/dns-query"),
    "https://dns.example/dns-query{?dns}": ("doh", "dns.example", 443, "dns.example", "/dns-query"),
    "https://dns.example:8443/q?key=1": ("doh", "dns.example", 8443, "dns.example", "/q?key=1"),
    "https://192.0.2.53/": ("doh", "192.0.2.53", 443, "192.0.2.53", "/"),
    "https://[2001:db8::53]:8443/q": ("doh", "2001:db8::53", 8443, "2001:db8::53", "/q"),
}
BAD = [
    "", " ", "dns.example", "192.0.2", "192.0.2.53:", "192.0.2.53:0", "192.0.2.53:65536", "192.0.2.53:x", "[192.0.2.53]",
    "[2001:db8::53", "2001:db8::53]:53", "udp://192.0.2.53", "http://dns.example/", "tls://", "tls://192.0.2", "https://",
    "https://user@dns.example/", "https://dns.example/#x", "https://dns.example/{x}", "https://a b/",
    "https://b\u00fccher.example/", "192.0.2.53\x1b[31m", "9" * 5000, "tls://-x.example", "https://[::1/",
]  # fmt: skip


@pytest.mark.parametrize("text", GOOD)
def test_an_address_is_read(text):
    address = parse_address(text)
    assert (address.protocol, address.host, address.port, address.server_name, address.path) == GOOD[text]
    assert address.text == text.strip()


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_address_is_refused_in_one_line(text):
    with pytest.raises(ResolverError) as refusal:
        parse_address(text)
    assert str(refusal.value).isprintable()
    assert len(str(refusal.value)) < 200


@given(st.text() | st.text(alphabet="[]:./#%@0192abhtps{?}", max_size=40))
def test_any_text_is_an_address_or_refused(text):
    refusals = []
    try:
        assert isinstance(parse_address(text), ServerAddress)
    except ResolverError as refusal:
        refusals.append(str(refusal))
    assert all(refusal.isprintable() for refusal in refusals)
