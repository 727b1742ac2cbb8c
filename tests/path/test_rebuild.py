"""The hop chain as a whole: the border by each sentence of the design, order, delays, standing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtrace.message import parse
from mailtrace.path import rebuild

OUT = "from out.example.com (out.example.com [192.0.2.1]) by mx.example.net (Postfix) with ESMTPS id A1; {}"
LMTP = "from mx.example.net ([127.0.0.1]) by mx.example.net (Postfix) with LMTP id B1; {}"
OWN = "from laptop (unknown [198.51.100.7]) by out.example.com (Postfix) with ESMTPSA id C1; {}"
NOON = "Tue, 20 Oct 2026 12:00:00 +0000"


def path_of(*fields, trust=(), dates=None):
    """Newest first, as in a header."""
    dates = dates or [NOON] * len(fields)
    lines = [f"Received: {field.format(date)}" for field, date in zip(fields, dates, strict=True)]
    return rebuild(parse("\r\n".join([*lines, "From: a@example.com", "", ""]).encode()), trust)


def border_of(*fields, trust=()):
    path = path_of(*fields, trust=trust)
    return path.border_hop.field if path.border_hop else None


def test_physical_order_is_the_order():
    path = path_of(LMTP, OUT, OWN, dates=[NOON, "Tue, 20 Oct 2026 13:30:00 +0000", NOON])
    assert [(hop.index, hop.field, hop.received.id) for hop in path.hops] == [(0, 2, "C1"), (1, 1, "A1"), (2, 0, "B1")]
    assert [hop.delay_seconds for hop in path.hops] == [None, 5400.0, -5400.0]


def test_the_first_client_outside_is_the_border():
    path = path_of(LMTP, OUT, OWN)
    assert (path.border, path.border_source, path.receiver) == (1, "inferred", "example.net")
    assert [str(hop.standing) for hop in path.hops] == ["claimed", "trusted", "trusted"]


@pytest.mark.parametrize(
    "inner",
    [
        "from filter ([10.0.0.5]) by mx.example.net (Postfix) with ESMTP id X; {}",  # private
        "from a ([127.0.0.1]) by b.example.net (Postfix) with ESMTP id X; {}",  # loopback
        "from relay.example.net (relay.example.net [203.0.113.5]) by box.example.net (Postfix) with ESMTPS id X; {}",
        "by box.example.net (Postfix) with LMTP id X; {}",  # no client, in the organisation of the hop above
    ],
)
def test_what_its_writer_saw_passes_a_hop_over(inner):
    top = "from box.example.net ([10.0.0.9]) by store.example.net (Postfix) with LMTP id Y; {}"
    assert border_of(top, inner, OUT) == 2


def test_helo_never_moves_the_border():
    liar = "from inner.example.net (unknown [203.0.113.66]) by mx.example.net (Postfix) with ESMTP id X; {}"
    assert border_of(liar, OUT) == 0


def test_the_edge_of_a_large_provider_is_marked_by_its_form():
    tail = "with Microsoft SMTP Server (version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20.1.1"
    store = f"from A1.namprd01.prod.outlook.com (2603:10b6:1::1) by B1.prod.outlook.com {tail}; {{}}"
    edge = f"from out.example.com (192.0.2.1) by C1.mail.protection.outlook.com (10.0.0.1) {tail} via Frontend Transport; {{}}"
    assert border_of(store, edge, OWN) == 1
    other_customer = edge.replace("192.0.2.1", "40.107.1.1").replace(
        "out.example.com", "x.outbound.protection.outlook.com"
    )
    assert border_of(store, other_customer, OWN) == 1


@pytest.mark.parametrize(
    ("trust", "number", "source"),
    [
        (["mx.example.net"], 1, "given"),
        ([".example.net"], 1, "given"),
        (["example.net"], 1, "inferred"),  # the name itself, not what is below it
        (["out.example.com"], 2, "given"),  # what was done above it is later, and not the border's business
        ([".example.net", ".example.com"], 2, "given"),
    ],
)
def test_given(trust, number, source):
    path = path_of(LMTP, OUT, OWN, trust=trust)
    assert (path.border_hop.field, path.border_source) == (number, source)


@pytest.mark.parametrize("fields", [(), ("by box.example.net (Postfix, from userid 1000) id X; {}",)])
def test_no_border(fields):
    path = path_of(*fields)
    assert (path.border, path.border_source) == (None, None)


def test_a_negative_delay_is_a_difference_of_clocks_and_no_contradiction():
    path = path_of(OUT, OWN, dates=["Tue, 20 Oct 2026 11:58:00 +0000", NOON])
    assert path.hops[1].delay_seconds == -120.0
    assert [str(hop.standing) for hop in path.hops] == ["claimed", "trusted"]
    assert any("clock" in finding.code for finding in path.findings)


@pytest.mark.parametrize(
    ("date", "standing"),
    [
        ("Tue, 20 Oct 2026 12:59:00 +0000", "claimed"),
        ("Tue, 20 Oct 2026 13:31:00 +0000", "contradicted"),
        # A whole hour is a time zone set wrongly.
        ("Tue, 20 Oct 2026 14:00:30 +0000", "claimed"),
    ],
)
def test_more_than_an_hour_after_the_border_is_a_contradiction(date, standing):
    assert path_of(OUT, OWN, dates=[NOON, date]).hops[0].standing == standing


def test_a_mismatch_of_names_is_no_contradiction():
    other = "from q (unknown [198.51.100.7]) by elsewhere.example (Postfix) with ESMTP id C1; {}"
    assert path_of(OUT, other).hops[0].standing == "claimed"


@pytest.mark.parametrize("unit", ["(", "[", "<", '"', "from a by b ", "; ", "\\", "id ", "(a)"])
def test_a_hostile_field_ends(unit):
    rebuild(parse(b"From: a@b.example\nReceived: " + unit.encode() * (1_000_000 // len(unit)) + b"\n\n"))


def test_ten_thousand_fields():
    path = rebuild(parse(b"From: a@b.example\n" + b"Received: from a ([192.0.2.1]) by b.example\n" * 10_000 + b"\n"))
    assert 0 < len(path.hops) <= 10_000


@given(st.text(alphabet='frombywith id;()[]<>"\\.:0123456789ax@=, \u00e9\udcff', max_size=120))
def test_any_text_is_read(text):
    raw = f"From: a@b.example\nReceived: {text}\nReceived: {OUT.format(NOON)}\n\n".encode("utf-8", "surrogateescape")
    assert len(rebuild(parse(raw)).hops) == 2
