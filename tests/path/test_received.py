"""The scanner: every form by a case in tests/corpus/received, and what holds for any input."""

import pathlib
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtrace.message import parse
from mailtrace.path.kinds import kind_of_hop
from mailtrace.path.received import MAX_COMMENTS, MAX_LENGTH, protocol, read, scan
from mailtrace.path.recognition import TABLE

CORPUS = pathlib.Path(__file__).parent.parent / "corpus" / "received"
TEXT = ("helo", "client_name", "client_ip", "by", "via", "protocol", "id", "recipient", "mail_from", "tls_clause")


def cases():
    for file in sorted(CORPUS.glob("*.toml")):
        for case in tomllib.loads(file.read_text("utf-8"))["case"]:
            yield pytest.param(case, id=f"{file.stem}: {case['name']}")


@pytest.mark.parametrize("case", tuple(cases()))
def test_case(case):
    reading = read(case["value"])
    received = reading.received
    expected = {name: case.get(name) for name in (*TEXT, "received_at", "authenticated")}
    assert {name: getattr(received, name) for name in expected} == expected
    assert received.with_text == case.get("with_text", case.get("protocol"))
    assert (reading.dialect.software if reading.dialect else None) == case.get("software")
    assert str(kind_of_hop(reading)) == case["kind"]
    assert received.text == case["value"]


def test_every_row_has_a_case_that_shows_where_its_fields_stand():
    """Adding a form is one row and one case: the row without a case fails here, and the case without a row above."""
    seen = {id(read(case.values[0]["value"]).dialect) for case in cases()}
    assert not [row.sample for row in TABLE if id(row) not in seen]


def test_there_are_many_cases_and_no_two_alike():
    values = [case.values[0]["value"] for case in cases()]
    assert len(values) > 240
    assert len(set(values)) == len(values)


def test_comments_are_kept_in_order_and_whole():
    found = scan("from a (b [192.0.2.1] (c)) by d (Postfix) with ESMTP (e; f) id 1; 20 Oct 2026 10:00:00 +0000 (UTC)")
    assert found.comments == ("b [192.0.2.1] (c)", "Postfix", "e; f", "UTC")


@pytest.mark.parametrize("separator", [" ", "\t", "   ", "\t \t"])
def test_white_space_of_any_kind_separates(separator):
    value = "from a.example (a.example [192.0.2.1]) by b.example with ESMTP id 1; 20 Oct 2026 10:00:00 +0000"
    found, plain = scan(value.replace(" ", separator)), scan(value)
    assert (found.helo, found.by, found.client_ip, found.received_at) == (
        plain.helo,
        plain.by,
        plain.client_ip,
        plain.received_at,
    )


@pytest.mark.parametrize(
    "case", ["FROM a ({}) BY b WITH ESMTP ID X FOR <C@d.example>", "From a ({}) By b With ESMTP Id X"]
)
def test_keywords_in_any_case_and_values_as_written(case):
    found = scan(case.format("[192.0.2.1]") + "; 20 Oct 2026 10:00:00 +0000")
    assert (found.helo, found.by, found.protocol, found.id) == ("a", "b", "ESMTP", "X")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (None, None),
        ("ESMTPS", "ESMTPS"),
        ("utf8esmtpsa", "utf8esmtpsa"),
        ("ESMTP with STARTTLS", "ESMTP"),
        ("X encrypted SMTP", "SMTP"),
        ("Microsoft SMTPSVC", "Microsoft SMTPSVC"),
        ("NNFMP", "NNFMP"),
    ],
)
def test_protocol(words, expected):
    assert protocol(words) == expected


def test_a_name_that_the_client_chose_does_not_make_the_software():
    """The name of an address is its owner's choice, and stands in a comment."""
    found = read("from x (Postfix.evil.example [192.0.2.1]) by b.example with SMTP; 20 Oct 2026 10:00:00 +0000")
    assert found.dialect is None


HOSTILE = [
    "(",
    ")",
    "() ",
    "<",
    "<a",
    "[",
    "[[",
    '"',
    '"a ',
    "\\",
    "(\\",
    "; ",
    " ",
    "from ",
    "by ",
    "a (b [192.0.2.1]) by ",
]


@pytest.mark.parametrize("unit", [*HOSTILE, "1.", "with with ", "20 Oct 2026 10:00:00 ", "id for ", "(HELO ", "\u202e"])
def test_a_megabyte_of_anything_is_read_in_part(unit):
    value = (unit * (1_000_000 // len(unit) + 1))[:1_000_000]
    reading = read(f"from a.example ([192.0.2.1]) {value}")
    assert reading.is_cut
    assert reading.received.text.endswith(value)
    assert len(reading.received.comments) <= MAX_COMMENTS
    assert max(map(len, filter(None, (reading.received.helo, reading.received.by))), default=0) <= MAX_LENGTH


PIECES = st.sampled_from(
    (
        *HOSTILE,
        *("from", "by", "with", "id", "for", "via", "tls", "ESMTP", "192.0.2.1", "[192.0.2.1]", "a.example", "helo="),
        *("HELO ", "(Postfix)", "(Exim 4.9)", "2001:db8::1", "20 Oct 2026", "10:00:00", "+0000", "-0000"),
        *("\x00", "\udcff", "\u017f", "\u0661"),
    )
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=30).map(" ".join) | st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=200))
def test_any_text_gives_a_reading_and_the_same_twice(value):
    first, second = read(value), read(value)
    assert first == second
    assert kind_of_hop(first) == kind_of_hop(second)
    for name in (*TEXT, "with_text"):
        assert getattr(first.received, name) != ""


WORDS = st.sampled_from(
    (
        *(
            "pc",
            "by",
            "from",
            "with",
            "ESMTPS",
            "id",
            "for",
            "tls",
            "via",
            "mx.bank.example",
            "192.0.2.9",
            "?x?",
            "a=b",
        ),
        *("'", "Exim", "unknown", "localhost", "2001:db8::9", "envelope-from", "helo=x", "with,", "pps.filterd"),
    )
)


@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=8).map(" ".join))
def test_whatever_the_client_calls_itself_moves_nothing_else(helo):
    """Postfix keeps parentheses, brackets and semicolons out of HELO; everything else may come, blanks too."""
    rest = "(unknown [203.0.113.7]) by mx.example.net (Postfix) with ESMTP id 4ABC; Tue, 20 Oct 2026 10:00:00 +0000"
    found, honest = read(f"from {helo} {rest}"), read(f"from pc {rest}")
    assert found.dialect is honest.dialect
    for name in ("client_name", "client_ip", "by", "via", "protocol", "id", "recipient", "mail_from", "received_at"):
        assert getattr(found.received, name) == getattr(honest.received, name)


# How others write the same: HELO in its place, and where nothing else may move with it.
HELO_FORMS = {
    "Sendmail": "from {} (relay.example.net [203.0.113.7]) by mx.example.net (8.17.1/8.17.1) with ESMTPS id 30RC8; {}",
    "Exchange": "from {} (203.0.113.7) by ex.example.net (10.0.0.2) with Microsoft SMTP Server (TLS) id 15.1.2375.18; {}",
    "Gmail": "from {} ([203.0.113.7]) by mx.google.com with ESMTPS id x1si44pfu.4 for <ann@example.net>; {}",
    "Exim": "from relay.example.net ([203.0.113.7] helo={}) by mx.example.net with esmtps (Exim 4.98) id 1u-2-3; {}",
    "qmail": "from relay.example.net (HELO {}) (203.0.113.7) by mx.example.net with SMTP; {}",
    "Yahoo": "from 203.0.113.7 (EHLO {}) by mta1.mail.yahoo.com with SMTPS; {}",
    "James": "from relay.example.net (EHLO {}) ([203.0.113.7]) by mx.example.net (JAMES SMTP Server ) with ESMTPA ID 7; {}",
    "OpenSMTPD": "from {} (relay.example.net [203.0.113.7]) by mx.example.net (OpenSMTPD) with ESMTPS id e1; {}",
}
OTHERS = ("client_name", "client_ip", "by", "via", "protocol", "id", "recipient", "mail_from", "received_at")


@pytest.mark.parametrize("form", HELO_FORMS)
@settings(max_examples=60, deadline=None)
@given(helo=WORDS)
def test_one_word_of_the_client_moves_nothing_else(form, helo):
    """A keyword, an address, a name of ours: it is what the client called itself, and nothing follows from it."""
    date = "Tue, 20 Oct 2026 10:00:00 +0000"
    found, honest = (read(HELO_FORMS[form].format(word, date)) for word in (helo, "pc"))
    assert found.dialect is honest.dialect
    assert kind_of_hop(found) == kind_of_hop(honest)
    for name in OTHERS:
        assert getattr(found.received, name) == getattr(honest.received, name), name


BLANKS = st.sampled_from((" ", "\t", "  ", "\r\n\t", "\r\n        ", " \r\n "))


@settings(max_examples=400, deadline=None)
@given(case=st.sampled_from([case.values[0] for case in cases()]), data=st.data())
def test_folding_and_more_white_space_change_nothing(case, data):
    """RFC 5322 §2.2.3: a field may be folded wherever white space stands."""
    words = case["value"].split(" ")
    blanks = [data.draw(BLANKS) for _ in words[1:]]
    folded = words[0] + "".join(blank + word for blank, word in zip(blanks, words[1:], strict=True))
    raw = f"Received: {folded}\r\nFrom: ann@example.com\r\n\r\n".encode("utf-8", "surrogateescape")
    plain, found = read(case["value"]), read(parse(raw).all("received")[0].value)
    assert found.dialect is plain.dialect
    for name in (*TEXT, "received_at", "authenticated", "with_text"):
        assert getattr(found.received, name) == getattr(plain.received, name), name
    assert [" ".join(text.split()) for text in found.received.comments] == [
        " ".join(text.split()) for text in plain.received.comments
    ]
