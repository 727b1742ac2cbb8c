"""Addresses as Received fields write them, and what only looks like one."""

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtrace.path.addresses import AddressKind, is_impossible_literal, is_within, kind_of, read_address


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("[192.0.2.1]", "192.0.2.1"),
        ("[192.0.2.1]:2525", "192.0.2.1"),
        ("[192.0.2.1:2525]", "192.0.2.1"),
        ("192.0.2.1:2525", "192.0.2.1"),
        ("[10.0.8.6.13219]", "10.0.8.6"),
        ("[(192.0.2.1)]", "192.0.2.1"),
        ("192.0.2.1,", "192.0.2.1"),
        ("[IPv6:2001:DB8::1]", "2001:db8::1"),
        ("[IPV6:2001:db8:0:0:0:0:0:1]", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("fe80::1%9", "fe80::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("[IPv6:fd:ac::d:10]", "fd:ac::d:10"),
    ],
)
def test_read(text, expected):
    assert read_address(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "a.example",
        "15.20.6631.42",
        "192.0.2.300",
        "192.0.2",
        "010.0.0.1",
        "1.2.3.4.5.6",
        "[unix socket]",
        "local",
        "Mon, 06 Nov 2023",
        "4ABC",
        "::1::",
        "1" * 1000,
        "١٩٢.0.2.1",
        "2023.12.14.06.48.20",
    ],
)
def test_what_is_none(text):
    assert read_address(text) is None


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("127.0.0.6", AddressKind.LOOPBACK),
        ("::1", AddressKind.LOOPBACK),
        ("10.1.2.3", AddressKind.PRIVATE),
        ("172.20.0.45", AddressKind.PRIVATE),
        ("172.32.0.1", AddressKind.PUBLIC),
        ("192.168.1.1", AddressKind.PRIVATE),
        ("100.127.93.20", AddressKind.PRIVATE),
        ("169.254.1.1", AddressKind.PRIVATE),
        ("fe80::1", AddressKind.PRIVATE),
        ("fd00::1", AddressKind.PRIVATE),
        ("fd:ac::d:10", AddressKind.PUBLIC),
        ("192.0.2.1", AddressKind.PUBLIC),
        ("2001:db8::1", AddressKind.PUBLIC),
        ("224.0.0.1", AddressKind.IMPOSSIBLE),
        ("ff02::1", AddressKind.IMPOSSIBLE),
        ("255.255.255.255", AddressKind.IMPOSSIBLE),
    ],
)
def test_kind(address, kind):
    assert kind_of(address) is kind


def test_an_octet_above_255_is_impossible_and_a_build_is_not():
    assert is_impossible_literal("192.0.2.300")
    assert not is_impossible_literal("15.20.6631.42")
    assert not is_impossible_literal("192.0.2.3")


def test_networks_of_the_other_family_hold_nothing():
    networks = (ipaddress.ip_network("2001:db8::/32"), ipaddress.ip_network("192.0.2.0/24"))
    assert is_within("192.0.2.9", networks)
    assert not is_within("198.51.100.1", networks)


@settings(max_examples=200, deadline=None)
@given(st.ip_addresses())
def test_every_address_is_read_in_its_canonical_form(address):
    mapped = getattr(address, "ipv4_mapped", None)
    assert read_address(f"[{'IPv6:' if address.version == 6 else ''}{address}]") == str(mapped or address)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="0123456789abcdef:.[]()%IPv6 ", max_size=50))
def test_what_is_read_is_canonical(text):
    found = read_address(text)
    assert found is None or str(ipaddress.ip_address(found)) == found
