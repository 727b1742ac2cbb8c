"""Address lists, RFC 5322 §3.4 and §4.4."""

import json
import pathlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtrace.message.address import read_addresses
from mailtrace.message.encoded import decode_words

CASES = json.loads((pathlib.Path(__file__).parents[1] / "corpus/addresses/from.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_reads(case):
    found = [[m.name, m.address, m.domain] for m in read_addresses(case["value"])]
    assert found == case["mailboxes"]


@settings(max_examples=200)
@given(st.text(alphabet='a@.<>()"\\,;:[] =?utf-8qQ_\u202e\udc80', max_size=80))
def test_any_text_is_read(value):
    for mailbox in read_addresses(value):
        assert mailbox.address is None or not any(0xD800 <= ord(char) < 0xE000 for char in mailbox.address)


@pytest.mark.parametrize(
    "unit", ["(", "<", '"', '"\\', "[", "=?", "=?utf-8?q?", "a@", "a,", "a:", "a@b:", "(a)", "<a>"]
)
def test_hostile_repetition_ends(unit):
    read_addresses(unit * (200_000 // len(unit)))
    decode_words(unit * (200_000 // len(unit)))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=?utf-8?q?caf=C3=A9?=", "café"),
        ("=?UTF-8*en?Q?a_b?=", "a b"),
        ("=?iso-8859-1?q?caf=E9?= =?utf-8?b?IQ==?=", "café!"),
        ("=?utf-8?b?IQ?=", "!"),
        ("a =?utf-8?q?b?= c", "a b c"),
        ("=?no-such-charset?q?x?=", "x"),
        ("=?punycode?q?caf-dma?=", "caf-dma"),
        ("=?utf-8?q?=FF?=", "\ufffd"),
        ("plain \udcff", "plain \ufffd"),
        ("=?utf-8?x?y?=", "=?utf-8?x?y?="),
    ],
)
def test_decodes_words(value, text):
    assert decode_words(value) == text


@pytest.mark.parametrize(
    "group", ["ceo@bank.example", "Boss ceo@bank.example", "<ceo@bank.example>", "Boss <ceo@bank.example>"]
)
@pytest.mark.parametrize("rest", [":ann@example.com", ": Ann <ann@example.com>;"])
def test_an_address_in_the_place_of_a_group_s_name_is_a_candidate(group, rest):
    """RFC 5322 §3.4, §3.2.5: that name is a phrase, which has no bare @; readers may be shown either address."""
    assert [mailbox.domain for mailbox in read_addresses(group + rest)] == ["bank.example", "example.com"]


@pytest.mark.parametrize("group", ["Team", '"ops@bank.example"', "=?utf-8?q?ops=40bank?=", "Team (ops@bank.example)"])
def test_a_group_s_name_names_no_mailbox(group):
    assert [mailbox.domain for mailbox in read_addresses(f"{group}: ann@example.com;")] == ["example.com"]
