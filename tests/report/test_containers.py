"""What the file that a message stood in has done to its octets: a mailbox's marks are undone, a .msg proves nothing."""

import pytest

from mailtrace.report import SourceReport, analyze
from mailtrace.resolver.recorded import from_mapping
from tests.auth.dkim_signing import record, signature

AT = {"mailtrace_dns": 1, "recorded_at": "2026-05-01T10:00:00Z", "default": "NXDOMAIN"}
RECEIVED = (
    b"Received: from relay.example.org (relay.example.org [203.0.113.1])\r\n"
    b"\tby mx.example.net (Postfix) with ESMTPS id 4ABC\r\n"
    b"\tfor <bob@example.net>; Fri, 1 May 2026 10:00:01 +0000\r\n"
)
FIELDS = [
    b"From: Ann <ann@example.com>\r\n",
    b"To: bob@example.net\r\n",
    b"Subject: Hello\r\n",
    b"Date: Fri, 1 May 2026 10:00:00 +0000\r\n",
    b"Message-ID: <1@example.com>\r\n",
]
BODY = b"He wrote:\r\n\r\nFrom here on it is easy.\r\n>From there it was not.\r\n"
DNS = from_mapping(
    AT
    | {
        "answers": {
            "example.com": {"TXT": ["v=spf1 ip4:192.0.2.0/24 -all"]},
            "_dmarc.example.com": {"TXT": ["v=DMARC1; p=reject"]},
            "s1._domainkey.example.com": {"TXT": [record()]},
        }
    }
)


def message(body=BODY, signed=BODY):
    own = signature(FIELDS, signed, d="example.com", s="s1", h="from:to:subject:date:message-id")
    return b"Return-Path: <ann@example.com>\r\n" + RECEIVED + own + b"".join(FIELDS) + b"\r\n" + body


def report(raw, kind="eml", **extra):
    source = SourceReport(name="x", kind=kind, position=0, size=None, sha256=None, **extra)
    return analyze(raw, dns=DNS, source=source)


def codes(found):
    return {finding.code for finding in found.findings}


MBOXO = BODY.replace(b"\r\nFrom ", b"\r\n>From ")
MBOXRD = MBOXO.replace(b"\r\n>From there", b"\r\n>>From there")


@pytest.mark.parametrize("quoted", [MBOXO, MBOXRD])
def test_a_mailboxs_marks_are_undone(quoted):
    found = report(message(quoted), "mbox")
    (check,) = found.authentication.dkim
    assert (check.result, check.body_hash, check.problem, check.alteration) == ("pass", "match", None, None)
    assert (found.verdict.authenticity, found.verdict.basis) == ("authentic", "dkim")
    assert found.authentication.dmarc.result == "pass"
    assert "dkim-mailbox-quoting" in codes(found)
    assert not codes(found) & {"dkim-body-altered", "dkim-alteration-proved"}


def test_a_mark_in_the_middle_of_the_text_is_undone():
    body = b"He wrote:\r\n\r\nFrom here on.\r\nSo it went.\r\nFrom " + b"x" * 400 + b"\r\n\r\n-- \r\nAnn\r\n"
    marked = body.replace(b"\r\nFrom ", b"\r\n>From ")
    assert report(message(marked, signed=body), "mbox").authentication.dkim[0].result == "pass"
    assert report(message(body, signed=marked), "mbox").authentication.dkim[0].result == "fail"


@pytest.mark.parametrize("kind", ["eml", "maildir", "msg"])
def test_elsewhere_the_same_marks_are_an_alteration(kind):
    found = report(message(MBOXO), kind)
    (check,) = found.authentication.dkim
    assert (check.result, check.alteration.kind, check.alteration.proved) == ("fail", "from-escaped", True)
    assert "dkim-mailbox-quoting" not in codes(found)


@pytest.mark.parametrize(
    "body",
    [MBOXO + b"and a footer that nobody signed\r\n", MBOXO.replace(b"easy", b"hard"), BODY.replace(b">From", b"From")],
    ids=["footer", "altered", "a mark taken away"],
)
def test_more_than_the_marks_is_no_pass(body):
    found = report(message(body), "mbox")
    assert found.authentication.dkim[0].result == "fail"
    assert found.verdict.authenticity != "authentic"
    assert "dkim-mailbox-quoting" not in codes(found)


def test_no_signature_is_checked_over_what_was_put_together_again():
    found = report(message(b"another body\r\n"), "msg", reconstructed=True)
    (check,) = found.authentication.dkim
    assert (check.result, check.problem) == ("not-checked", "reconstructed")
    assert (check.body_hash, check.header_signature) == ("not-checked", "not-checked")
    assert (found.authentication.dmarc.result, found.authentication.dmarc.problem) == ("not-checked", "reconstructed")
    assert (found.verdict.authenticity, found.verdict.reasons[0]) == ("unproven", "dkim-reconstructed")
    assert "does not keep" in found.verdict.summary
    assert "dkim-reconstructed" in codes(found)
    # the same octets from a file that keeps them
    assert report(message(b"another body\r\n")).verdict.authenticity in ("forged", "suspicious")


def test_a_good_signature_is_not_checked_either():
    found = report(message(), "msg", reconstructed=True)
    assert found.authentication.dkim[0].result == "not-checked"
    assert found.verdict.authenticity == "unproven"


def test_without_a_signature_what_is_forged_is_forged():
    raw = message()
    start, end = raw.index(b"DKIM-Signature"), raw.index(b"From: Ann")
    assert report(raw[:start] + raw[end:], "msg", reconstructed=True).verdict.authenticity == "forged"


def test_spf_still_speaks():
    raw = message().replace(b"203.0.113.1", b"192.0.2.1").replace(b"relay.example.org", b"mail.example.com")
    assert report(raw, "msg", reconstructed=True).authentication.dmarc.result == "pass"
