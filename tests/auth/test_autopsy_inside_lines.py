"""Notices that gateways put into HTML without a line of their own."""

import base64
import quopri

import pytest

from tests.auth.autopsies import autopsy, mail, told
from tests.auth.dkim_signing import FIELDS

H = "from:to:subject:date:content-type"
TYPE = b"Content-Type: multipart/alternative; boundary=b\r\n"
HTML = b'<html><body style="x"><div><p>See you</p> at noon.</div><br>Ann</body></html>\r\n'
NOTICE = b'<table style="width:100%"><tr><td><div>CAUTION</div></td></tr></table>'
FOOT = b'<hr><p>This is <a href="https://gate.example.net">confidential</a>.</p>'
ABOVE = HTML.replace(b'"x">', b'"x">' + NOTICE)
BELOW = HTML.replace(b"</body>", FOOT + b"</body>")
CODED = {
    b"8bit": lambda octets: octets,
    b"quoted-printable": lambda octets: quopri.encodestring(octets.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n"),
    b"base64": lambda octets: base64.encodebytes(octets).replace(b"\n", b"\r\n"),
}


def parts(html, encoding=b"8bit", text=b"See you at noon.\r\nAnn\r\n"):
    head = b"--b\r\nContent-Type: text/plain\r\n\r\n" + text
    field = b"--b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: " + encoding + b"\r\n\r\n"
    return head + field + CODED[encoding](html) + b"--b--\r\n"


def found(before, now, fields=(*FIELDS, TYPE)):
    return autopsy(mail(fields, before, now_body=now, h=H))


@pytest.mark.parametrize("encoding", CODED)
@pytest.mark.parametrize(
    ("now", "kind", "shown"),
    [
        (ABOVE, "header-part-added", NOTICE),
        (ABOVE.replace(NOTICE, NOTICE + b"<br>"), "header-part-added", NOTICE + b"<br>"),
        (ABOVE.replace(NOTICE, b"<div>CAUTION</div>"), "header-part-added", b"<div>CAUTION</div>"),
        (BELOW, "footer-added", FOOT),
        (BELOW.replace(FOOT, b"<div>confidential</div>"), "footer-added", b"<div>confidential</div>"),
    ],
)
def test_a_notice_inside_a_line(now, kind, shown, encoding):
    autopsy_ = found(parts(HTML, encoding), parts(now, encoding))
    assert told(autopsy_) == ("proved", [kind])
    (step,) = autopsy_.alteration.steps
    assert (step.where, step.added, step.octets) == ("body part 2", (shown.decode(),), len(shown))
    assert autopsy_.alteration.hides is None


@pytest.mark.parametrize("encoding", CODED)
@pytest.mark.parametrize(
    ("now", "text", "kind"),
    [
        (ABOVE, b"CAUTION\r\n\r\nSee you at noon.\r\nAnn\r\n", "header-part-added"),
        (BELOW, b"See you at noon.\r\nAnn\r\n\r\nThis is confidential.\r\n", "footer-added"),
    ],
)
def test_beside_one_in_the_text(now, text, kind, encoding):
    autopsy_ = found(parts(HTML, encoding), parts(now, encoding, text))
    assert told(autopsy_) == ("proved", [kind, kind])


def test_html_alone():
    fields = (*FIELDS, b"Content-Type: text/html\r\n")
    assert told(found(HTML, ABOVE, fields)) == ("proved", ["header-part-added"])
    assert told(found(HTML, BELOW, fields)) == ("proved", ["footer-added"])


@pytest.mark.parametrize(
    "now",
    [
        ABOVE.replace(b"noon", b"nine"),
        ABOVE.replace(b"<p>See", b'<p><a href="https://evil.example">See</a>'),
        HTML.replace(b"<p>See", NOTICE + b"<p>See"),
    ],
)
def test_another_text_is_not_found(now):
    assert told(found(parts(HTML), parts(now))) == ("unknown", [])


@pytest.mark.parametrize(
    "notice",
    [
        b"<div><style>p { display: none }</style></div>",
        b'<div style="position: absolute">Pay</div>',
        b'<div><link rel="stylesheet" href="https://evil.example"></div>',
        b'<div><meta http-equiv="refresh" content="0;url=https://evil.example"></div>',
    ],
)
def test_what_can_hide_the_rest_is_said_to(notice):
    autopsy_ = found(parts(HTML), parts(ABOVE.replace(NOTICE, notice)))
    assert told(autopsy_) == ("proved", ["header-part-added"])
    assert autopsy_.alteration.hides == "markup"
