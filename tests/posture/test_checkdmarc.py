"""checkdmarc through our resolver, and nothing kept between two recordings."""

import dns.message
import pytest

from mailtrace.posture import comment
from mailtrace.posture._checkdmarc import MAX_QUESTIONS, SeamNameserver
from mailtrace.resolver.ledger import Ledger
from mailtrace.resolver.recorded import from_mapping

GOOD = {
    "mailtrace_dns": 1,
    "default": "NXDOMAIN",
    "answers": {
        "example.com": {
            "TXT": ["v=spf1 ptr ~all"], "MX": ["10 mx.example.com"], "NS": ["ns.example.com"],
            "SOA": ["ns.example.com. h.example.com. 1 2 3 4 5"],
        },
        "mx.example.com": {"A": ["192.0.2.1"]},
        "_dmarc.example.com": {"TXT": ["v=DMARC1; p=none; pct=50"]},
    },
}  # fmt: skip


def details(findings):
    return [finding.detail for finding in findings]


def test_comments_are_info_and_name_the_record():
    found = comment("example.com", from_mapping(GOOD))
    assert found
    assert {finding.severity for finding in found} == {"info"}
    assert any(detail.startswith("SPF: ") and "ptr" in detail for detail in details(found))
    assert any(detail.startswith("DMARC: ") and "pct" in detail for detail in details(found))
    assert any(evidence.excerpt == "v=spf1 ptr ~all" for finding in found for evidence in finding.evidence)


def test_a_second_recording_gets_its_own_answers():
    first = comment("example.com", from_mapping(GOOD))
    other = {**GOOD, "answers": {**GOOD["answers"], "_dmarc.example.com": {"TXT": ["v=DMARC1; p=reject"]}}}
    second = comment("example.com", from_mapping(other))
    assert any("pct" in detail for detail in details(first))
    assert not any("pct" in detail for detail in details(second))


def test_what_is_not_answered_is_not_no_record():
    found = comment("example.com", from_mapping({"mailtrace_dns": 1, "answers": {}}))
    assert {finding.code for finding in found} == {"published-record-unread"}


def test_hostile_records_are_shown_escaped():
    other = {**GOOD, "answers": {**GOOD["answers"], "_dmarc.example.com": {"TXT": ["v=DMARC1; p=\\027[31mreject"]}}}
    for detail in details(comment("example.com", from_mapping(other))):
        assert "\x1b" not in detail


SPELLED = {
    "SOA": ("ns.example.com hostmaster.example.com 1 2 3 4 5", "ns.example.com. hostmaster.example.com. 1 2 3 4 5"),
    "MX": ("10 mx.example.com", "10 mx.example.com."),
    "NS": ("ns.example.com", "ns.example.com."),
    "TXT": (r'a \092 "q" \195\169', r'"a \\ \"q\" \195\169"'),
    "AAAA": ("2001:db8::1", "2001:db8::1"),
}


@pytest.mark.parametrize("kind", SPELLED)
def test_an_answer_becomes_the_same_record_on_the_wire(kind):
    recorded, on_the_wire = SPELLED[kind]
    server = SeamNameserver(from_mapping({"example.com": {kind: [recorded]}}))
    response = server.query(dns.message.make_query("example.com", kind))
    again = dns.message.from_wire(response.to_wire())
    assert [rdata.to_text() for rdata in again.answer[0]] == [on_the_wire]


def test_a_domain_does_not_choose_how_much_is_asked():
    reports = ",".join(f"mailto:dmarc@r{number}.example.net" for number in range(500))
    chain = {f"c{number}.example.com": {"TXT": [f"v=spf1 include:c{number + 1}.example.com"]} for number in range(500)}
    answers = chain | {"_dmarc.example.com": {"TXT": [f"v=DMARC1; p=none; rua={reports}"]}}
    for domain in ("example.com", "c0.example.com"):
        ledger = Ledger(from_mapping(GOOD | {"answers": GOOD["answers"] | answers}))
        found = comment(domain, ledger)
        assert len(ledger.answers) == MAX_QUESTIONS
        assert "published-record-unread" in {finding.code for finding in found}
