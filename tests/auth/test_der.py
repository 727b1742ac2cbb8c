"""RSA keys in their two forms: what is read here is what the library reads, and what is not is left to it."""

import itertools

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from hypothesis import given
from hypothesis import strategies as st

from mailtrace.auth.der import rsa_numbers
from mailtrace.auth.dkim_crypto import load_key

KEY = rsa.generate_private_key(65537, 1024).public_key()
NUMBERS = (KEY.public_numbers().n, 65537)
INFO = KEY.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
BARE = KEY.public_bytes(Encoding.DER, PublicFormat.PKCS1)
NULL = bytes.fromhex("0500")


def element(tag, content):
    length = len(content)
    written = length.to_bytes((length.bit_length() + 7) // 8, "big") if length > 127 else b""
    return bytes([tag, 0x80 | len(written) if written else length]) + written + content


def bare(*numbers):
    return element(0x30, b"".join(element(2, n.to_bytes(n.bit_length() // 8 + 1, "big", signed=True)) for n in numbers))


@pytest.mark.parametrize("octets", [INFO, BARE, bare(*NUMBERS)], ids=["SubjectPublicKeyInfo", "RSAPublicKey", "own"])
def test_rfc6376_3_6_1_both_forms_are_read(octets):
    assert rsa_numbers(octets) == NUMBERS


@pytest.mark.parametrize("bits", [512, 1024, 1031, 2048, 4096])
def test_every_size_is_read(bits):
    modulus = (1 << bits - 1) | 1
    for exponent in (3, 17, 65537, (1 << 33) - 1):
        assert rsa_numbers(bare(modulus, exponent)) == (modulus, exponent)


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"0",
        INFO + b"\0",
        BARE + b"\0",
        INFO[:-1],
        INFO.replace(NULL, b""),
        bare(*NUMBERS, 3),
        bare(-NUMBERS[0], 3),
        bare(0, 3),
        element(0x30, element(2, b"") + element(2, b"\3")),
        element(0x30, element(2, b"\0\0\7") + element(2, b"\3")),
        b"\x30\x80" + BARE[4:] + b"\0\0",
        b"\x30\x83\0" + BARE[2:],
        ec.generate_private_key(ec.SECP256R1())
        .public_key()
        .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
    ],
    ids=itertools.count(),
)
def test_what_is_not_exactly_such_a_form_is_left_to_the_library(octets):
    assert rsa_numbers(octets) is None


def by_library(octets):
    try:
        return load_der_public_key(octets).public_numbers()
    except Exception:  # noqa: BLE001 - whatever it is
        return None


def ours(octets):
    try:
        return load_key("rsa", octets).key.public_numbers()
    except ValueError:
        return None


@given(st.sampled_from([INFO, BARE]), st.integers(0, 200), st.binary(max_size=3), st.integers(0, 3))
def test_a_key_with_some_octets_changed_is_what_the_library_takes_it_for(key, at, put, taken):
    octets = key[:at] + put + key[at + taken :]
    if rsa_numbers(octets) is not None:
        assert ours(octets) == by_library(octets)


@given(st.integers(0, 1 << 1100), st.integers(0, 1 << 40))
def test_numbers_that_are_no_key_are_refused_like_there(modulus, exponent):
    octets = bare(modulus, exponent)
    expected = by_library(octets)
    if expected is not None and expected.e >= 1 << 33:
        expected = None
    assert ours(octets) == expected


@given(st.binary(max_size=64))
def test_any_octets_are_a_key_or_none(octets):
    assert rsa_numbers(octets) is None or by_library(octets) is not None or ours(octets) is None
