"""Changes that keep a reader from what was signed, and those near by that do not."""

import pytest

from mailtrace.auth.autopsy.budget import MAX_HASHES
from tests.auth.autopsies import autopsy, mail
from tests.auth.dkim_signing import BODY, FIELDS

FROM, TO, SUBJECT, DATE = FIELDS
H = "from:to:subject:date:content-type"
HTML = b"<html>\r\n<body>\r\n<p>See you at noon.</p>\r\n</body>\r\n</html>\r\n"
AS_HTML = (*FIELDS, b"Content-Type: text/html\r\n")


def _alteration(raw):
    found = autopsy(raw).alteration
    assert found.proved
    return found


def hides(now=None, body=BODY, now_body=None, fields=FIELDS):
    raw = mail(fields, body, now_fields=now or fields, now_body=body if now_body is None else now_body, h=H)
    return _alteration(raw).hides


def in_html(at, text):
    return {"fields": AS_HTML, "body": HTML, "now_body": HTML.replace(at, text + at)}


@pytest.mark.parametrize(
    ("name", "address", "expected"),
    [
        (b"The Director", b"director@example.com", "another-author"),
        (b"Ann", b"director@example.com", "another-author"),
        (b"The Director", b"ann@example.com", "another-author"),
        (b"Ann", b"ann@mail.example.com", None),
        (b"Ann via Dev", b"dev@lists.example.org", None),
    ],
)
def test_another_author_of_the_same_domain(name, address, expected):
    kept = b"X-Original-From: Ann <ann@example.com>\r\n"
    assert hides((b"From: " + name + b" <" + address + b">\r\n", TO, SUBJECT, DATE, kept)) == expected


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (b"Pay at once", "another-subject"),
        (b"[dev] Lunch", None),
        (b"=?utf-8?q?=5Bdev=5D_LUNCH?=", None),
        (b"Lun", "another-subject"),
    ],
)
def test_another_subject(subject, expected):
    kept = b"X-Original-Subject: Lunch\r\n"
    assert hides((FROM, TO, b"Subject: " + subject + b"\r\n", DATE, kept)) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        (b'<p>Sent by <a href="https://lists.example.org/">the list</a></p>\r\n', None),
        (b"<!-- list footer --><p>Sent by the list</p>\r\n", None),
        (b"<p style='display:block;color:gray'>Sent by the list</p>\r\n", None),
        (b"<style>p { visibility : hidden }</style>\r\n", "markup"),
        (b"<div style='position: fixed; top: 0'>Pay</div>\r\n", "markup"),
        (b"<p>Pay</p><!--\r\n", "markup"),
        (b"<p>Pay</p><TEXTAREA hidden>\r\n", "markup"),
    ],
)
def test_markup(markup, expected):
    assert hides(**in_html(b"</body>", markup)) == expected


def test_markup_in_plain_text_is_text():
    assert hides(now_body=BODY + b"-- \r\n<!-- <style>\r\n") is None


@pytest.mark.parametrize(("subtype", "expected"), [(b"mixed", None), (b"alternative", "another-part")])
def test_a_part_that_is_shown_instead(subtype, expected):
    kind = b"Content-Type: multipart/" + subtype + b'; boundary="b"\r\n'
    plain, other = b"--b\r\n\r\nSee you.\r\n", b"--b\r\nContent-Type: text/html\r\n\r\n<p>Pay.</p>\r\n"
    end = b"--b--\r\n"
    assert hides(fields=(*FIELDS, kind), body=plain + end, now_body=plain + other + end) == expected


@pytest.mark.parametrize(("lines", "expected"), [(7, False), (9, True)])
def test_a_text_above_outweighs_sooner_than_one_below(lines, expected):
    text = (b"x" * 62 + b"\r\n") * lines
    above = _alteration(mail(FIELDS, BODY, now_fields=FIELDS, now_body=text + b"\r\n" + BODY, h=H))
    below = _alteration(mail(FIELDS, BODY, now_fields=FIELDS, now_body=BODY + b"-- \r\n" + text, h=H))
    assert (above.mostly_unsigned, below.mostly_unsigned) == (expected, False)


@pytest.mark.parametrize("hostile", [b"<!--", b"<", b"<a", b"<!-- -->", b"display :", b"-->", b"<!--\r\n", b"<p>\r\n"])
def test_work_grows_with_the_length_alone(hostile):
    """What went through it again from every place would take hours over two hundred thousand octets."""
    banner = hostile * (200_000 // len(hostile))
    found = autopsy(mail(AS_HTML, HTML, now_fields=AS_HTML, now_body=banner + b"\r\n\r\n" + HTML, h=H))
    assert found.hashes <= MAX_HASHES
