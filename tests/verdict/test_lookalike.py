"""An author domain that is read as another one, and what that does to the verdict: authentic mail of the wrong domain."""

import pytest

from mailtrace.message import parse
from mailtrace.records import replace
from mailtrace.results import DKIMResult, DMARCResult
from mailtrace.verdict import judge
from tests.verdict.build import REJECT, a_dmarc, a_hop, a_path, a_signature, a_transport, an_authentication
from tests.verdict.test_authenticity import RECORDED


def judged(author, *, to="bob@example.net", recipient=None, passes=True):
    message = parse(
        f"DKIM-Signature: v=1; d={author}; s=s\r\nFrom: Ann <ann@{author}>\r\nTo: {to}\r\nSubject: Hi\r\n\r\nx\r\n".encode()
    )
    hop = a_hop(message)
    hop = replace(hop, received=replace(hop.received, recipient=recipient))
    signature = a_signature(sdid=author, signed_fields=("from", "to", "subject"))
    if not passes:
        signature = replace(signature, result=DKIMResult.FAIL, problem="body-altered")
    dmarc = a_dmarc(DMARCResult.PASS if passes else DMARCResult.FAIL, REJECT, aligned_dkim=passes)
    authentication = an_authentication(dmarc=dmarc, dkim=[signature])
    return judge(message, a_path(message, hop), a_transport(), authentication, dns=RECORDED)


def test_what_a_look_alike_signed_is_suspicious():
    got = judged("xn--pple-43d.com")
    assert got.verdict.authenticity == "suspicious"
    assert got.verdict.basis is None
    assert got.verdict.reasons[:2] == ("author-looks-like-another", "author-signed")
    assert got.verdict.summary.startswith("xn--pple-43d.com looks like apple.com, and is another domain.")
    assert "CYRILLIC SMALL LETTER A" in next(f.detail for f in got.findings if f.code == "author-looks-like-another")
    assert any("by another channel" in step for step in got.verdict.next_steps)


@pytest.mark.parametrize(
    ("author", "to", "recipient"),
    [
        ("exarnple.net", "bob@example.net", None),
        ("mail.exarnple.net", "Bob <bob@mx.example.net>", None),
        ("exarnple.net", "undisclosed-recipients:;", "<bob@example.net>"),
        ("exarnple.net", "someone@else.example", "bob@example.net"),
    ],
)
def test_a_domain_that_looks_like_the_one_it_writes_to(author, to, recipient):
    got = judged(author, to=to, recipient=recipient)
    assert got.verdict.authenticity == "suspicious"
    assert "author-looks-like-another" in got.verdict.reasons


@pytest.mark.parametrize("author", ["example.net", "mail.example.net", "example.com", "xn--bcher-kva.example"])
def test_others_are_what_they_are(author):
    got = judged(author)
    assert got.verdict.authenticity == "authentic"
    assert "author-looks-like-another" not in {finding.code for finding in got.findings}


def test_an_odd_latin_letter_is_not_called_one_of_another_script():
    got = judged("xn--oogle-qmc.com")
    detail = next(f.detail for f in got.findings if f.code == "author-looks-like-another")
    assert detail == "xn--oogle-qmc.com reads as google.com, and is written with LATIN SMALL LETTER SCRIPT G."


def test_a_forged_message_of_a_look_alike_stays_forged_by_what_failed_and_is_named_as_well():
    got = judged("exarnple.net", passes=False)
    assert got.verdict.authenticity in ("forged", "suspicious")
    assert got.verdict.reasons[0] != "author-looks-like-another"
    assert "author-looks-like-another" in got.verdict.reasons
