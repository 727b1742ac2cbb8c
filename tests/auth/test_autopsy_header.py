"""Header fields that were changed after signing: each change found, undone, proved, and said as what it is."""

import pytest

from tests.auth.autopsies import autopsy, mail, told
from tests.auth.dkim_signing import BODY, FIELDS, zone

FROM, TO, SUBJECT, DATE = FIELDS
FOOTER = b"_______________________________________________\r\ndev mailing list\r\n"
H = "from:to:subject:date:reply-to:cc:list-id:list-post"


def changed(*now, before=FIELDS, h=H, **tags):
    return autopsy(mail(before, BODY, now_fields=now, h=h, **tags), by=tags.get("by", "rsa"))


@pytest.mark.parametrize("by", ["rsa", "ed25519"])
@pytest.mark.parametrize("c", ["relaxed/relaxed", "simple/simple"])
@pytest.mark.parametrize(
    ("now", "kinds"),
    [
        ((FROM, TO, b"Subject: [dev] Lunch\r\n", DATE), ["subject-tagged"]),
        ((FROM, TO, b"Subject: [EXTERNAL] [dev] Lunch\r\n", DATE), ["subject-tagged"]),
        ((FROM, TO, b"Subject: ***SPAM*** Lunch\r\n", DATE), ["subject-tagged"]),
        ((FROM, TO, b"Subject: Fwd: Lunch\r\n", DATE), ["subject-tagged"]),
        ((FROM, TO, b"Subject: Lunch (fwd)\r\n", DATE), ["subject-tagged"]),
        ((FROM, TO, SUBJECT, DATE, b"Reply-To: dev@lists.example.org\r\n"), ["reply-to-changed"]),
        (
            (FROM, b"To: eve@example.net\r\n", SUBJECT, DATE, b"X-Original-To: bob@example.net\r\n"),
            ["recipients-rewritten"],
        ),
        (
            (
                b"From: Ann via dev <dev@lists.example.org>\r\n",
                TO,
                SUBJECT,
                DATE,
                b"X-Original-From: Ann <ann@example.com>\r\n",
            ),
            ["from-rewritten"],
        ),
        (
            (b'From: "Ann via dev" <dev@lists.example.org>\r\n', TO, SUBJECT, DATE, b"Reply-To: ann@example.com\r\n"),
            ["from-rewritten", "reply-to-changed"],
        ),
        (
            (b"From: dev@lists.example.org\r\n", TO, SUBJECT, DATE, b"Cc: Ann <ann@example.com>\r\n"),
            ["from-rewritten", "recipients-rewritten"],
        ),
        (
            (
                FROM,
                TO,
                SUBJECT,
                DATE,
                b"List-Id: <dev.example.org>\r\n",
                b"List-Post: <mailto:dev@lists.example.org>\r\n",
            ),
            ["field-added", "field-added"],
        ),
        (
            (
                b'From: "Ann via dev" <dev@lists.example.org>\r\n',
                TO,
                b"Subject: [dev] Lunch\r\n",
                DATE,
                b"Reply-To: Ann <ann@example.com>\r\n",
                b"List-Id: <dev.example.org>\r\n",
                b"List-Post: <mailto:dev@lists.example.org>\r\n",
            ),
            ["from-rewritten", "reply-to-changed", "subject-tagged", "field-added", "field-added"],
        ),
    ],
)
def test_fields(now, kinds, c, by):
    found = changed(*now, c=c, by=by)
    assert told(found) == ("proved", kinds)


def test_header_and_body_at_once():
    now = (FROM, TO, b"Subject: [dev] Lunch\r\n", DATE)
    found = autopsy(mail(FIELDS, BODY, now_fields=now, now_body=BODY + FOOTER))
    assert told(found) == ("proved", ["footer-added", "subject-tagged"])
    assert found.alteration.detail == (
        f'example.com signed this message without its last {len(FOOTER)} octets and with the Subject "Lunch": the signature verifies'
    )
    subject = found.alteration.steps[1]
    assert (subject.where, subject.added, subject.removed) == ("header:Subject", ("[dev] Lunch",), ("Lunch",))


def test_a_body_that_fits_below_a_header_that_does_not_proves_nothing():
    now = (FROM, TO, b"Subject: Dinner\r\n", DATE)
    found = autopsy(mail(FIELDS, BODY, now_fields=now, now_body=BODY + FOOTER))
    assert told(found) == ("unproved", ["footer-added"])
    assert not found.alteration.proved
    assert "header" in found.lacking


def test_a_signature_of_another_key_is_not_searched():
    found = autopsy(mail(now_body=BODY + FOOTER), zone())
    assert found.outcome == "proved"
    other = mail(now_body=BODY + FOOTER, by="rsa-other")
    found = autopsy(other, zone())
    assert (str(found.outcome), found.alteration, found.hashes) == ("not-this-key", None, 0)


@pytest.mark.parametrize(("tags", "lacking"), [({"a": "rsa-sha1"}, "sha1"), ({"by": "weak"}, "768 bits")])
def test_what_would_not_count_unchanged_is_no_proof_either(tags, lacking):
    found = autopsy(mail(now_body=BODY + FOOTER, **tags), by=tags.get("by", "rsa"))
    assert told(found) == ("unproved", ["footer-added"])
    assert lacking in found.lacking


def test_copies_of_the_signer():
    z = "Subject:Lunch|From:Ann=20<ann@example.com>|To:bob@example.net"
    now = (b"From: Mallory <m@evil.example>\r\n", TO, b"Subject: Pay at once\r\n", DATE)
    found = changed(*now, z=z)
    assert told(found) == ("proved", ["field-changed", "field-changed"])
    assert {each.removed for each in found.alteration.steps} == {("Lunch",), ("Ann <ann@example.com>",)}


def test_copies_that_are_not_what_was_signed_prove_nothing():
    now = (FROM, TO, b"Subject: Pay at once\r\n", DATE)
    assert told(changed(*now, z="Subject:Dinner")) == ("unknown", [])


def test_a_field_that_was_taken_away_comes_back_from_the_copies():
    before = (*FIELDS, b"Cc: eve@example.net\r\n")
    found = changed(*FIELDS, before=before, z="Cc:eve@example.net")
    assert told(found) == ("proved", ["field-removed"])
