"""What would settle it: a point for each thing that is not known and could be had, and none for what is settled."""

import pathlib

import pytest

from mailtrace import analyze, load_dns
from mailtrace.auth.difference_types import Difference, Reason
from mailtrace.auth.types import Alteration, ARCCheck, ARCSet, MethodClaim, Session
from mailtrace.records import replace
from mailtrace.resolver import Answer, Mode, Outcome, RRType
from mailtrace.results import ARCResult, Comparison, DKIMResult, DMARCResult, Security, SPFResult, Standing
from mailtrace.verdict import judge
from mailtrace.verdict.authenticity import DNSTime
from mailtrace.verdict.settle import MOST_OF_A_KIND
from tests.verdict.build import (
    NONE,
    NOON,
    REJECT,
    a_dmarc,
    a_hop,
    a_message,
    a_path,
    a_signature,
    a_transport,
    an_authentication,
    an_spf,
)

SAMPLES = pathlib.Path(__file__).parents[2] / "samples"
RECORDED = DNSTime(mode=Mode.RECORDED, at=NOON)


def points(*, answers=(), hop=None, security=Security.ENCRYPTED, path=None, **authentication):
    message = a_message()
    path = path or a_path(message, *([hop] if hop else []))
    judgement = judge(
        message, path, a_transport(security), an_authentication(**authentication), dns=RECORDED, answers=tuple(answers)
    )
    return judgement.verdict.open_points


def asked(found):
    return [(str(point.ask), point.settles) for point in found]


def unanswered(outcome, name="_dmarc.example.com"):
    return Answer(name=name, rrtype=RRType.TXT, outcome=outcome)


FAILS = a_dmarc(DMARCResult.FAIL, NONE)


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome.OFFLINE, "without --offline"),
        (Outcome.NOT_RECORDED, "A recording that holds TXT _dmarc.example.com"),
        (Outcome.TIMEOUT, "again"),
        (Outcome.SERVFAIL, "again"),
    ],
)
def test_a_dns_answer_that_could_be_had(outcome, words):
    (first, *_) = points(answers=[unanswered(outcome)])
    assert (first.ask, words in first.settles) == ("record", True)
    assert "TXT _dmarc.example.com" in first.about


def test_an_answer_that_was_had_leaves_nothing_open():
    assert not [p for p in points(answers=[unanswered(Outcome.NXDOMAIN)]) if p.ask == "record"]


@pytest.mark.parametrize("problem", ["key-missing", "key-revoked", "key-unusable", "signature-mismatch"])
def test_the_key_of_that_time(problem):
    check = a_signature(result=DKIMResult.PERMERROR, problem=problem)
    assert (
        "record",
        "The TXT record at s._domainkey.example.com of 2026-10-20: give an archived copy with --keys.",
    ) in asked(points(dkim=[check], dmarc=FAILS))


def altered(alteration=None):
    return a_signature(
        result=DKIMResult.FAIL,
        problem="body-altered",
        body_hash=Comparison.MISMATCH,
        header_signature=Comparison.MATCH,
        alteration=alteration,
    )


def test_another_copy_where_the_change_is_not_known_and_a_person_where_it_is():
    (file,) = [p for p in points(dkim=[altered()], dmarc=FAILS) if p.ask == "file"]
    assert file.about == "what was changed after example.com signed it"
    proved = altered(Alteration(kind="footer-added", detail="12 octets", proved=True))
    (person,) = [p for p in points(dkim=[proved], dmarc=FAILS) if p.ask == "person"]
    assert person.about == "who changed the message after example.com signed it"


def test_a_signature_that_fails_beside_the_author_s_own_leaves_nothing_open():
    other = a_signature("esp.example", DKIMResult.PERMERROR)
    found = points(dkim=[a_signature(), other], dmarc=a_dmarc(DMARCResult.PASS, REJECT, aligned_dkim=True))
    assert found == ()


def test_the_author_s_signatures_come_first_and_a_flood_is_cut():
    flood = [a_signature(f"s{n}.example", DKIMResult.PERMERROR) for n in range(50)]
    own = a_signature(result=DKIMResult.PERMERROR)
    records = [p for p in points(dkim=[*flood, own], dmarc=FAILS) if p.ask == "record"]
    assert len(records) == MOST_OF_A_KIND
    assert "example.com" in records[0].about


def test_what_smtp_saw_is_in_the_receiver_s_log():
    hop = a_hop(a_message())
    hop = replace(hop, received=replace(hop.received, id="4ABC"))
    found = points(hop=hop, session=Session(client_ip="192.0.2.1"))
    (log, *_) = [p for p in found if p.ask == "log"]
    assert log.about == "the envelope sender, which SPF is about"
    assert (
        log.settles
        == "The log of mx.example.net for 4ABC at 2026-10-20 12:00:00 UTC: give what it says with --mail-from."
    )


def test_a_border_that_is_only_inferred():
    spf = an_spf(SPFResult.PASS)
    found = points(spf=spf, dmarc=a_dmarc(DMARCResult.PASS, REJECT, aligned_spf=True))
    assert ("option", "If example.net is the receiving side, say so with --trust .example.net.") in asked(found)


def test_a_sealer_that_says_so():
    claim = MethodClaim(method="dmarc", result="pass", properties={"header.from": "example.com"})
    seal = ARCSet(
        instance=1, sdid="lists.example", selector="a", cv="none", seal=ARCResult.PASS, message_signature=ARCResult.PASS,
        results=(claim,), problem=None, signed_fields=("from", "subject"),
    )  # fmt: skip
    arc = ARCCheck(result=ARCResult.PASS, oldest_pass=0, sets=(seal,), problem=None)
    options = [p.settles for p in points(arc=arc, dmarc=FAILS) if p.ask == "option"]
    assert "If you trust lists.example to say so, name it with --trust lists.example." in options
    # Trust would not help where the sealer did not sign what is shown.
    arc = replace(arc, sets=(replace(seal, signed_fields=("subject",)),))
    assert not any("lists.example" in p.settles for p in points(arc=arc, dmarc=FAILS))


def test_an_unrecorded_hop_is_in_its_server_s_log():
    found = points(security=Security.UNRECORDED)
    assert any(p.about == "whether the hop to mx.example.net was encrypted" and p.ask == "log" for p in found)
    assert not any("encrypted" in p.about for p in points(security=Security.CLEARTEXT))


def test_a_difference_without_an_explanation():
    difference = Difference(
        method="spf", identity="example.com", stamped="fail", computed="pass", reason=Reason.UNEXPLAINED, detail="",
        authserv_id="mx.example.net", standing=Standing.TRUSTED, field=0,
    )  # fmt: skip
    message = a_message()
    authentication = replace(an_authentication(), differences=(difference,))
    judgement = judge(message, a_path(message), a_transport(), authentication, dns=RECORDED)
    assert any("stamped spf=fail" in point.about for point in judgement.verdict.open_points)


EXPECTED = {
    "genuine": [],
    "forwarded": [],
    "spoof-reject": [],
    "key-rotated": ["record", "option"],
    "spf-only": ["option"],
    "dns-timeout": ["record"],
    "cleartext": [],
}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_samples(name):
    report = analyze((SAMPLES / f"{name}.eml").read_bytes(), dns=load_dns(SAMPLES / f"{name}.dns.json"))
    assert [str(point.ask) for point in report.verdict.open_points] == EXPECTED[name]


def test_who_changed_it_is_narrowed_by_a_check_that_it_passed():
    proved = altered(Alteration(kind="footer-added", detail="12 octets", proved=True))
    (anyone,) = [p for p in points(dkim=[proved], dmarc=FAILS) if p.ask == "person"]
    assert anyone.settles.startswith("The operators of the servers that had it since, the receiving side's own")
    stamp = Difference(
        method="dkim", identity="example.com", stamped="pass", computed="fail", reason=Reason.COPY_ALTERED, detail="",
        authserv_id="mx.example.net", standing=Standing.TRUSTED, field=2,
    )  # fmt: skip
    (later,) = [p for p in points(dkim=[proved], dmarc=FAILS, differences=(stamp,)) if p.ask == "person"]
    assert later.settles.startswith("The receiving side, and whoever wrote this file: mx.example.net had found")
    claimed = replace(stamp, standing=Standing.CLAIMED)
    assert anyone in points(dkim=[proved], dmarc=FAILS, differences=(claimed,))


def test_one_thing_is_left_open_once():
    stamp = Difference(
        method="dkim", identity="example.com", stamped="fail", computed="pass", reason=Reason.UNEXPLAINED, detail="",
        authserv_id="mx.example.net", standing=Standing.TRUSTED, field=2,
    )  # fmt: skip
    found = points(dkim=[altered()], dmarc=FAILS, differences=(stamp, stamp))
    assert len([p for p in found if p.about == "why mx.example.net stamped dkim=fail"]) == 1
