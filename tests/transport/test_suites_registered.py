"""Every library's spelling of a suite leads to the one name in the IANA registry, and none is guessed."""

import pathlib
import re
import ssl
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtrace.transport.suites import _core, _other_libraries, _printed, _rows, iana_name, registered

CASES = tomllib.loads((pathlib.Path(__file__).parents[1] / "corpus/transport/names.toml").read_text())["name"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['printed']}-{case.get('version')}")
def test_name(case):
    assert iana_name(case["printed"], case.get("version")) == case.get("iana")


def test_the_table_is_whole():
    rows = list(_rows())
    codes = [row[0] for row in rows]
    assert len(rows) == len(set(codes)) == len({row[1] for row in rows}) > 340
    assert all(re.fullmatch(r"TLS_[A-Za-z0-9_]+", row[1]) for row in rows)
    printed = [name for row in rows for name in row[2:]]
    assert len(printed) == len(set(printed)) > 240


def test_every_spelling_in_the_table_leads_to_its_row():
    for _, iana, *printed in _rows():
        for name in (iana, *printed, f"{iana}_P256", *_other_libraries(iana)):
            assert iana_name(name) == iana, name
            assert iana_name(name.lower().replace("_", "-")) == iana, name


@pytest.fixture(scope="module")
def names():
    """Every spelling, upper case and with `_` alone, and the suites that it can mean."""
    found = {}
    for _, iana, *printed in _rows():
        for spelling in (iana, *printed, *_other_libraries(iana)):
            found.setdefault(spelling.upper().replace("-", "_"), set()).add(iana)
    return found


def test_what_the_tables_spell_means_the_same_among_all_spellings(names):
    """The table is asked first, so it may know nothing that follows otherwise from a rule, or is ambiguous."""
    assert len(_printed()) > 600
    assert {spelling: names[spelling] for spelling in _printed()} == {
        spelling: {iana} for spelling, iana in _printed().items()
    }


def test_no_spelling_means_two_suites(names):
    assert [spelling for spelling, meant in names.items() if len(meant) > 1] == []


def test_all_spellings_of_a_suite_have_one_core(names):
    for spelling, meant in names.items():
        if spelling not in _printed():
            assert {_core(spelling)} == {_core(iana.upper()) for iana in meant}, spelling


def test_this_machine_s_openssl_agrees():
    """OpenSSL gives its name and the code point that goes over the wire; both must lead to one row."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    ciphers = context.get_ciphers()
    assert len(ciphers) > 60
    for cipher in ciphers:
        assert iana_name(cipher["name"]) == registered()[f"{cipher['id'] & 0xFFFF:04X}"]


@given(
    st.text(max_size=200) | st.text(alphabet="AESDHRCGMTLS_-0123456789", max_size=200),
    st.sampled_from([None, "TLSv1.3", "TLSv1.2"]),
)
def test_a_name_is_registered_or_none(text, version):
    found = iana_name(text, version)
    assert found is None or found in registered().values()
