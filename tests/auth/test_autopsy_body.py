"""Bodies that were changed after signing: each change found, undone, proved, and said as what it is."""

import pytest

from tests.auth.autopsies import autopsy, mail, told
from tests.auth.dkim_signing import BODY, FIELDS

LONG = b"".join(b"Line %d of a letter that is long enough to have a middle.\r\n" % n for n in range(40))
FOOTER = b"_______________________________________________\r\ndev mailing list\r\nhttps://lists.example.org/dev\r\n"
BANNER = b"CAUTION: this message came from outside.\r\n\r\n"

TYPE = b'Content-Type: multipart/alternative; boundary="b1"\r\n'
PLAIN = b"--b1\r\nContent-Type: text/plain\r\n\r\nSee you at noon.\r\n"
HTML = b"--b1\r\nContent-Type: text/html\r\n\r\n<html>\r\n<body>\r\n<p>See you at noon.</p>\r\n</body>\r\n</html>\r\n"
PARTS = PLAIN + HTML + b"--b1--\r\n"
MULTIPART = (*FIELDS, TYPE)
SIGNED_TYPE = "from:to:subject:date:content-type"


def altered(before, after, c="relaxed/relaxed", fields=FIELDS, **tags):
    return autopsy(mail(fields, before, now_body=after, c=c, **tags))


@pytest.mark.parametrize("c", ["relaxed/relaxed", "simple/simple"])
@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        (LONG, LONG + FOOTER, ["footer-added"]),
        (LONG, LONG + b"\r\n\r\n" + FOOTER, ["footer-added"]),
        (LONG, LONG + b"-- \r\nSent from my phone\r\n", ["footer-added"]),
        (LONG, LONG + b"no rule above it\r\n", ["footer-added"]),
        (LONG, LONG + b"".join(b"advertisement %d\r\n" % n for n in range(30)), ["footer-added"]),
        (LONG, BANNER + LONG, ["header-part-added"]),
        (LONG, BANNER + LONG + FOOTER, ["header-part-added", "footer-added"]),
        (LONG, LONG.replace(b"\r\n", b"\r\r\n"), ["line-ends"]),
        (LONG, LONG.replace(b"\r\n", b"\r\n\r\n"), ["line-ends"]),
        (LONG, b"\r\n" + LONG, ["white-space"]),
        (b"\r\n" + LONG, LONG, ["white-space"]),
        (LONG + b"From here on.\r\n", LONG + b">From here on.\r\n", ["from-escaped"]),
        (LONG + b">From here on.\r\n", LONG + b"From here on.\r\n", ["from-escaped"]),
        (LONG + b".\r\nx\r\n", LONG + b"..\r\nx\r\n", ["dot-stuffed"]),
        (LONG + b"..x\r\n", LONG + b".x\r\n", ["dot-stuffed"]),
        (
            LONG + b"From here on.\r\nx\r\n",
            LONG + b">From here on.\r\nx\r\n" + FOOTER,
            ["footer-added", "from-escaped"],
        ),
    ],
)
def test_texts(before, after, kinds, c):
    found = altered(before, after, c)
    assert told(found) == ("proved", kinds)


def test_what_was_added_is_shown_with_its_place():
    found = altered(LONG, LONG + FOOTER)
    (step,) = found.alteration.steps
    assert step.added == (
        "_______________________________________________",
        "dev mailing list",
        "https://lists.example.org/dev",
    )
    assert (step.where, step.octets, step.removed) == ("body", len(FOOTER), ())
    raw = mail(FIELDS, LONG, now_body=LONG + FOOTER)
    assert raw.split(b"\r\n")[step.line - 1].startswith(b"____")
    assert (
        found.alteration.detail
        == f"example.com signed this message without its last {len(FOOTER)} octets: the signature verifies"
    )
    assert (found.alteration.octets, found.alteration.signed_octets) == (len(FOOTER), len(LONG))


MULTIPARTS = {
    "behind the closing delimiter": (PARTS, PARTS + FOOTER, ["footer-added"]),
    "at the end of the text": (PARTS, PLAIN + FOOTER + HTML + b"--b1--\r\n", ["footer-added"]),
    "before the end of the HTML": (
        PARTS,
        PLAIN + HTML.replace(b"</body>", b"<hr>\r\n<p>list</p>\r\n</body>") + b"--b1--\r\n",
        ["footer-added"],
    ),
    "in both": (
        PARTS,
        PLAIN + FOOTER + HTML.replace(b"</body>", b"<hr>\r\n<p>list</p>\r\n</body>") + b"--b1--\r\n",
        ["footer-added", "footer-added"],
    ),
    "at the beginning of the text": (
        PARTS,
        PLAIN.replace(b"See", BANNER + b"See") + HTML + b"--b1--\r\n",
        ["header-part-added"],
    ),
    "at the beginning of both": (
        PARTS,
        PLAIN.replace(b"See", BANNER + b"See")
        + HTML.replace(b"<body>\r\n", b"<body>\r\n<p>CAUTION</p>\r\n")
        + b"--b1--\r\n",
        ["header-part-added", "header-part-added"],
    ),
    "at both ends of the text": (
        PARTS,
        PLAIN.replace(b"See", BANNER + b"See") + FOOTER + HTML + b"--b1--\r\n",
        ["header-part-added", "footer-added"],
    ),
    "at both ends of the HTML": (
        PARTS,
        PLAIN
        + HTML.replace(b"<body>\r\n", b"<body>\r\n<p>CAUTION</p>\r\n").replace(b"</body>", b"<hr>\r\nlist\r\n</body>")
        + b"--b1--\r\n",
        ["header-part-added", "footer-added"],
    ),
    "at both ends of both": (
        PARTS,
        PLAIN.replace(b"See", BANNER + b"See")
        + FOOTER
        + HTML.replace(b"<body>\r\n", b"<body>\r\n<p>CAUTION</p>\r\n").replace(b"</body>", b"<hr>\r\nlist\r\n</body>")
        + b"--b1--\r\n",
        ["header-part-added", "header-part-added", "footer-added", "footer-added"],
    ),
    "a part at the end": (
        PARTS,
        PLAIN + HTML + b"--b1\r\nContent-Type: text/plain\r\n\r\n" + FOOTER + b"--b1--\r\n",
        ["part-added"],
    ),
    "a part at the beginning": (
        PARTS,
        b"--b1\r\nContent-Type: text/plain\r\n\r\n" + BANNER + PARTS,
        ["part-added"],
    ),
}


@pytest.mark.parametrize("c", ["relaxed/relaxed", "simple/simple"])
@pytest.mark.parametrize("case", MULTIPARTS)
def test_parts(case, c):
    before, after, kinds = MULTIPARTS[case]
    assert told(altered(before, after, c, MULTIPART, h=SIGNED_TYPE)) == ("proved", kinds)


@pytest.mark.parametrize("c", ["relaxed/relaxed", "simple/simple"])
def test_html_alone_with_texts_at_both_ends_of_its_body(c):
    html = b"<html>\r\n<body>\r\n<p>See you at noon.</p>\r\n</body>\r\n</html>\r\n"
    now = html.replace(b"<p>See", b"<p>CAUTION</p>\r\n<p>See").replace(b"</body>", b"<hr>\r\nlist\r\n</body>")
    found = altered(html, now, c, (*FIELDS, b"Content-Type: text/html\r\n"), h=SIGNED_TYPE)
    assert told(found) == ("proved", ["header-part-added", "footer-added"])


def test_a_message_wrapped_into_a_part_of_another():
    before = (*FIELDS, b"Content-Type: text/plain; charset=utf-8\r\n", b"Content-Transfer-Encoding: 8bit\r\n")
    now = (*FIELDS, b'Content-Type: multipart/mixed; boundary="w"\r\n')
    wrapped = (
        b"This is a multi-part message in MIME format.\r\n--w\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        + LONG
        + b"--w\r\nContent-Type: text/plain\r\n\r\n"
        + FOOTER
        + b"--w--\r\n"
    )
    h = "from:to:subject:date:content-type:content-transfer-encoding"
    found = autopsy(mail(before, LONG, now_fields=now, now_body=wrapped, h=h))
    assert told(found) == ("proved", ["part-added", "field-changed", "field-removed"])
    assert found.alteration.steps[0].added[-2:] == ("dev mailing list", "https://lists.example.org/dev")


def test_a_text_that_was_replaced_is_not_explained():
    found = altered(LONG, LONG.replace(b"Line 20", b"Line 21"))
    assert told(found) == ("unknown", [])
    assert found.complete
    assert "a text at the end" in found.tried


def test_ed25519_proves_as_well():
    found = autopsy(mail(FIELDS, BODY, now_body=BODY + FOOTER, by="ed25519"), by="ed25519")
    assert told(found) == ("proved", ["footer-added"])
