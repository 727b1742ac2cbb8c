"""What was changed after a server sealed a message: its signature is examined like one of DKIM, with what that has left."""

from datetime import UTC, datetime

import pytest

from mailtrace import analyze
from mailtrace.auth.arc import check_arc
from mailtrace.auth.autopsy import examiner_of
from mailtrace.auth.dkim import check_dkim
from mailtrace.message import parse
from mailtrace.render.text import render
from tests.auth.arc_sealing import chain, sealed
from tests.auth.dkim_signing import BODY, FIELDS, signature, zone
from tests.auth.test_brought_along import answers, envelope


def outcome(mail):
    return check_arc(mail, dns=zone(), received_at=None)


FOOTER = b"_______________________________________________\r\ndev mailing list\r\n"


@pytest.mark.parametrize("c", ["relaxed/relaxed", "simple/simple"])
def test_what_was_changed_after_a_set_was_sealed_is_undone(c):
    """The newest failing message signature is examined like one of DKIM; what it says of others is unchanged."""
    mail = chain(3, body=BODY + FOOTER, set1={"message": {"body": BODY, "c": c}})
    found = outcome(mail)
    assert (found.check.result, found.check.altered_after, found.check.oldest_pass) == ("pass", 1, 2)
    first, *others = found.check.sets
    assert [step.kind for step in first.alteration.steps] == ["footer-added"]
    assert first.alteration.detail.startswith("example.com sealed this message without its last")
    assert [each.alteration for each in others] == [None, None]
    (finding,) = [finding for finding in found.findings if finding.code == "arc-altered-between"]
    assert finding.detail.endswith(
        f"example.com sealed it without its last {len(FOOTER)} octets; who made the change is not proved."
    )


def test_what_was_changed_after_the_newest_set_is_undone_too():
    before = tuple(field.replace(b"Lunch", b"[dev] Lunch") for field in FIELDS)
    mail = chain(2, fields=before, set2={"message": {"fields": FIELDS}})
    found = outcome(mail)
    assert (found.check.result, found.check.problem) == ("fail", "message-signature")
    assert [step.kind for step in found.check.sets[1].alteration.steps] == ["subject-tagged"]
    (finding,) = [finding for finding in found.findings if finding.code == "arc-message-altered"]
    assert 'sealed it with the Subject "Lunch"' in finding.detail


def test_only_the_newest_change_is_examined():
    mail = chain(2, body=BODY + FOOTER, set1={"message": {"body": b"x\r\n"}}, set2={"message": {"body": BODY}})
    assert [one.alteration is not None for one in outcome(mail).check.sets] == [False, True]


@pytest.mark.parametrize(
    "set2",
    [
        {"message": {"body": b"Another text.\r\n"}},
        {"message": {"body": BODY, "by": "rsa-other"}},
        {"message": {"body": BODY, "a": "rsa-sha1"}},
        {"message": {"body": BODY, "x": 1}},
    ],
)
def test_what_is_not_undone_or_would_not_count_is_not_told(set2):
    found = check_arc(chain(2, body=BODY + FOOTER, set2=set2), dns=zone(), received_at=datetime(2026, 5, 1, tzinfo=UTC))
    assert [one.alteration for one in found.check.sets] == [None, None]
    assert not any("sealed it" in finding.detail for finding in found.findings)


def test_one_budget_serves_dkim_and_arc():
    long = b"".join(b"Line %d of a text without a rule in it.\r\n" % number for number in range(400))
    mail = parse(signature(FIELDS, b"x\r\n") + sealed(1, body=long, set1={"message": {"body": b"y\r\n"}}))
    examiner = examiner_of(mail, None)
    check_dkim(mail, dns=zone(), received_at=None, examiner=lambda: examiner)
    left = examiner.budget.hashes
    assert left < 200
    check_arc(mail, dns=zone(), received_at=None, examiner=lambda: examiner)
    assert 0 <= examiner.budget.hashes <= left


def test_a_change_that_dkim_has_found_costs_arc_nothing():
    mail = parse(signature(FIELDS, BODY) + sealed(1, body=BODY + FOOTER, set1={"message": {"body": BODY}}))
    examiner = examiner_of(mail, None)
    dkim = check_dkim(mail, dns=zone(), received_at=None, examiner=lambda: examiner)
    left = examiner.budget.hashes
    arc = check_arc(mail, dns=zone(), received_at=None, examiner=lambda: examiner)
    assert arc.check.sets[0].alteration.steps == dkim.checks[0].alteration.steps
    assert examiner.budget.hashes == left


def text(raw):
    return " ".join(render(analyze(raw, dns=zone())).split())


def test_it_is_shown_like_a_difference():
    told = text(sealed(1, body=BODY + FOOTER, set1={"message": {"body": BODY}}))
    assert "Changed after example.com sealed it (ARC set 1)" in told
    assert "+ dev mailing list" in told


def test_what_a_signature_tells_is_not_told_again():
    told = text(signature(FIELDS, BODY) + sealed(1, body=BODY + FOOTER, set1={"message": {"body": BODY}}))
    assert "Changed after example.com signed it" in told
    assert "(ARC set 1)" not in told


@pytest.mark.parametrize("policy", ["none", "reject"])
def test_no_verdict_is_lifted_by_it(policy):
    now = BODY + FOOTER
    told, untold = (
        analyze(
            envelope(b"x@evil.example") + sealed(1, body=now, set1={"message": {"body": then}}), dns=answers(policy)
        )
        for then in (BODY, b"Another text.\r\n")
    )
    assert told.authentication.arc.sets[0].alteration.proved
    assert untold.authentication.arc.sets[0].alteration is None
    assert told.verdict.authenticity in ("suspicious", "forged")
    assert told.verdict.authenticity == untold.verdict.authenticity


@pytest.mark.parametrize(
    ("by", "words"),
    [
        ("rsa", "example.com sealed instance 2 with cv=fail."),
        (
            "rsa-other",
            "The seal of instance 2, in the name of example.com, says cv=fail. It was not verified: anyone may have written it.",
        ),
    ],
)
def test_that_a_sealer_found_the_chain_broken_is_its_word_only_where_its_seal_holds(by, words):
    found = outcome(chain(2, set2={"cv": "fail", "seal": {"alone": True, "by": by}}))
    (finding,) = [finding for finding in found.findings if finding.code == "arc-chain-failed"]
    assert finding.detail == words
