"""Suites in every spelling, and what the default profile (RFC 9325) makes of them."""

import pathlib
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtrace.records import replace
from mailtrace.results import Grade, TLSBasis
from mailtrace.transport import DEFAULT
from mailtrace.transport.ciphers import Trait, is_tls13, read_suite
from mailtrace.transport.grade import grade, worst
from mailtrace.transport.tls import _forward_secrecy
from mailtrace.transport.types import TLSInfo

SUITES = tomllib.loads((pathlib.Path(__file__).parents[1] / "corpus/transport/suites.toml").read_text())["suite"]


def tls(version, cipher):
    if version is None and cipher and is_tls13(cipher):
        version = "TLSv1.3"
    return TLSInfo(
        version=version,
        cipher=cipher,
        bits=None,
        forward_secrecy=_forward_secrecy(version, cipher),
        peer_verified=None,
        basis=TLSBasis.COMMENT,
    )


@pytest.mark.parametrize("case", SUITES, ids=lambda case: f"{case['name']}-{case.get('version')}")
def test_suite(case):
    info = tls(case.get("version"), case["name"])
    suite = read_suite(case["name"])
    assert info.forward_secrecy is case.get("forward_secrecy")
    assert grade(info) == case.get("grade")
    assert [str(trait) for trait in suite.traits] == case.get("traits", []) if suite else "traits" not in case


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("SSLv2", "broken"),
        ("SSLv3", "broken"),
        ("TLSv1", "weak"),
        ("TLSv1.1", "weak"),
        ("TLSv1.2", None),
        ("TLSv1.3", "strong"),
        (None, None),
    ],
)
def test_version_alone(version, expected):
    """rfc8996: an old version is bad whatever the suite; TLS 1.2 alone says too little; TLS 1.3 has no weak suites."""
    assert grade(tls(version, None)) == expected


def test_a_profile_is_data():
    strict = replace(DEFAULT, name="strict", versions={**DEFAULT.versions, "TLSv1.2": Grade.WEAK})
    info = tls("TLSv1.2", "ECDHE-RSA-AES256-GCM-SHA384")
    assert (grade(info), grade(info, strict)) == (Grade.STRONG, Grade.WEAK)


def test_the_default_profile_speaks_of_every_trait_and_version():
    assert set(DEFAULT.traits) == set(Trait)
    assert set(DEFAULT.versions) == {"SSLv2", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"}


@given(st.lists(st.sampled_from(list(Grade)), min_size=1))
def test_worst_is_one_of_them_and_order_does_not_matter(grades):
    assert worst(*grades) in grades
    assert worst(*grades) == worst(*reversed(grades))


@given(st.text(max_size=200) | st.text(alphabet="AESDHRCGMTLS_-0123456789", max_size=200))
def test_any_name_is_read_without_complaint(name):
    suite = read_suite(name)
    assert suite is None or (Trait.STATIC_KEY in suite.traits) is (suite.forward_secrecy is False)


@given(st.sampled_from(SUITES))
def test_case_and_separators_do_not_matter(case):
    name = case["name"]
    assert read_suite(name.lower().replace("_", "-")) == read_suite(name)
