"""What mail stores write anew, Exchange before all: as it is documented, not as it was seen (docs/alterations.md)."""

import base64
import quopri

import pytest

from tests.auth.autopsies import autopsy, mail, told
from tests.auth.dkim_signing import BODY, FIELDS

FROM, TO, SUBJECT, DATE = FIELDS
TRACE = b"X-MS-Has-Attach:\r\n"
H = "from:to:cc:subject:date:content-type"
HTML = b"<html>\r\n<head>\r\n<title>Lunch</title>\r\n</head>\r\n<body><p>See you at noon.</p></body>\r\n</html>\r\n"
META = b'<meta http-equiv="Content-Type" content="text/html; charset=utf-8">'
TYPE = b"Content-Type: multipart/alternative; boundary=b\r\n"


def two_parts(html, encoding=b"8bit", fields=b"", charset=b"utf-8"):
    coded = {
        b"8bit": lambda octets: octets,
        b"quoted-printable": lambda octets: quopri.encodestring(octets.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n"),
        b"base64": lambda octets: base64.encodebytes(octets).replace(b"\n", b"\r\n"),
    }[encoding](html)
    return b"".join(
        [
            b"--b\r\nContent-Type: text/plain\r\n", fields, b"\r\nSee you at noon.\r\n",
            b"--b\r\nContent-Type: text/html; charset=", charset, b"\r\nContent-Transfer-Encoding: ", encoding, b"\r\n",
            fields, b"\r\n", coded, b"--b--\r\n",
        ]
    )  # fmt: skip


def stored(before, now):
    return autopsy(mail((*FIELDS, TYPE), before, now_body=now, h=H))


JOINED = HTML.replace(b"<html>\r\n<head>\r\n", b"<html><head>\r\n")


@pytest.mark.parametrize("encoding", [b"8bit", b"quoted-printable", b"base64"])
@pytest.mark.parametrize(
    ("html", "now"),
    [
        (b"<p>See you</p>\r\n", META + b"<p>See you</p>\r\n"),
        (HTML, HTML.replace(b"<head>\r\n", b"<head>\r\n" + META)),
        (HTML, HTML.replace(b"<head>\r\n", b"<head>\r\n" + META + b"\r\n")),
        (HTML, JOINED.replace(b"<head>\r\n", b"<head>\r\n" + META)),
        (HTML, JOINED.replace(b"<head>\r\n", b"<head>\r\n" + META + b"\r\n")),
        (
            b"<html><body><p>See you.</p></body></html>\r\n",
            b"<html><head>\r\n" + META + b"</head><body><p>See you.</p></body></html>\r\n",
        ),
        (
            HTML.replace(b"<head>\r\n", b'<head>\r\n<meta charset="utf-8">\r\n'),
            JOINED.replace(b"<head>\r\n", b"<head>\r\n" + META + b"\r\n"),
        ),
        (
            HTML.replace(b"</title>\r\n", b'</title>\r\n<meta charset="UTF-8">\r\n'),
            JOINED.replace(b"<head>\r\n", b"<head>\r\n" + META).replace(b"</title>\r\n", b"</title>\r\n\r\n"),
        ),
    ],
)
def test_the_head_of_html(html, now, encoding):
    found = stored(two_parts(html, encoding), two_parts(now, encoding))
    assert told(found) == ("proved", ["html-head-rewritten"])
    assert found.alteration.form_only
    (step,) = found.alteration.steps
    assert (step.where, step.added) == ("body part 2", (META.decode(),))
    assert "with another head of the HTML of body part 2" in found.alteration.detail


FILTER = b"X-Microsoft-Antispam-Message-Info:\r\n\tfRiLCE20\r\nX-MS-Exchange-Diagnostics: 1;BN6\r\n"


def test_fields_in_the_headers_of_parts():
    found = stored(two_parts(HTML), two_parts(HTML, fields=FILTER))
    assert told(found) == ("proved", ["part-fields-added"] * 4)
    assert found.alteration.form_only
    assert "without the fields that were put into the headers of its parts" in found.alteration.detail


def test_both_at_once():
    now = two_parts(HTML.replace(b"<head>\r\n", b"<head>\r\n" + META), b"quoted-printable", FILTER)
    found = stored(two_parts(HTML, b"quoted-printable"), now)
    assert told(found) == ("proved", ["html-head-rewritten"] + ["part-fields-added"] * 4)


@pytest.mark.parametrize(
    "fields",
    [
        b"X-MS-Info: 1\rContent-Disposition: attachment\r\n",
        b"X-MS-Info: 1\nContent-Disposition: attachment\r\n",
        b"X-MS-Info: 1\r\n\tx\nContent-Disposition: attachment\r\n",
        b"X-MS-Info: 1\r\nContent-Disposition: attachment\r\n",
        b"X-Other-Info: 1\r\n",
    ],
)
def test_no_other_field_goes_with_them(fields):
    assert told(stored(two_parts(HTML), two_parts(HTML, fields=fields))) == ("unknown", [])


@pytest.mark.parametrize(
    ("charset", "meta"),
    [
        (b"utf-8", META.replace(b"utf-8", b"utf-7")),
        (b"iso-8859-1", META),
        (b"utf-8", META.replace(b"Content-Type", b"refresh")),
        (b"utf-8", META.replace(b">", b' onload="x">')),
    ],
)
def test_a_meta_that_changes_what_is_read_is_no_change_of_form(charset, meta):
    found = stored(
        two_parts(HTML, charset=charset), two_parts(HTML.replace(b"<title>", meta + b"<title>"), charset=charset)
    )
    assert told(found) == ("unknown", [])
    above = two_parts(HTML.replace(b"<title>", meta + b"\r\n<title>"), charset=charset)
    found = stored(two_parts(HTML, charset=charset), above)
    assert found.alteration is None or found.alteration.hides == "markup"


def test_a_text_that_was_changed_as_well_is_not_found():
    now = HTML.replace(b"<head>\r\n", b"<head>\r\n" + META).replace(b"noon", b"nine")
    assert told(stored(two_parts(HTML), two_parts(now))) == ("unknown", [])


def changed(before, now):
    fields = (FROM, TO, SUBJECT, DATE)
    replaced = {field.partition(b":")[0].lower(): field for field in before}
    signed = [replaced.pop(field.partition(b":")[0].lower(), field) for field in fields] + [*replaced.values()]
    replaced = {field.partition(b":")[0].lower(): field for field in now}
    found = [replaced.pop(field.partition(b":")[0].lower(), field) for field in signed] + [*replaced.values()]
    return autopsy(mail(signed, BODY, now_fields=found, h=H))


@pytest.mark.parametrize("trace", [TRACE, b"X-Other: x\r\n"])
@pytest.mark.parametrize(
    ("before", "now"),
    [
        ([b"From: Ann Example <ann@example.com>\r\n"], [b'From: "Ann Example" <ann@example.com>\r\n']),
        ([b'From: "Ann Example" <ann@example.com>\r\n'], [b"From: Ann Example <ann@example.com>\r\n"]),
        ([b"To: bob@example.net\r\n"], [b'To: "bob@example.net" <bob@example.net>\r\n']),
        ([b"To: bob@example.net\r\n"], [b"To: \"'bob@example.net'\" <bob@example.net>\r\n"]),
        ([b"To: <bob@example.net>\r\n"], [b'To: "bob@example.net" <bob@example.net>\r\n']),
        ([b"To: Bob <bob@example.net>\r\n"], [b"To: \"'Bob'\" <bob@example.net>\r\n"]),
        (
            [b"To: bob@example.net, Carol C <carol@example.net>\r\n"],
            [b'To: "bob@example.net" <bob@example.net>, "Carol C" <carol@example.net>\r\n'],
        ),
        ([b"Date: Fri, 1 May 2026 10:00:00 +0000\r\n"], [b"Date: Fri, 01 May 2026 10:00:00 +0000\r\n"]),
        ([b"Date: Fri, 01 May 2026 10:00:00 GMT\r\n"], [b"Date: Fri, 1 May 2026 10:00:00 +0000\r\n"]),
        ([b"Date: Fri, 1 May 2026 10:00:00 +0000 (UTC)\r\n"], [b"Date: Fri, 1 May 2026 10:00:00 +0000\r\n"]),
        ([b"Date: Fri, 1 May 2026 01:30:00 +0330\r\n"], [b"Date: Thu, 30 Apr 2026 22:00:00 +0000\r\n", b"Received: x; Fri, 1 May 2026 01:30:01 +0330\r\n"]),
        ([b"Date: Thu, 30 Apr 2026 15:00:00 -0700\r\n"], [b"Date: Thu, 30 Apr 2026 22:00:00 +0000\r\n"]),
    ],
)  # fmt: skip
def test_names_and_dates(before, now, trace):
    found = changed(before, [*now, trace])
    assert told(found) == ("proved", ["re-encoded"])
    assert found.alteration.form_only


def test_names_and_date_at_once():
    found = changed(
        [b"From: Ann Example <ann@example.com>\r\n", b"Date: Fri, 1 May 2026 11:00:00 -0400\r\n"],
        [b'From: "Ann Example" <ann@example.com>\r\n', b"Date: Fri, 1 May 2026 15:00:00 +0000\r\n", TRACE],
    )
    assert told(found) == ("proved", ["re-encoded", "re-encoded"])
    assert "with From and Date written otherwise" in found.alteration.detail


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ([b"From: Ann Example <ann@example.com>\r\n"], [b'From: "Ann Other" <ann@example.com>\r\n']),
        ([b"From: Ann <ann@example.com>\r\n"], [b'From: "Ann, Bob" <ann@example.com>\r\n']),
        ([b"To: bob@example.net\r\n"], [b'To: "bob@example.net" <eve@example.net>\r\n']),
        ([b"To: bob@example.net, eve@example.net\r\n"], [b'To: "bob@example.net, eve@example.net"\r\n']),
        ([b"Date: Fri, 1 May 2026 10:00:00 +0000\r\n"], [b"Date: Fri, 1 May 2026 11:00:00 +0000\r\n"]),
        ([b"Date: Fri, 1 May 2026 10:00:00 +0000\r\n"], [b"Date: Fri, 32 May 2026 10:00:00 +0000\r\n"]),
        ([b"Date: Sat, 1 Jan 0001 00:30:00 +0000\r\n"], [b"Date: Fri, 31 Dec 0000 22:00:00 -0230\r\n"]),
    ],
)
def test_another_meaning_is_never_a_form(before, now):
    found = changed(before, [*now, TRACE])
    assert found.alteration is None or not found.alteration.form_only


def test_names_that_are_encoded_are_left_to_the_words():
    found = changed(
        [b"From: =?utf-8?q?Ren=C3=A9e?= <ann@example.com>\r\n"],
        [b'From: "=?utf-8?q?Ren=C3=A9e?=" <ann@example.com>\r\n', TRACE],
    )
    assert found.outcome == "unknown" or found.alteration.kind == "words-decoded"
