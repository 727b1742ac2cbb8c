"""Delays, clocks, contradictions and bounds, and what is said of them."""

import pytest

from mailtrace.message import parse
from mailtrace.path import MAX_HOPS, rebuild
from mailtrace.path.observations import MAX_PER_CODE
from mailtrace.path.received import MAX_LENGTH
from mailtrace.results import Confidence, Severity, Standing
from tests.path.build import codes, message, path, postfix

BORDER = postfix("mail.sender.example", "mx1.sender.example", "203.0.113.9", "mx.example.net", date="{}")
BELOW = postfix("pc", "unknown", "198.51.100.7", "mail.sender.example", date="{}")
INNER = postfix("x", "unknown", "10.0.0.8", "store.example.net", date="{}")
NOON = "20 Oct 2026 12:00:00 +0000"


def two(below, at=NOON):
    return path(BORDER.format(at), BELOW.format(below))


@pytest.mark.parametrize(
    ("below", "delay", "expected"),
    [
        ("20 Oct 2026 11:59:58.5 +0000", 1.5, []),
        ("20 Oct 2026 12:01:00 +0000", -60.0, []),
        ("20 Oct 2026 12:01:01 +0000", -61.0, ["hop-clocks-differ"]),
        ("20 Oct 2026 12:59:00 +0000", -3540.0, ["hop-zone-wrong"]),
        ("20 Oct 2026 13:00:00 +0000", -3600.0, ["hop-zone-wrong"]),
        ("20 Oct 2026 13:20:00 +0000", -4800.0, ["hop-contradicted", "hop-clocks-differ"]),
        ("20 Oct 2026 19:00:07 +0000", -25207.0, ["hop-zone-wrong"]),
        ("21 Oct 2026 12:00:00 +0000", -86400.0, ["hop-contradicted", "hop-clocks-differ"]),
        ("20 Oct 2026 11:50:01 +0000", 599.0, []),
        ("20 Oct 2026 11:50:00 +0000", 600.0, ["hop-greylisted"]),
        ("20 Oct 2026 11:00:00 +0000", 3600.0, ["hop-greylisted"]),
        ("20 Oct 2026 10:59:59 +0000", 3601.0, ["hop-queued"]),
        ("20 Oct 2026 10:53:59 +0000", 3961.0, ["hop-delayed"]),
        ("20 Oct 2026 05:00:00 -0700", 0.0, []),
        ("20 Oct 2026 12:00:00 +9999", None, ["received-date-unreadable"]),
        ("yesterday", None, ["received-date-unreadable"]),
    ],
)
def test_delays(below, delay, expected):
    found = two(below)
    assert [hop.delay_seconds for hop in found.hops] == [None, delay]
    assert codes(found) == expected


def test_a_wrong_zone_contradicts_nothing_where_the_message_waited_afterwards():
    """Two hours ahead of the server that it was handed to at once; the trusted hop is half an hour later than that."""
    second = postfix("a", "unknown", "198.51.100.8", "out.sender.example", date="20 Oct 2026 11:30:00 +0000")
    found = path(BORDER.format(NOON), second, BELOW.format("20 Oct 2026 13:29:58 +0000"))
    assert [hop.standing for hop in found.hops] == [Standing.CLAIMED, Standing.CLAIMED, Standing.TRUSTED]
    assert "hop-zone-wrong" in codes(found)
    assert "hop-contradicted" not in codes(found)
    far = path(BORDER.format(NOON), second, BELOW.format("20 Oct 2026 13:10:00 +0000"))
    assert far.hops[0].standing is Standing.CONTRADICTED
    late = postfix("a", "unknown", "198.51.100.8", "out.sender.example", date="20 Oct 2026 13:20:00 +0000")
    both = path(BORDER.format(NOON), late, BELOW.format("20 Oct 2026 15:20:00 +0000"))
    assert [hop.standing for hop in both.hops[:2]] == [Standing.CONTRADICTED, Standing.CONTRADICTED]


def test_a_negative_delay_is_never_most_of_a_day():
    assert two("20 Oct 2026 12:00:10 +0000").hops[1].delay_seconds == -10.0


@pytest.mark.parametrize(
    ("times", "total"),
    [(("12:00:09", "12:00:05", "12:00:00"), 9.0), (("12:00:00", "12:00:05", "12:00:09"), None), (("12:00:00",), None)],
)
def test_total(times, total):
    values = (INNER, BORDER, BELOW)
    found = path(*(value.format(f"20 Oct 2026 {time} +0000") for value, time in zip(values, times, strict=False)))
    assert found.total_seconds == total


class TestContradictions:
    """A closed list, and nothing that honest mail shows."""

    @pytest.mark.parametrize("address", ["224.0.0.1", "255.255.255.255", "192.0.2.300", "IPv6:ff02::1"])
    def test_an_impossible_address(self, address):
        found = path(BORDER.format(NOON), postfix("pc", "unknown", address, "mail.sender.example", date=NOON))
        assert [hop.standing for hop in found.hops] == [Standing.CONTRADICTED, Standing.TRUSTED]
        assert "hop-contradicted" in codes(found)

    @pytest.mark.parametrize("address", ["0.0.0.0", "unix socket", "x.x.x.x", "UNAVAILABLE", "IPv6:fd:ac::d:10", ""])
    def test_what_is_only_odd(self, address):
        found = path(BORDER.format(NOON), postfix("pc", "unknown", address, "mail.sender.example", date=NOON))
        assert found.hops[0].standing is Standing.CLAIMED

    def test_below_the_border_it_is_a_notice_and_above_it_a_warning(self):
        late = "20 Oct 2026 14:30:00 +0000"
        below = two(late)
        above = path(INNER.format(NOON), BORDER.format(late), BELOW.format(NOON))
        assert [hop.standing for hop in above.hops] == [Standing.CLAIMED, Standing.CONTRADICTED, Standing.TRUSTED]
        graded = [
            next((one.severity, one.confidence) for one in found.findings if one.code == "hop-contradicted")
            for found in (below, above)
        ]
        assert graded == [(Severity.NOTICE, Confidence.MEDIUM), (Severity.WARNING, Confidence.HIGH)]

    def test_names_that_do_not_meet(self):
        found = path(BORDER.format(NOON), postfix("a", "b.example", "192.0.2.9", "c.example", date=NOON))
        assert found.hops[0].standing is Standing.CLAIMED
        assert [(one.code, one.severity) for one in found.findings] == [("border-not-continuous", Severity.INFO)]


class TestBounds:
    """However much there is, a bounded part is read, and it is said."""

    def test_too_many_fields(self):
        raw = b"Received: from a.example (a.example [192.0.2.1]) by b.example with ESMTP; 1 Oct 2026 10:00:00 +0000\r\n"
        found = rebuild(parse(raw * (MAX_HOPS + 5) + b"From: a@example.com\r\n\r\n"))
        assert len(found.hops) == MAX_HOPS
        assert [hop.field for hop in found.hops[::-1]] == list(range(MAX_HOPS))
        first = found.findings[0]
        assert (first.code, first.evidence[0].source) == ("hops-not-read", f"header:Received[{MAX_HOPS}]")

    def test_a_field_that_is_too_long(self):
        found = path(BORDER.format(NOON) + " (" + "x" * 1_000_000 + ")")
        assert "received-cut" in codes(found)
        assert f"the first {MAX_LENGTH}" in found.findings[0].detail

    def test_a_hundred_thousand_fields_of_all_sorts(self):
        line = b"Received: (((\r\nX-Field: a\r\n"
        found = rebuild(parse(line * 50_000 + b"From: a@example.com\r\n\r\n"))
        assert len(found.hops) == MAX_HOPS

    def test_findings_of_one_code(self):
        found = path(*["Received"] * 200)
        assert codes(found).count("received-unreadable") == MAX_PER_CODE


def test_evidence_names_field_line_and_text():
    value = BELOW.format("20 Oct 2026 12:01:01 +0000").replace("pc", "p\x1b[31mc")
    found = path(BORDER.format(NOON), value)
    evidence = found.findings[0].evidence[0]
    assert (evidence.source, evidence.line) == ("header:Received[0]", 1)
    assert "mx.example.net" in evidence.excerpt
    assert all("\x1b" not in one.excerpt for finding in found.findings for one in finding.evidence)


def test_the_same_message_gives_the_same_path():
    values = (INNER.format(NOON), BORDER.format(NOON), BELOW.format("x"))
    assert rebuild(message(*values), (".example.net",)) == rebuild(message(*values), (".example.net",))
