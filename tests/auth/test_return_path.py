"""Envelope senders that were rewritten, by a case each; and what is said of them."""

import pathlib
import tomllib
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtrace.auth.return_path import LIMIT, read_back

CASES = tomllib.loads((pathlib.Path(__file__).parent.parent / "corpus/return_path/cases.toml").read_text("utf-8"))[
    "case"
]
RECEIVED = datetime(2026, 10, 20, 23, 30, tzinfo=UTC)
FIELDS = ("kind", "original", "recipient", "by", "account", "first", "on")


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case):
    found = read_back(case["mail_from"], RECEIVED)
    expected = {name: case.get(name) for name in FIELDS}
    assert (found and {name: getattr(found, name) for name in FIELDS}) == (expected if case.get("kind") else None)


def test_without_a_time_no_day_is_named():
    assert read_back("SRS0=4hX2=IK=example.org=ann@forwarder.example").on is None


@pytest.mark.parametrize(
    "mail_from", [None, "", "@", "a@", "=" * 100_000 + "@a.example", "SRS0=" * 50_000 + "@a.example"]
)
def test_what_is_no_address(mail_from):
    assert read_back(mail_from, RECEIVED) is None


WORDS = st.text(alphabet="abcXYZ019.-_", min_size=1, max_size=12)
DOMAINS = st.builds("{}.example".format, st.text(alphabet="abc", min_size=1, max_size=8))


@given(WORDS, DOMAINS, DOMAINS, st.integers(min_value=0, max_value=1023))
def test_srs_is_read_back_to_what_was_put_in(user, domain, forwarder, day):
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    found = read_back(f"SRS0=hash={letters[day // 32]}{letters[day % 32]}={domain}={user}@{forwarder}", RECEIVED)
    assert (found.original, found.by) == (f"{user}@{domain}", forwarder)
    assert 0 <= (date(2026, 10, 20) - found.on).days < 1024
    assert (found.on - date(1970, 1, 1)).days % 1024 == day


@given(st.text(max_size=2 * LIMIT))
def test_any_text_gives_an_answer(text):
    found = read_back(text, RECEIVED)
    assert found is None or found.by == found.by.lower()
