"""What a reader may take for the word of the author domain, and is not."""

import pytest

from mailtrace.auth.types import Alteration
from mailtrace.records import replace
from mailtrace.results import DKIMResult, DMARCResult
from mailtrace.verdict import judge
from tests.verdict.build import REJECT, a_dmarc, a_hop, a_message, a_path, a_signature, a_transport, an_authentication
from tests.verdict.test_authenticity import RECORDED

PASSED = a_dmarc(DMARCResult.PASS, REJECT, aligned_dkim=True)
SIGNS_MORE = a_signature(signed_fields=("from", "subject", "reply-to", "to"))


def judged(extra=b"", *, check=None, message=None, recipient=None):
    message = message or a_message(extra)
    hop = a_hop(message)
    hop = replace(hop, received=replace(hop.received, recipient=recipient))
    authentication = an_authentication(dmarc=PASSED, dkim=[check or a_signature()])
    return judge(message, a_path(message, hop), a_transport(), authentication, dns=RECORDED)


def codes(judgement):
    return {finding.code for finding in judgement.findings}


def test_an_unsigned_reply_to_of_another_domain_is_said_and_answered_with_a_step():
    got = judged(b"Reply-To: Ann <ann@attacker.example>\r\n")
    assert got.verdict.authenticity == "authentic"  # RFC 6376 §8.15: what is signed is still good
    assert "answers-go-elsewhere" in got.verdict.reasons
    assert got.verdict.unsigned == ("Reply-To",)
    assert any("not to the one in Reply-To" in step for step in got.verdict.next_steps)


@pytest.mark.parametrize(
    ("fields", "check"),
    [
        (b"", None),
        (b"Reply-To: ann@attacker.example\r\n", SIGNS_MORE),
        (b"Reply-To: help@desk.example.com\r\n", None),
        (b"Reply-To: nobody\r\n", None),
        (b"Reply-To: ann@attacker.example\r\n", a_signature(result=DKIMResult.FAIL, problem="body-altered")),
    ],
    ids=["none", "signed", "of the author's organisation", "no domain", "nothing proved"],
)
def test_other_answers_are_not_said_to_go_elsewhere(fields, check):
    assert "answers-go-elsewhere" not in codes(judged(fields, check=check))


def test_the_unsigned_fields_are_those_that_no_signature_of_the_author_covers():
    shown = b"To: bob@example.net\r\nDate: Tue, 20 Oct 2026 12:00:00 +0000\r\nReply-to: a@example.com\r\n"
    assert judged(shown).verdict.unsigned == ("To", "Date", "Reply-to")
    assert judged(shown, check=SIGNS_MORE).verdict.unsigned == ("Date",)
    assert judged(b"X-Mailer: none\r\n").verdict.unsigned == ()


def test_without_a_signature_to_rest_on_nothing_is_called_unsigned():
    broken = a_signature(result=DKIMResult.FAIL, problem="body-altered")
    assert judged(b"To: bob@example.net\r\n", check=broken).verdict.unsigned == ()


@pytest.mark.parametrize(
    "name",
    [
        '"ceo@bank.example"',
        '"Chief <ceo@bank.example>"',
        '"CEO: ceo@bank.example, urgent"',
        "=?utf-8?q?ceo=40bank=2Eexample?=",
        '"ceo@xn--bcher-kva.example"',
    ],
)
def test_a_name_that_is_an_address_of_another_domain_is_said(name):
    message = named(name)
    assert "author-name-misleads" in judged(message=message).verdict.reasons


@pytest.mark.parametrize(
    "name", ['"ann@example.com"', '"ann@mail.example.com"', '"Ann @ work"', "Ann", '"ann@example"', '"@bank.example"']
)
def test_a_name_that_is_none_or_one_of_the_same_organisation_is_not(name):
    assert "author-name-misleads" not in codes(judged(message=named(name)))


def named(name):
    from mailtrace.message import parse

    return parse(
        b"DKIM-Signature: v=1; d=example.com; s=s\r\nFrom: " + name.encode() + b" <ann@example.com>\r\n\r\nbody\r\n"
    )


def test_a_recipient_whom_the_message_does_not_name_is_a_remark():
    to = b"To: Bob <Bob@example.net>\r\nCc: dave@example.net\r\n"
    assert "recipient-not-named" in codes(judged(to, recipient="<carol@example.net>"))
    assert "recipient-not-named" not in codes(judged(to, recipient="<bob@example.net>"))
    assert "recipient-not-named" not in codes(judged(to, recipient="dave@EXAMPLE.net"))
    assert "recipient-not-named" not in codes(judged(to))


ALTERED = a_signature(
    result=DKIMResult.FAIL,
    problem="body-altered",
    alteration=Alteration(kind="footer-added", detail="212 octets", proved=True),
    signed_fields=("from", "subject"),
)
FAILED = a_dmarc(DMARCResult.FAIL, REJECT, aligned_dkim=False, aligned_spf=False)


def judged_altered(extra):
    message = a_message(extra)
    authentication = an_authentication(dmarc=FAILED, dkim=[ALTERED])
    return judge(message, a_path(message, a_hop(message)), a_transport(), authentication, dns=RECORDED)


def test_what_an_altered_message_s_signature_leaves_out_is_named_as_well():
    got = judged_altered(b"Reply-To: Ann <ann@attacker.example>\r\nTo: bob@example.net\r\n")
    assert got.verdict.authenticity == "unproven"
    assert got.verdict.unsigned == ("Reply-To", "To")
    assert "answers-go-elsewhere" in got.verdict.reasons
    assert any("not to the one in Reply-To" in step for step in got.verdict.next_steps)
    # Not all of the rest is the author's: some of it nobody signed.
    assert any("the rest of what was signed is example.com's" in step for step in got.verdict.next_steps)
