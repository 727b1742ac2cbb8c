"""Header fields in another form: encoded, folded, spelled or quoted otherwise."""

import pytest

from tests.auth.autopsies import autopsy, mail, told
from tests.auth.dkim_signing import BODY, FIELDS

FROM, TO, SUBJECT, DATE = FIELDS
WORDS = (
    b"From: =?UTF-8?B?UmVuw6llIETDvHJy?= <ann@example.com>\r\n",
    TO,
    b"Subject: =?UTF-8?B?w5xiZXJzZXR6dW5nIGbDvHIgZGllIE1pdHRlaWx1bmc=?=\r\n",
    DATE,
)
H = "from:to:subject:date:content-type"


@pytest.mark.parametrize(
    ("now", "kinds"),
    [
        (
            (
                "From: Renée Dürr <ann@example.com>\r\n".encode(),
                TO,
                "Subject: Übersetzung für die Mitteilung\r\n".encode(),
                DATE,
            ),
            ["words-decoded"] * 2,
        ),
        (
            (
                b"From: =?utf-8?q?Ren=C3=A9e_D=C3=BCrr?= <ann@example.com>\r\n",
                TO,
                b"Subject: =?utf-8?q?=C3=9Cbersetzung_f=C3=BCr?= die Mitteilung\r\n",
                DATE,
            ),
            ["words-decoded"] * 2,
        ),
        (
            (WORDS[0], TO, b"Subject: [dev] =?utf-8?q?=C3=9Cbersetzung_f=C3=BCr_die_Mitteilung?=\r\n", DATE),
            ["subject-tagged"],
        ),
        (
            (WORDS[0], TO, b"Subject: =?utf-8?q?=5Bdev=5D_=C3=9Cbersetzung_f=C3=BCr_die_Mitteilung?=\r\n", DATE),
            ["subject-tagged"],
        ),
    ],
)
def test_encoded_words(now, kinds):
    assert told(autopsy(mail(WORDS, BODY, now_fields=now))) == ("proved", kinds)


@pytest.mark.parametrize(
    "before", [b"text/plain; charset=utf-8", b"text/plain; charset=UTF-8", b"text/plain;charset=utf-8"]
)
def test_content_type(before):
    now = (*FIELDS, b'Content-Type: text/plain; charset="utf-8"\r\n')
    found = autopsy(mail((*FIELDS, b"Content-Type: " + before + b"\r\n"), BODY, now_fields=now, h=H))
    assert told(found) == ("proved", ["re-encoded"])


FOLDED = (FROM, TO, b"Subject: a subject that is long enough\r\n to be folded in one place\r\n", DATE)


@pytest.mark.parametrize(
    ("before", "now", "kinds"),
    [
        (FOLDED, tuple(field.replace(b"\r\n ", b" ") for field in FOLDED), ["refolded"]),
        (FOLDED, tuple(field.replace(b"\r\n ", b"  ") for field in FOLDED), ["refolded"]),
        (FOLDED, tuple(field.replace(b"\r\n ", b"\r\n\t") for field in FOLDED), ["refolded"]),
        (tuple(field.replace(b"\r\n ", b" ") for field in FOLDED), FOLDED, ["refolded"]),
        (FIELDS, (FROM, b"TO: bob@example.net\r\n", SUBJECT, DATE), ["recased"]),
        (FIELDS, (FROM.lower()[:5] + FROM[5:], *FIELDS[1:]), ["recased"]),
        (FIELDS, (FROM, b"To:bob@example.net\r\n", SUBJECT, DATE), ["white-space"]),
        ((FROM, b"To:bob@example.net\r\n", SUBJECT, DATE), FIELDS, ["white-space"]),
        (FIELDS, (FROM, TO, b"Subject: Lunch  \r\n", DATE), ["white-space"]),
    ],
)
def test_simple_headers(before, now, kinds):
    assert told(autopsy(mail(before, BODY, now_fields=now, c="simple/simple"))) == ("proved", kinds)


def test_the_signature_itself_was_folded_otherwise():
    raw = mail(FIELDS, BODY).replace(b"; ", b";\r\n\t", 3)
    assert told(autopsy(raw.replace(b"h=from:to:", b"h=from: to:"))) == ("proved", ["refolded"])
    simple = mail(FIELDS, BODY, c="simple/simple")
    head, _, rest = simple.partition(b"\r\nFrom")
    unfolded = head.replace(b"; d=", b";\r\n\td=") + b"\r\nFrom" + rest
    assert told(autopsy(unfolded)) == ("proved", ["refolded"])


ODD = (
    b"DATE: Fri, 1 May 2026 10:00:00 +0000\r\n",
    b"from: Ann <ann@example.com>\r\n",
    b"Message-Id: <1@example.com>\r\n",
    b"MIME-version: 1.0\r\n",
    b"Content-type: text/plain\r\n",
)
USUAL = (
    ODD[0].replace(b"DATE", b"Date"),
    ODD[1].replace(b"from", b"From"),
    ODD[2].replace(b"Id", b"ID"),
    ODD[3].replace(b"version", b"Version"),
    ODD[4].replace(b"type", b"Type"),
)


def test_names_are_spelled_as_the_signature_lists_them():
    found = autopsy(
        mail(ODD, BODY, now_fields=USUAL, c="simple/simple", h="DATE:from:Message-Id:MIME-version:Content-type")
    )
    assert told(found) == ("proved", ["recased"] * 5)
    assert found.hashes < 60


def test_names_that_nothing_spells_are_not_found():
    found = autopsy(
        mail(ODD, BODY, now_fields=USUAL, c="simple/simple", h="date:from:message-id:mime-version:content-type")
    )
    assert told(found) == ("unknown", [])


def test_a_name_is_recased_and_its_value_is_not():
    now = (USUAL[0].replace(b"1 May", b"2 May"), *USUAL[1:])
    found = autopsy(
        mail(ODD, BODY, now_fields=now, c="simple/simple", h="DATE:from:Message-Id:MIME-version:Content-type")
    )
    assert told(found) == ("unknown", [])
