"""Related fields: each joined to the hop whose server wrote it, in its standing; nothing else moves because of them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtrace.message import parse
from mailtrace.path import rebuild
from mailtrace.path.related import MOST, MOST_IN_ALL, join
from mailtrace.path.related_rows import ROWS, row_of
from mailtrace.path.types import RelatedKind
from mailtrace.records import replace
from mailtrace.results import Confidence, Standing
from tests.counting import calls
from tests.path.build import postfix

RELAY = postfix("laptop", "unknown", "10.1.1.5", "relay.example.com")
BORDER = postfix("relay.example.com", "relay.example.com", "192.0.2.9", "mx.example.net", 2)
INNER = postfix("mx.example.net", "mx.example.net", "10.9.9.9", "mail.example.net", 3)
GMAIL = (
    "from relay.example.com (relay.example.com. [192.0.2.9]) by mx.google.com with ESMTPS id x1si1.1.2026 "
    "for <bob@example.net> (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256); "
    "Tue, 20 Oct 2026 03:00:02 -0700 (PDT)"
)
KERNEL = postfix("relay.example.com", "relay.example.com", "192.0.2.9", "smtp.subspace.kernel.org", 2)


def path(*lines, trust=()):
    """Rebuild the path of a header, a field a line, topmost first."""
    header = "".join(f"{line}\r\n" for line in lines)
    return rebuild(parse(header.encode() + b"\r\nHello.\r\n"), trust)


def received(value):
    return f"Received: {value}"


def names(fields):
    return [field.name for field in fields]


def test_a_field_belongs_to_the_received_field_below_it():
    found = path(
        "Delivered-To: bob@example.net",
        received(INNER),
        "X-Spam-Status: No",
        "Authentication-Results: mx.example.net; spf=pass",
        received(BORDER),
        "DKIM-Signature: v=1; d=example.com; b=x",
        received(RELAY),
        "X-Mailer: Post 1.0",
        "From: ann@example.com",
    )
    assert found.border == 1
    assert [names(hop.related) for hop in found.hops] == [
        ["DKIM-Signature"],
        ["X-Spam-Status", "Authentication-Results"],
        ["Delivered-To"],
    ]
    assert names(found.unplaced) == ["X-Mailer"]


def test_a_field_has_the_standing_of_its_place():
    found = path(
        "Delivered-To: bob@example.net",
        received(BORDER),
        "X-Originating-IP: [198.51.100.7]",
        received(RELAY),
        "List-Id: <a.example>",
    )
    assert [[one.standing for one in hop.related] for hop in found.hops] == [[Standing.CLAIMED], [Standing.TRUSTED]]
    assert [one.standing for one in found.unplaced] == [Standing.CLAIMED]


def test_without_a_received_field_nothing_is_placed():
    found = path("Delivered-To: bob@example.net", "From: ann@example.com")
    assert found.hops == ()
    assert names(found.unplaced) == ["Delivered-To"]
    assert found.unplaced[0].standing is Standing.CLAIMED


def test_gmail_writes_below_its_own_field_in_its_own_form_only():
    found = path(
        received(GMAIL),
        "Received-SPF: pass (google.com: domain of ann@example.com designates 192.0.2.9) client-ip=192.0.2.9;",
        "Authentication-Results: mx.google.com; spf=pass",
        "Authentication-Results: mx.google.com; dkim=pass",
        received(RELAY),
    )
    assert names(found.hops[1].related) == ["Received-SPF", "Authentication-Results"]
    assert names(found.hops[0].related) == ["Authentication-Results"]
    # The sender may have written there as well: whose word a stamp is, is settled where stamps are read.
    assert {one.standing for one in found.hops[1].related} == {Standing.CLAIMED}


@pytest.mark.parametrize(
    "line",
    [
        "Authentication-Results: mx.example.net; spf=pass",
        "Authentication-Results: mx.google.com.evil.example; spf=pass",
        "Received-SPF: pass (evil.example: domain of ann@example.com) client-ip=192.0.2.9;",
        "DKIM-Signature: v=1; d=example.com; b=x",
    ],
)
def test_what_is_not_the_receivers_own_belongs_to_the_hop_below(line):
    found = path(received(GMAIL), line, "Authentication-Results: mx.google.com; spf=pass", received(RELAY))
    assert found.hops[1].related == ()
    assert len(found.hops[0].related) == 2


def test_kernel_org_writes_its_set_below_its_own_field():
    found = path(
        received(KERNEL),
        "ARC-Seal:i=1; a=rsa-sha256; d=subspace.kernel.org; s=a; b=x",
        "ARC-Message-Signature:i=1; d=subspace.kernel.org; b=x",
        "ARC-Authentication-Results:i=1; smtp.subspace.kernel.org; dkim=pass",
        *["Authentication-Results: smtp.subspace.kernel.org; dkim=pass"] * 5,
        received(RELAY),
    )
    assert len(found.hops[1].related) == 7
    assert names(found.hops[0].related) == ["Authentication-Results"]


def test_x_received_is_read_as_the_field_it_is():
    found = path(
        received("by 2002:a05:6a10:2c8b:b0:5f1:77a2:3c40 with SMTP id a1; Tue, 20 Oct 2026 03:00:03 -0700 (PDT)"),
        "X-Received: by 2002:a17:906:c10f:b0:ad8:9a7f:11d2 with SMTP id b1; Tue, 20 Oct 2026 03:00:02 -0700 (PDT)",
        received(GMAIL),
    )
    view = found.hops[0].related[0]
    assert (view.kind, view.at.isoformat(), view.address) == (RelatedKind.VIEW, "2026-10-20T10:00:02+00:00", None)


@pytest.mark.parametrize(
    ("line", "says", "address"),
    [
        ("X-Originating-IP: [198.51.100.7]", None, "198.51.100.7"),
        ("X-Originating-IP: 2001:db8::7", None, "2001:db8::7"),
        ("X-Sender-IP: 198.51.100.7:2525", None, "198.51.100.7"),
        ("x-clientip: none", None, None),
        ("X-Forefront-Antispam-Report: CIP:198.51.100.7;CTRY:;LANG:en;SCL:1;SRV:;", None, "198.51.100.7"),
        ("X-Forefront-Antispam-Report: CTRY:;CIP:2001:db8::7;LANG:en", None, "2001:db8::7"),
        ("X-SES-Outgoing: 2026.10.20-198.51.100.7", None, "198.51.100.7"),
        ("X-Mailgun-Sending-Ip: 198.51.100.7", None, "198.51.100.7"),
        ("X-MS-Exchange-Organization-SCL: 15.1.225.42", None, None),
        ("DKIM-Signature: v=1; a=rsa-sha256; bh=d=; s=s1; D=no; d=Example.COM.; b=x", "example.com", None),
        ("DKIM-Signature: v=1; a=rsa-sha256", None, None),
        ("ARC-Seal: i=1; a=rsa-sha256; d=sealer.example; b=x", "sealer.example", None),
        ("Delivered-To: <bob@example.net>", "bob@example.net", None),
        ("Return-Path: <>", "<>", None),
        ("Return-Path: ann@example.com", "ann@example.com", None),
        ('List-Id: "Dev" <dev.lists.example>', "dev.lists.example", None),
        ("List-Unsubscribe: nothing that reads as one", None, None),
        ("Authentication-Results: mx.example.net; spf=pass", "mx.example.net", None),
        ("Authentication-Results: spf=pass smtp.mailfrom=a.example", None, None),
        ("Received-SPF: softfail (a.example: b) client-ip=192.0.2.1", "softfail", None),
        ("Resent-From: Carol <carol@example.org>", "Carol <carol@example.org>", None),
        ("X-Authenticated-Sender: host.example: ann@example.com", None, None),
        ("X-Forwarded-To: carol@example.org", "carol@example.org", None),
        ("X-Mailer: ", None, None),
    ],
)
def test_what_a_field_comes_down_to(line, says, address):
    found = path(line, received(RELAY)).hops[0].related[0]
    assert (found.says, found.address) == (says, address)


def test_what_tells_of_no_hop_is_not_joined():
    found = path("Subject: x", "X-Unknown: y", "Date: z", "To: a@example.com", received(RELAY), "Precedence: bulk")
    assert found.hops[0].related == ()
    assert found.unplaced == ()


def test_nothing_moves_because_of_related_fields():
    bare = path(received(INNER), received(BORDER), received(RELAY))
    noise = [f"{row.name.replace('*', 'X')}: [203.0.113.66] relay.evil.example" for row in ROWS]
    found = path(*noise, received(INNER), *noise, received(BORDER), *noise, received(RELAY), *noise)
    assert (found.border, found.border_reason, found.receiver) == (bare.border, bare.border_reason, bare.receiver)
    assert [hop.standing for hop in found.hops] == [hop.standing for hop in bare.hops]
    assert [hop.received for hop in found.hops] == [hop.received for hop in bare.hops]


def codes(found):
    return [finding.code for finding in found.findings if finding.code in ("origin-address-given", "delivered-again")]


def test_an_address_that_no_received_field_names_is_told():
    found = path(received(BORDER), "X-Originating-IP: [198.51.100.7]", received(RELAY), "X-Client-IP: 198.51.100.8")
    (finding,) = (one for one in found.findings if one.code == "origin-address-given")
    assert finding.detail == (
        "X-Client-IP, by the word of the sender's side, names 198.51.100.8: the client's address, as the first server "
        "saw it."
    )
    assert finding.confidence is Confidence.LOW
    assert [one.source for one in finding.evidence] == ["header:X-Client-IP", "header:X-Originating-IP"]


def test_the_receivers_own_word_on_an_address_weighs_more():
    found = path("X-MDRemoteIP: 198.51.100.7", received(BORDER))
    (finding,) = (one for one in found.findings if one.code == "origin-address-given")
    assert "by the word of the receiving side" in finding.detail
    assert finding.confidence is Confidence.MEDIUM


@pytest.mark.parametrize(
    "address", ["192.0.2.9", "10.1.1.5", "192.168.1.20", "127.0.0.1", "::1", "unknown", "256.1.1.1"]
)
def test_an_address_that_is_known_or_private_is_not_told(address):
    assert codes(path(received(BORDER), f"X-Originating-IP: [{address}]", received(RELAY))) == []


def test_the_address_that_a_service_sends_from_is_no_client():
    assert codes(path("X-Mailgun-Sending-Ip: 198.51.100.7", received(RELAY))) == []


def test_a_delivery_to_the_same_address_at_two_hops_is_a_loop():
    found = path("Delivered-To: bob@example.net", received(INNER), "Delivered-To: Bob@example.net", received(BORDER))
    (finding,) = (one for one in found.findings if one.code == "delivered-again")
    assert finding.detail == "bob@example.net took delivery 2 times: after hop 0 and after hop 1."
    assert finding.confidence is Confidence.HIGH
    below = path(
        received(BORDER), "Delivered-To: a@example.com", received(RELAY), "X: y", "Delivered-To: a@example.com"
    )
    assert codes(below) == []


@pytest.mark.parametrize(
    "lines",
    [
        # Two fields of one delivery, as an alias and its mailbox have.
        ("Delivered-To: bob@example.net", "Delivered-To: bob@example.net", received(INNER), received(BORDER)),
        ("Delivered-To: bob@example.net", received(INNER), "Delivered-To: team@example.net", received(BORDER)),
        ("X-Original-To: bob@example.net", received(INNER), "Delivered-To: bob@example.net", received(BORDER)),
    ],
)
def test_other_deliveries_are_no_loop(lines):
    assert codes(path(*lines)) == []


def test_a_claimed_loop_is_a_claim():
    found = path(
        received(BORDER), "Delivered-To: a@b.example", received(RELAY), "Delivered-To: a@b.example", received(RELAY)
    )
    (finding,) = (one for one in found.findings if one.code == "delivered-again")
    assert finding.confidence is Confidence.LOW


def test_of_many_fields_the_first_are_kept_and_the_others_counted():
    found = path(*["X-Spam-Status: No"] * (MOST + 7), received(RELAY), *["X-Spam-Flag: NO"] * (MOST + 1))
    assert (len(found.hops[0].related), found.hops[0].related_left_out) == (MOST, 7)
    assert (len(found.unplaced), found.unplaced_left_out) == (MOST, 1)


def test_the_whole_is_bounded():
    found = path(*([*["X-Spam-Status: No"] * MOST, received(RELAY)] * 30))
    kept = sum(len(hop.related) for hop in found.hops)
    assert kept == MOST_IN_ALL
    assert kept + sum(hop.related_left_out for hop in found.hops) == 30 * MOST


def test_below_what_is_read_of_the_path_no_place_is_told():
    found = path(*[received(RELAY)] * 1001, "X-Mailer: Post 1.0")
    assert len(found.hops) == 1000
    assert found.unplaced == ()


def test_twice_the_fields_are_at_most_twice_the_work():
    def work(count):
        fields = parse(b"X-Spam-Status: No\r\nDKIM-Signature: v=1; d=a.example\r\n" * (count // 2) + b"\r\n").fields
        return calls(lambda: join(fields, ()))

    work(2_000)  # what is remembered once is so by now
    assert work(20_000) <= 2.1 * work(10_000) + 200


def test_every_row_is_found_by_its_name():
    for row in ROWS:
        assert row_of(row.name.replace("*", "Anything").upper()) is row, row.name
        assert row.meaning
        assert row.writer
    assert len({row.name.lower() for row in ROWS}) == len(ROWS)
    assert {row.kind for row in ROWS} == set(RelatedKind)


def test_a_long_name_is_no_row():
    assert row_of("X-Mailer" + "x" * 300) is None
    assert row_of("") is None


LINES = st.sampled_from(
    [received(RELAY), received(BORDER), received(GMAIL), received("x")]
    + [f"{row.name.replace('*', 'X')}: <a@b.example> [192.0.2.1]" for row in ROWS]
)


@settings(max_examples=40)
@given(st.lists(LINES, max_size=30))
def test_no_field_is_lost_or_joined_twice(lines):
    found = path(*lines, "Subject: x")
    joined = [one.field for hop in found.hops for one in hop.related] + [one.field for one in found.unplaced]
    assert sorted(joined) == [at for at, line in enumerate(lines) if not line.startswith("Received: ")]


@settings(max_examples=40)
@given(st.lists(LINES, max_size=20), st.sampled_from([INNER, BORDER]))
def test_a_received_field_on_top_takes_nothing_from_older_hops(lines, value):
    before, after = path(*lines, "Subject: x"), path(received(value), *lines, "Subject: x")

    def of(found):
        return [[one.name for one in hop.related] for hop in found.hops]

    assert of(after)[: len(before.hops)] == of(before) if before.hops else True
    assert after.hops[-1].related == ()


@settings(max_examples=40)
@given(st.text(max_size=200))
def test_any_value_is_read(text):
    fields = parse(b"Subject: x\r\n\r\n").fields
    for row in ROWS:
        field = replace(fields[0], name=row.name.replace("*", "X"), value=text)
        (one,) = join([field], ())[1].fields
        assert one.value.isprintable()
        assert one.says is None or (one.says and one.says.isprintable())
