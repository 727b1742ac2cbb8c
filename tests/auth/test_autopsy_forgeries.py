"""An attacker has a genuine signed message and changes it: what he added is shown, nobody is credited, never authentic."""

import base64

import pytest

from mailtrace import analyze
from mailtrace.resolver.recorded import from_mapping
from tests.auth.autopsies import mail
from tests.auth.dkim_signing import BODY, FIELDS, NAME, record

FROM, TO, SUBJECT, DATE = FIELDS
LINK = b"Confirm at https://confirm.evil.example/fee\r\n"
LINE = "Confirm at https://confirm.evil.example/fee"
ENVELOPE = (
    b"Return-Path: <x@evil.example>\r\n"
    b"Received: from mx.evil.example (mx.evil.example [203.0.113.9])\r\n"
    b"\tby mx.example.net (Postfix) with ESMTPS id 4Qp\r\n\tfor <bob@example.net>; Fri, 1 May 2026 10:00:05 +0000 (UTC)\r\n"
)
LIST = b"List-Id: <dev.lists.example.org>\r\n"
ANSWERS = {
    NAME: {"TXT": [record()]},
    "_dmarc.example.com": {"TXT": ["v=DMARC1; p=reject"]},
    "evil.example": {"TXT": ["v=spf1 ip4:203.0.113.9 -all"]},
    "mx.evil.example": {"TXT": []},
    "example.com": {"TXT": ["v=spf1 -all"]},
}
TYPE = b'Content-Type: multipart/alternative; boundary="b1"\r\n'
PLAIN = b"--b1\r\nContent-Type: text/plain\r\n\r\nSee you at noon.\r\n"
HTML = b"--b1\r\nContent-Type: text/html\r\n\r\n<html>\r\n<body>\r\n<p>See you.</p>\r\n</body>\r\n</html>\r\n"
END = b"--b1--\r\n"
CODED = (*FIELDS, b"Content-Transfer-Encoding: base64\r\n")
H = "from:to:subject:date:content-type:content-transfer-encoding"


def lines(octets):
    return base64.encodebytes(octets).replace(b"\n", b"\r\n")


def forged(*now, fields=FIELDS, body=BODY, now_body=None, before=b"", **tags):
    raw = mail(fields, body, now_fields=now or fields, now_body=body if now_body is None else now_body, h=H, **tags)
    return analyze(ENVELOPE + before + raw, dns=from_mapping(ANSWERS))


SHOWN = {
    "appended": {"now_body": BODY + LINK},
    "appended below a rule": {"now_body": BODY + b"_____________\r\n" + LINK},
    "appended below blank lines": {"now_body": BODY + b"\r\n" * 40 + LINK},
    "appended as a signature": {"now_body": BODY + b"-- \r\n" + LINK},
    "appended with a List-Id": {"now_body": BODY + b"_____\r\n" + LINK, "before": LIST},
    "prepended": {"now_body": LINK + b"\r\n" + BODY},
    "at both ends": {"now_body": b"WARNING\r\n\r\n" + BODY + b"-- \r\n" + LINK},
    "appended to a text part": {
        "fields": (*FIELDS, TYPE),
        "body": PLAIN + HTML + END,
        "now_body": PLAIN + LINK + HTML + END,
    },
    "into the HTML": {
        "fields": (*FIELDS, TYPE),
        "body": PLAIN + HTML + END,
        "now_body": PLAIN + HTML.replace(b"</body>", b"<p>\r\n" + LINK + b"</body>") + END,
    },
    "a part appended": {
        "fields": (*FIELDS, TYPE),
        "body": PLAIN + HTML + END,
        "now_body": PLAIN + HTML + b"--b1\r\nContent-Type: text/html\r\n\r\n" + LINK + END,
    },
    "a part appended, encoded": {
        "fields": (*FIELDS, TYPE),
        "body": PLAIN + HTML + END,
        "now_body": PLAIN + HTML + b"--b1\r\nContent-Transfer-Encoding: base64\r\n\r\n" + lines(LINK) + END,
    },
    "behind the parts": {"fields": (*FIELDS, TYPE), "body": PLAIN + HTML + END, "now_body": PLAIN + HTML + END + LINK},
    "appended to base64": {"fields": CODED, "body": lines(BODY), "now_body": lines(BODY + b"-- \r\n" + LINK)},
    "appended to base64 as lines": {"fields": CODED, "body": lines(BODY), "now_body": lines(BODY) + lines(LINK)},
}


# Of alternatives the last one is shown: these are instead of what was signed, not beside it.
INSTEAD = {"a part appended", "a part appended, encoded"}


@pytest.mark.parametrize("case", SHOWN)
def test_what_was_added_is_shown(case):
    found = forged(**SHOWN[case])
    assert found.verdict.authenticity == ("suspicious" if case in INSTEAD else "unproven")
    alteration = found.authentication.dkim[0].alteration
    assert alteration.proved
    assert any(LINE in line for step in alteration.steps for line in step.added)
    assert_nobody_is_credited(found)


def assert_nobody_is_credited(found):
    said = " ".join([found.verdict.summary, *found.verdict.next_steps])
    assert "lists.example.org" not in said
    assert "not proved" in found.verdict.summary or found.verdict.authenticity != "unproven"


REPLACED = {
    "the body": ((), {"now_body": LINK}),
    "a line": ((), {"now_body": BODY.replace(b"See you  at noon.", b"See you at evil.example.")}),
    "the body, with a List-Id": ((), {"now_body": LINK, "before": LIST}),
    "the subject": ((FROM, TO, b"Subject: Pay at once\r\n", DATE), {}),
    "the subject and an addition": ((FROM, TO, b"Subject: Pay at once\r\n", DATE), {"now_body": BODY + LINK}),
    "the name": ((b"From: Your Bank <ann@example.com>\r\n", TO, SUBJECT, DATE), {}),
    "the type": ((*FIELDS, b"Content-Type: text/html\r\n"), {"fields": (*FIELDS, b"Content-Type: text/plain\r\n")}),
    "most of it": ((), {"body": b"Hi\r\n", "now_body": b"Hi\r\n" + LINK * 80}),
    "all of it, above an empty one": ((), {"body": b"", "now_body": LINK * 3}),
}


@pytest.mark.parametrize("case", REPLACED)
def test_what_was_replaced_stays_suspicious(case):
    now, more = REPLACED[case]
    found = forged(*now, **more)
    assert found.verdict.authenticity in ("suspicious", "forged")
    assert_nobody_is_credited(found)


@pytest.mark.parametrize(
    "now",
    [
        (b"From: Mallory <m@evil.example>\r\n", TO, SUBJECT, DATE),
        (b"From: Mallory <m@evil.example>\r\n", TO, SUBJECT, DATE, b"Reply-To: Ann <ann@example.com>\r\n"),
        (b"From: Mallory <m@evil.example>\r\n", TO, SUBJECT, DATE, b"X-Original-From: Ann <ann@example.com>\r\n"),
    ],
)
def test_another_author_is_not_vouched_for_by_the_one_who_signed(now):
    found = forged(*now)
    assert found.message.author_domain == "evil.example"
    assert found.verdict.authenticity != "authentic"
    assert "example.com signed" not in found.verdict.summary


def test_a_second_subject_above_the_signed_one_is_not_an_ordinary_change():
    found = forged(FROM, TO, b"Subject: Pay\r\n", SUBJECT, DATE, now_body=BODY + LINK)
    assert found.authentication.dkim[0].alteration.proved
    assert found.verdict.authenticity == "suspicious"
    assert "dkim-unsigned-copy" in [finding.code for finding in found.findings]


def test_a_text_behind_the_signed_length_is_not_an_ordinary_change():
    found = forged(now_body=b"CAUTION\r\n\r\n" + BODY + LINK, length=20)
    assert found.verdict.authenticity == "suspicious"


@pytest.mark.parametrize(
    "now",
    [
        (b"From: Mallory <m@evil.example>\r\n", *FIELDS),
        (FROM, TO, b"Subject: Pay\r\n", SUBJECT, DATE),
        (FROM, TO, SUBJECT, DATE, b"Reply-To: m@evil.example\r\n"),
        (FROM, b"To: eve@example.org\r\n", SUBJECT, DATE),
    ],
)
def test_fields_put_to_a_signed_message_never_make_it_authentic_where_it_is_altered(now):
    found = forged(*now, now_body=BODY + LINK)
    assert found.verdict.authenticity in ("unproven", "suspicious")
    assert found.verdict.basis is None
