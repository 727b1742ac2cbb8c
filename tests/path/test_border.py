"""Where the receiving side took the message over: only what its own servers saw decides."""

import pytest

from mailtrace.path.types import BorderSource
from mailtrace.results import Standing
from tests.path.build import codes, exchange_edge, exchange_inner, path, postfix

OUTSIDE = postfix("mail.sender.example", "mx1.sender.example", "203.0.113.9", "mx.example.net", 5)
LOWER = postfix("pc", "unknown", "198.51.100.7", "mail.sender.example", 3)
STORE = "from {} ([127.0.0.1]) by mbx.example.net (Dovecot) with LMTP id AAAA; Tue, 20 Oct 2026 10:00:09 +0000"


def field_of(found):
    return None if found.border is None else found.border_hop.field


@pytest.mark.parametrize(
    ("above", "why"),
    [
        (postfix("mx.example.net", "localhost", "127.0.0.1", "mx.example.net", 8), "loopback"),
        (postfix("x", "unknown", "10.0.0.8", "store.example.net", 8), "private"),
        (postfix("x", "unknown", "IPv6:fd00::8", "store.example.net", 8), "unique local"),
        (postfix("x", "mx.example.net", "192.0.2.44", "store.example.net", 8), "a confirmed name of its own"),
        (STORE.format("mx.example.net"), "LMTP from the same machine"),
        (("from mx.example.net ([203.0.113.9]) by localhost (mx.example.net [127.0.0.1]) (amavis, port 10024) with LMTP "
         "id E1; Tue, 20 Oct 2026 10:00:08 +0000"), "a filter that copies the first client's address"),
        ("(qmail 38014 invoked from network); 20 Oct 2026 10:00:08 -0000", "qmail's own record"),
        ("by mx.example.net (Postfix, from userid 1002) id 1; Tue, 20 Oct 2026 10:00:08 +0000", "a pickup at the same host"),
        ("from mx.example.net by mbx (Dovecot) with LMTP id 1; Tue, 20 Oct 2026 10:00:08 +0000", "LMTP without an address"),
    ],
)  # fmt: skip
def test_passed_over(above, why):
    found = path(above, OUTSIDE, LOWER)
    assert field_of(found) == 1, why
    assert found.border_source is BorderSource.INFERRED
    assert found.receiver == "example.net"
    assert [hop.standing for hop in found.hops] == [Standing.CLAIMED, Standing.TRUSTED, Standing.TRUSTED]
    assert found.border_reason == "first client outside example.net: 203.0.113.9"


@pytest.mark.parametrize(
    "top",
    [
        postfix("mx.example.net", "unknown", "203.0.113.9", "mx.example.net", 8),
        postfix("localhost", "unknown", "203.0.113.9", "mx.example.net", 8),
        postfix("[127.0.0.1]", "unknown", "203.0.113.9", "mx.example.net", 8),
        postfix("pps.filterd", "unknown", "203.0.113.9", "mx.example.net", 8),
        postfix("mail pickup service", "unknown", "203.0.113.9", "mx.example.net", 8),
        postfix("x (127.0.0.1)", "unknown", "203.0.113.9", "mx.example.net", 8),
        # Exchange sees no name: what stands there is what the client said.
        (
            "from mbx.example.net (203.0.113.9) by mx.example.net (10.0.0.1) with Microsoft SMTP Server (TLS) id 15.0.1; "
            "Tue, 20 Oct 2026 10:00:08 +0000"
        ),
        # Found one way only.
        (
            "from x (mbx.example.net [203.0.113.9] (may be forged)) by mx.example.net (8.17.1/8.17.1) with ESMTP id 1; "
            "Tue, 20 Oct 2026 10:00:08 +0000"
        ),
        # Software of which we do not know that it looks both ways.
        "from x (mbx.example.net [203.0.113.9]) by mx.example.net with ESMTP id 1; Tue, 20 Oct 2026 10:00:08 +0000",
        "from mail ([203.0.113.9]) by mx.example.net with Microsoft SMTPSVC(6.0.1.1); Tue, 20 Oct 2026 10:00:08 +0000",
    ],
)
def test_what_a_client_calls_itself_moves_nothing(top):
    forged = postfix("bank", "mail.bank.example", "192.0.2.66", "mx.example.net", 3)
    assert field_of(path(top, forged)) == 0


class TestExchangeOnline:
    """A provider that marks its edge."""

    INNER = (
        "from A1.prod.outlook.com (::1) by B1.prod.outlook.com with HTTPS; Tue, 20 Oct 2026 10:00:09 +0000",
        exchange_inner("A1.prod.outlook.com", "2603:10b6:5:3b8::9", 8),
        exchange_inner("C1.outlook.office365.com", "2a01:111:f400:7e0d::202", 7),
    )

    def test_the_edge(self):
        found = path(*self.INNER, exchange_edge("mta.sender.example", "203.0.113.9", 6), LOWER)
        assert (field_of(found), found.receiver) == (3, "outlook.com")
        assert found.border_reason == "the edge of outlook.com took the message from 203.0.113.9"
        assert [hop.public for hop in found.hops][1:] == [True, False, False, False]

    def test_the_edge_takes_mail_of_another_customer(self):
        other = exchange_edge("outbound.protection.outlook.com", "2a01:111:f403:2e13::801", 6)
        assert field_of(path(*self.INNER, other, *self.INNER)) == 3

    def test_the_edge_with_an_address_that_cannot_be_read(self):
        found = path(*self.INNER, exchange_edge("mta.sender.example", "203.0.113.", 6), LOWER)
        assert (field_of(found), found.border_hop.received.client_ip) == (3, None)

    def test_a_submission_from_outside(self):
        submission = exchange_inner("D1.prod.outlook.com", "203.0.113.9", 6)
        assert field_of(path(*self.INNER, submission)) == 3

    def test_from_program_to_mailbox_within(self):
        found = path(*self.INNER)
        assert (found.border, found.border_source) == (None, None)
        assert found.border_reason == "every field was written inside"
        assert {hop.standing for hop in found.hops} == {Standing.TRUSTED}
        assert codes(found) == ["border-not-found"]


class TestGmail:
    """Its first field shows no client, and its edge is one host."""

    INNER = "by 2002:a05:7412:d592:b0:d2:e702:d9f1 with SMTP id db18csp304783rdb; Tue, 20 Oct 2026 03:00:09 -0700 (PDT)"
    EDGE = (
        "from {0} ({0}. [{1}]) by mx.google.com with ESMTPS id x1 for <b@example.net>; Tue, 20 Oct 2026 03:00:06 -0700"
    )

    def test_the_edge(self):
        found = path(self.INNER, self.EDGE.format("mta.sender.example", "203.0.113.9"), LOWER)
        assert (field_of(found), found.receiver) == (1, "google.com")

    def test_the_edge_takes_mail_of_its_own_customers(self):
        sender = "from PC ([198.51.100.7]) by smtp.gmail.com with ESMTPSA id 5; Tue, 20 Oct 2026 03:00:03 -0700 (PDT)"
        found = path(self.INNER, self.EDGE.format("mail-sor-f41.google.com", "209.85.220.41"), sender)
        assert field_of(found) == 1


class TestFastmail:
    """Its edge hands every message to a filter on the same machine, under the edge's own name."""

    EDGE = "phl-mx-04.messagingengine.com"
    FILTER = f"from mailmx.phl.internal (localhost [127.0.0.1]) by {EDGE} (Authentication Milter) with ESMTP id 4.1; "
    BACK = f"from {EDGE} (localhost [127.0.0.1]) by mailmx.phl.internal (Postfix) with ESMTP id 7; "

    def test_the_filter_is_not_the_edge(self):
        edge = postfix("mta.sender.example", "mta.sender.example", "203.0.113.9", self.EDGE, 6)
        back, filtered = (f"{field}Tue, 20 Oct 2026 10:00:08 +0000" for field in (self.BACK, self.FILTER))
        found = path(back, filtered, edge, LOWER)
        assert (field_of(found), found.receiver) == (2, "messagingengine.com")
        assert found.border_hop.received.client_ip == "203.0.113.9"


class TestWithoutAClient:
    """A field that shows no client is the receiver's own only in the organisation of the hop above."""

    def test_another_organisation(self):
        top = postfix("x", "localhost", "127.0.0.1", "mx.example.net", 8)
        foreign = "by mail-1.sender.example with SMTP id 1; Tue, 20 Oct 2026 10:00:03 +0000"
        found = path(top, foreign, LOWER)
        assert found.border is None
        assert found.border_reason == "the next field shows no client and was written at sender.example"
        assert [hop.standing for hop in found.hops] == [Standing.CLAIMED, Standing.CLAIMED, Standing.TRUSTED]

    def test_a_top_field_that_hides_it(self):
        found = path("by mx.example.net with ESMTP id 1; Tue, 20 Oct 2026 10:00:08 +0000", LOWER)
        assert found.border is None
        assert found.border_reason == "the field above shows no client, and this one was written at sender.example"

    def test_no_field(self):
        found = path()
        assert (found.hops, found.border, found.border_reason) == ((), None, "there is no Received field")
        assert codes(found) == ["border-not-found"]


def test_a_fetch_begins_the_chain_anew():
    """The reader fetched from a mailbox of his own; the side that received is the mailbox's."""
    fetched = (
        "from mail.example.net [192.0.2.20] by localhost with IMAP (fetchmail-6.4) for ann@localhost (single-drop); "
        "Tue, 20 Oct 2026 10:09:00 +0000"
    )
    local = postfix("localhost", "localhost", "127.0.0.1", "laptop.home.example", 9)
    found = path(local, fetched, OUTSIDE, LOWER)
    assert (field_of(found), found.receiver) == (2, "example.net")


class TestTrust:
    """What the examiner gives."""

    RELAY = postfix("gw", "gw.filter.example", "192.0.2.80", "mx.example.net", 8)
    FILTER = postfix("mail.sender.example", "mx1.sender.example", "203.0.113.9", "gw.filter.example", 5)

    def test_without_it_the_filter_is_outside(self):
        assert field_of(path(self.RELAY, self.FILTER, LOWER)) == 0

    @pytest.mark.parametrize(
        ("trust", "matched"),
        [
            (("gw.filter.example",), ("gw.filter.example",)),
            ((".filter.example",), (".filter.example",)),
            (("GW.Filter.Example.",), ("gw.filter.example",)),
            (("192.0.2.0/24",), ("192.0.2.0/24",)),
            (("192.0.2.80",), ("192.0.2.80/32",)),
        ],
    )
    def test_names_and_networks(self, trust, matched):
        found = path(self.RELAY, self.FILTER, LOWER, trust=trust)
        assert field_of(found) == 1
        assert (found.border_source, found.trust_matched, found.trust) == (BorderSource.GIVEN, matched, trust)
        assert "203.0.113.9" in found.border_reason

    @pytest.mark.parametrize(
        "trust", [("filter.example",), ("203.0.113.0/24x",), ("198.51.100.0/24",), ("mail.sender.example",)]
    )
    def test_what_does_not_match_changes_nothing_and_is_said(self, trust):
        found = path(self.RELAY, self.FILTER, LOWER, trust=trust)
        assert (field_of(found), found.border_source, found.trust_matched) == (0, BorderSource.INFERRED, ())
        assert "trust-unmatched" in codes(found)

    def test_the_border_s_own_name_makes_it_given(self):
        found = path(OUTSIDE, LOWER, trust=("mx.example.net",))
        assert (field_of(found), found.border_source) == (0, BorderSource.GIVEN)

    def test_a_name_of_the_receiver_below_the_border_is_a_sender_s_word(self):
        forged = postfix("bank", "mail.bank.example", "192.0.2.66", "mx.example.net", 3)
        found = path(OUTSIDE, forged, trust=("mx.example.net", ".example.net"))
        assert field_of(found) == 0

    def test_helo_never_matches(self):
        top = postfix("gw.filter.example", "unknown", "203.0.113.9", "mx.example.net", 8)
        found = path(top, self.FILTER, trust=(".filter.example",))
        assert (field_of(found), found.border_source) == (0, BorderSource.INFERRED)

    def test_a_name_that_was_not_confirmed_never_matches(self):
        top = "from x (gw.filter.example [203.0.113.9]) by mx.example.net with ESMTP id 1; Tue, 20 Oct 2026 10:00:08 +0000"
        assert field_of(path(top, self.FILTER, trust=(".filter.example",))) == 0


@pytest.mark.parametrize("tail", ["internal", "local", "lan"])
def test_a_name_of_a_private_network_is_nobody_s_organisation(tail):
    """Two companies may both have a mail.corp.local; a name found there proves nothing, and parts nothing."""
    top = postfix("x", "unknown", "10.0.0.9", "mx.example.net", 8)
    pickup = f"by mailuser.phl.{tail} (Postfix, from userid 501) id 1; Tue, 20 Oct 2026 10:00:07 +0000"
    assert path(top, pickup).border_reason == "every field was written inside"
    named = postfix("x", f"a.corp.{tail}", "192.0.2.9", f"b.corp.{tail}", 8)
    assert field_of(path(named, LOWER)) == 0


def test_public():
    """True: two organisations; False: one; None: it cannot be told."""
    inside = postfix("mx", "mx.example.net", "192.0.2.44", "store.example.net", 8)
    unnamed = (
        "from mta.sender.example (192.0.2.7) by mx.other.example (10.0.0.1) with Microsoft SMTP Server id 15.0.1; {}"
    )
    doubtful = (
        "from a.sender.example ([192.0.2.7]) by b.sender.example with ESMTP id 1; Tue, 20 Oct 2026 10:00:01 +0000"
    )
    bare = "from a.example ([192.0.2.7]) by cmsmtp with ESMTP id 1; Tue, 20 Oct 2026 10:00:00 +0000"
    found = path(inside, OUTSIDE, unnamed.format("Tue, 20 Oct 2026 10:00:02 +0000"), doubtful, bare)
    assert [hop.public for hop in reversed(found.hops)] == [False, True, True, None, None]
