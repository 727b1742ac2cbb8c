"""Fields that share a form are read once: what comes out is what reading each by itself gives."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailtrace.path import received
from mailtrace.path.forms import Kept, of_form, take_apart

CASES = Path(__file__).parents[1] / "corpus"
POSTFIX = (
    "from a.example (a.example [192.0.2.1]) by mx.example.net (Postfix) with ESMTPS id 4ABC1 for <bob@example.net>;"
    " Fri, 1 May 2026 10:00:00 +0000 (UTC)"
)
EXIM = (
    "from a.example ([192.0.2.1]) by mx.example.net with esmtps (TLS1.3) tls TLS_AES_256_GCM_SHA384 (Exim 4.98)"
    " (envelope-from <ann@example.com>) id 1uAbCd-00000001234-0aBc for bob@example.net; Fri, 01 May 2026 12:00:00 +0200"
)
# What makes or breaks a clause, put anywhere.
PIECES = (
    " id ", " id 4abc1 ", " id 12for <a@b.example>", "(", ")", ";", "; ", '"', "\\", "<", ">", "[", "]", " by ", " for ",
    " with ESMTPS ", " from ", " (UTC)", " envelope-from <x@y.example> ", " (envelope-from <x@y.example>)", "\ue000",
    "\ue001@e.invalid", " Fri, 1 May 2026 10:00:00 +0000", " (Authenticated sender: x@y.example)", "  ", "é",
)  # fmt: skip


def alone(value):
    return received._read(value, " ".join(value[: received.MAX_LENGTH].split()))


def corpus():
    for path in sorted((CASES / "received").rglob("*.toml")):
        for case in tomllib.loads(path.read_text("utf-8")).get("case", ()):
            yield case["field"] if "field" in case else case.get("value", "")


@pytest.mark.parametrize(
    ("value", "id_", "other"),
    [(POSTFIX, "4ABC1", "4DEF2"), (EXIM, "1uAbCd-00000001234-0aBc", "1vAbCd-00000009876-0aBc")],
)
def test_the_usual_forms_are_taken_apart(value, id_, other):
    parts = take_apart(value)
    assert (parts.id, parts.at) == (id_, datetime(2026, 5, 1, 10, tzinfo=UTC))
    assert received.read(value).kept is received.read(value.replace(id_, other)).kept


def test_an_envelope_sender_is_no_part_of_the_form():
    other = EXIM.replace("ann@example.com", "bounces+17@example.com")
    one, two = received.read(EXIM), received.read(other)
    assert one.kept is two.kept
    assert (one.received.mail_from, two.received.mail_from) == ("ann@example.com", "bounces+17@example.com")
    assert "envelope-from <bounces+17@example.com>" in two.received.comments


@pytest.mark.parametrize("sender", ["tlsv1.3@example.com", "x-SSL@example.com", "ann=b@example.com", '"a"@example.com'])
def test_a_sender_that_could_speak_of_encryption_stays_in_its_field(sender):
    value = EXIM.replace("ann@example.com", sender)
    assert take_apart(value).sender is None
    assert received.read(value) == alone(value)


def test_the_cases_of_the_corpus():
    values = list(corpus())
    assert len(values) > 100
    for value in values:
        assert received.read(value) == alone(value)


@given(
    st.sampled_from([POSTFIX, EXIM]),
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 6), st.sampled_from(PIECES)), max_size=4),
)
@example(POSTFIX, [(0, 0, "\ue000")])
@example(POSTFIX, [(84, 3, "12for")])
def test_any_change_of_a_field(value, changes):
    for at, length, piece in changes:
        value = value[:at] + piece + value[at + length :]
    assert received.read(value) == alone(value)


def test_what_follows_from_a_form_is_asked_once():
    asked = []

    class Field:
        def __init__(self, kept):
            self.kept = kept

    @of_form
    def judge(field, *rest):
        asked.append((field, *rest))
        return len(asked)

    kept = Kept()
    assert [judge(Field(kept)), judge(Field(kept)), judge(Field(kept), 1), judge(Field(kept), 1)] == [1, 1, 2, 2]
    assert judge(Field(Kept())) == 3
