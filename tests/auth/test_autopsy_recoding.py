"""Texts that were encoded otherwise after signing: decoded, cut where something was put to them, and encoded again."""

import base64
import quopri

import pytest

from tests.auth.autopsies import autopsy, mail, told
from tests.auth.dkim_signing import FIELDS

TEXT = "Grüße,\r\n\r\ndie Prüfung beginnt um neun; bitte öffnet die Türen früher. Der Schlüssel liegt bei mir.\r\nJörg\r\n".encode()
FOOTER = b"_______________________________________________\r\ndev mailing list\r\n"
H = "from:to:subject:date:content-type:content-transfer-encoding"


def lines(octets, width=76):
    coded = base64.b64encode(octets)
    return b"".join(coded[at : at + width] + b"\r\n" for at in range(0, len(coded), width))


def quoted(octets):
    return quopri.encodestring(octets.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")


def coding(name, charset=b"utf-8"):
    return (
        *FIELDS,
        b"Content-Type: text/plain; charset=" + charset + b"\r\n",
        b"Content-Transfer-Encoding: " + name + b"\r\n",
    )


FORMS = {
    "8bit": (b"8bit", TEXT),
    "base64": (b"base64", lines(TEXT)),
    "base64-lf": (b"base64", lines(TEXT.replace(b"\r\n", b"\n"))),
    "base64-60": (b"base64", lines(TEXT, 60)),
    "quoted-printable": (b"quoted-printable", quoted(TEXT)),
}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("8bit", "base64"),
        ("8bit", "base64-lf"),
        ("8bit", "quoted-printable"),
        ("base64", "8bit"),
        ("base64", "quoted-printable"),
        ("quoted-printable", "8bit"),
        ("quoted-printable", "base64"),
        ("base64-lf", "8bit"),
    ],
)
def test_a_text_in_another_encoding(before, after):
    (name, signed), (now_name, now) = FORMS[before], FORMS[after]
    found = autopsy(mail(coding(name), signed, now_fields=coding(now_name), now_body=now, h=H))
    assert told(found) == ("proved", ["re-encoded", "re-encoded"])


def test_base64_in_lines_of_another_length():
    found = autopsy(mail(coding(b"base64"), lines(TEXT), now_body=lines(TEXT, 60), h=H))
    assert told(found) == ("proved", ["re-encoded"])


@pytest.mark.parametrize("before", ["8bit", "base64", "quoted-printable"])
@pytest.mark.parametrize("after", [lines, quoted])
def test_a_footer_put_to_the_decoded_text(before, after):
    name, signed = FORMS[before]
    now_name = b"base64" if after is lines else b"quoted-printable"
    found = autopsy(mail(coding(name), signed, now_fields=coding(now_name), now_body=after(TEXT + FOOTER), h=H))
    outcome, kinds = told(found)
    assert (outcome, kinds[0]) == ("proved", "footer-added")
    assert found.alteration.steps[0].added[-1] == "dev mailing list"


def test_what_was_put_into_an_encoded_text_is_shown_decoded():
    now = lines(TEXT + b"-- \r\nhttps://confirm.evil.example/fee\r\n")
    found = autopsy(mail(coding(b"base64"), lines(TEXT), now_body=now, h=H))
    assert found.alteration.steps[0].added == ("-- ", "https://confirm.evil.example/fee")


def test_a_boundary_comes_back_from_the_copies():
    def parts(boundary):
        return b"--%s\r\n\r\nHello.\r\n--%s--\r\n" % (boundary, boundary)

    def fields(boundary):
        return (*FIELDS, b'Content-Type: multipart/mixed; boundary="%s"\r\n' % boundary)

    raw = mail(
        fields(b"one"),
        parts(b"one"),
        now_fields=fields(b"two"),
        now_body=parts(b"two"),
        h=H,
        z="Content-Type:=20multipart/mixed=3B=20boundary=3D=22one=22",
    )
    assert told(autopsy(raw)) == ("proved", ["boundary-changed", "boundary-changed"])


@pytest.mark.parametrize(("cut", "kinds"), [(b"\r\n ", ["line-ends"]), (b"!\r\n ", ["line-ends"])])
def test_a_line_that_was_too_long(cut, kinds):
    body = b"Short.\r\n" + b"word " * 400 + b"\r\n"
    now = body[:998] + cut + body[998:]
    assert told(autopsy(mail(FIELDS, body, now_body=now, c="simple/simple"))) == ("proved", kinds)
