"""What is said of a change: in the verdict, in findings, in the report; and what is never said."""

import pytest

from mailtrace import analyze
from mailtrace.auth.autopsy.words import clause
from mailtrace.auth.dkim import check_dkim
from mailtrace.auth.types import Alteration, AlterationStep
from mailtrace.message import parse
from mailtrace.resolver.recorded import from_mapping
from tests.auth.autopsies import mail
from tests.auth.dkim_signing import BODY, FIELDS, NAME, record, signature, zone

FOOTER = b"-- \r\nPay at https://confirm.evil.example/ now\r\n"
POLICY = {NAME: {"TXT": [record()]}, "_dmarc.example.com": {"TXT": ["v=DMARC1; p=reject"]}}
ENVELOPE = (
    b"Return-Path: <ann@example.com>\r\n"
    b"Received: from mx.evil.example (mx.evil.example [203.0.113.9])\r\n"
    b"\tby mx.example.net (Postfix) with ESMTPS id 4Qp\r\n\tfor <bob@example.net>; Fri, 1 May 2026 10:00:05 +0000 (UTC)\r\n"
)


def a_step(kind, where="body", octets=0, added=(), removed=()):
    return AlterationStep(kind=kind, where=where, line=None, octets=octets, added=added, removed=removed)


def altered_by(*steps):
    return Alteration(kind=steps[0].kind, detail="", proved=True, steps=steps)


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([a_step("footer-added", octets=212)], "without its last 212 octets"),
        ([a_step("footer-added", "body part 2", 1212)], "without the last 1,212 octets of body part 2"),
        (
            [a_step("header-part-added", octets=9), a_step("footer-added", octets=8)],
            "without its first 9 octets and without its last 8 octets",
        ),
        ([a_step("part-added", octets=70)], "without the 70 octets of the parts that were added to it"),
        ([a_step("subject-tagged", "header:Subject", removed=("Lunch",))], 'with the Subject "Lunch"'),
        ([a_step("reply-to-changed", "header:Reply-To", added=("x",))], "without Reply-To"),
        (
            [a_step("words-decoded", "header:From"), a_step("words-decoded", "header:To")],
            "with From and To encoded otherwise",
        ),
        (
            [a_step("field-added", "header:List-Id"), a_step("field-added", "header:List-Post")],
            "without List-Id and List-Post",
        ),
    ],
)
def test_clauses(steps, said):
    assert clause(altered_by(*steps)) == said


def test_many_changes_are_not_all_named():
    steps = [a_step("subject-tagged", f"header:X-{n}", removed=("y",)) for n in range(5)]
    assert clause(altered_by(*steps)).endswith("and with 2 more undone")


def report(raw, answers=POLICY):
    return analyze(ENVELOPE + raw, dns=from_mapping({**answers, "example.com": {"TXT": ["v=spf1 -all"]}}))


def test_a_footer_with_a_link_is_shown_and_credited_to_nobody():
    found = report(mail(now_body=BODY + FOOTER))
    assert found.verdict.authenticity == "unproven"
    assert found.verdict.summary.startswith(
        f"example.com signed this message without its last {len(FOOTER)} octets; who changed it"
    )
    assert found.verdict.reasons[0] == "dkim-alteration-proved"
    assert found.authentication.dkim[0].alteration.steps[0].added == ("-- ", "Pay at https://confirm.evil.example/ now")
    assert "evil" not in found.verdict.summary


def test_a_change_of_the_form_only_is_told_from_others():
    found = report(mail(now_body=BODY.replace(b"\r\n", b"\r\r\n")))
    assert found.authentication.dkim[0].alteration.form_only
    told = "Only the form was changed: the text and the signed fields say what example.com signed."
    assert told in found.verdict.next_steps
    found = report(mail(now_body=BODY.replace(b"\r\n", b"\r\r\n") + FOOTER.replace(b"\r\n", b"\r\r\n")))
    assert [step.kind for step in found.authentication.dkim[0].alteration.steps] == ["footer-added", "line-ends"]
    assert not found.authentication.dkim[0].alteration.form_only


def test_long_additions_are_cut_and_counted():
    found = report(mail(now_body=BODY + b"-- \r\n" + b"x\r\n" * 30 + b"\r\n\r\n"))
    assert found.authentication.dkim[0].alteration.steps[0].added[-2:] == ("x", "... and 19 lines more")


def test_a_change_that_is_not_proved_lifts_nothing():
    now = (*FIELDS[:2], b"Subject: Dinner\r\n", FIELDS[3])
    found = report(mail(now_fields=now, now_body=BODY + FOOTER))
    assert found.verdict.authenticity == "suspicious"
    assert not found.authentication.dkim[0].alteration.proved


LETTER = b"".join(b"Transfer number %d of the many to be made at once.\r\n" % n for n in range(60))


@pytest.mark.parametrize(
    ("signed", "now"), [(b"Hi.\r\n", b"Hi.\r\n-- \r\n" + LETTER), (b"", LETTER), (BODY, LETTER + BODY)]
)
def test_a_text_that_outweighs_what_was_signed_lifts_nothing(signed, now):
    found = report(mail(FIELDS, signed, now_body=now))
    codes = [finding.code for finding in found.findings]
    assert found.verdict.authenticity == "suspicious"
    if found.authentication.dkim[0].alteration:
        assert found.authentication.dkim[0].alteration.mostly_unsigned
        assert "dkim-mostly-unsigned" in codes
        assert found.verdict.reasons[:2] == ("dmarc-fail-enforced", "dkim-mostly-unsigned")


def test_a_long_footer_does_not_outweigh_a_short_message():
    found = report(mail(FIELDS, b"Thanks!\r\n", now_body=b"Thanks!\r\n" + b"-- \r\n" + LETTER[:1500]))
    assert found.verdict.authenticity == "unproven"
    assert "dkim-mostly-unsigned" not in [finding.code for finding in found.findings]


def test_nothing_is_tried_where_everything_verifies():
    found = report(mail())
    assert found.authentication.dkim[0].alteration is None
    assert not [finding for finding in found.findings if "alter" in finding.code or "autopsy" in finding.code]


def test_a_signature_of_another_domain_does_not_lift():
    raw = signature(FIELDS, BODY, d="example.org") + b"".join(FIELDS) + b"\r\n" + BODY + FOOTER
    answers = {**POLICY, "s1._domainkey.example.org": {"TXT": [record()]}}
    found = report(raw, answers)
    assert found.authentication.dkim[0].alteration.proved
    assert found.verdict.authenticity == "forged"


def test_hostile_octets_are_shown_escaped():
    raw = mail(now_body=BODY + b"-- \r\n\x1b[31m\xe2\x80\xae evil\r\n" + b"x" * 5000 + b"\r\n")
    (check,) = check_dkim(parse(raw), dns=zone(), received_at=None).checks
    shown = check.alteration.steps[0].added
    assert shown[1] == "\\x1b[31m\\u202e evil"
    assert all(len(line) <= 200 and line.isprintable() for line in shown)


def test_an_absent_field_is_named_only_where_the_header_is_unexplained():
    now = (*FIELDS[:2], b"Subject: Dinner\r\n", FIELDS[3])
    raw = mail(now_fields=now, h="from:to:subject:date:cc")
    codes = {f.code: f.detail for f in check_dkim(parse(raw), dns=zone(), received_at=None).findings}
    assert codes["dkim-signed-fields-absent"].startswith("cc: ")
    assert "dkim-alteration-unknown" in codes
    intact = check_dkim(parse(mail(h="from:to:subject:date:cc")), dns=zone(), received_at=None).findings
    assert "dkim-signed-fields-absent" not in [finding.code for finding in intact]
