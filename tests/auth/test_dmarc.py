"""DMARC, RFC 9989, with the result of RFC 7489 beside it. Cases as columns over one zone each."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtrace.auth.dmarc import check_dmarc, dmarc_questions
from mailtrace.auth.dmarc_record import parse_record
from mailtrace.auth.dmarc_walk import targets, walk
from mailtrace.auth.types import DKIMCheck, SPFCheck, SPFIdentity
from mailtrace.findings import Evidence
from mailtrace.resolver.ledger import Ledger
from mailtrace.resolver.offline import OfflineResolver
from mailtrace.resolver.recorded import from_mapping
from mailtrace.results import Comparison, DKIMResult, SPFResult

PLACE = Evidence(source="header:From[0]", excerpt="a@b.example")
TEMPORARY = {"temperror": "dns-failure", "not-checked": "not-recorded"}


def zone(records, existing=(), **broken):
    """A closed zone of DMARC records, and names that exist; `broken`: rcode by name."""
    answers = {name: {"TXT": [text] if isinstance(text, str) else list(text)} for name, text in records.items()}
    for name in existing:
        answers.setdefault(name, {})["A"] = ["192.0.2.1"]
    for name, rcode in broken.items():
        answers[name] = {"TXT": {"rcode": rcode}, "A": {"rcode": rcode}}
    return from_mapping({"mailtrace_dns": 1, "default": "NXDOMAIN", "answers": answers})


def signed(domain, result="pass"):
    return DKIMCheck(
        index=0, sdid=domain, auid=None, selector="s", algorithm=None, key_bits=None, key_source=None, signed_fields=(),
        canonicalization=None, body_length=None, signed_at=None, expires_at=None, result=DKIMResult(result),
        body_hash=Comparison.MATCH, header_signature=Comparison.NOT_CHECKED,
        problem=TEMPORARY.get(result, None if result == "pass" else "key-missing"), alteration=None, testing=False,
        unsigned_octets=None,
        key_record=None,
        key_origin=None,
    )  # fmt: skip


def sent(domain, result="pass", problem=None):
    return SPFCheck(trace=None,
        identity=SPFIdentity.MAILFROM, domain=domain, client_ip="192.0.2.1", result=SPFResult(result), mechanism=None,
        record=None, lookups=0, void_lookups=0, explanation=None, problem=problem or TEMPORARY.get(result),
        narrow=None,
    )  # fmt: skip


def check(author, dns, *, spf=None, dkim=()):
    spf = (spf or sent("other.example", "fail"),)
    return check_dmarc(author, spf, tuple(dkim), dns=dns, place=PLACE)


REJECT = {"_dmarc.example.com": "v=DMARC1; p=reject"}


@pytest.mark.parametrize(
    ("author", "spf", "dkim", "result"),
    [
        ("example.com", None, [], "fail"),
        ("example.com", sent("example.com"), [], "pass"),
        ("example.com", sent("mail.example.com"), [], "pass"),
        ("mail.example.com", sent("example.com"), [], "pass"),
        ("example.com", None, [signed("example.com")], "pass"),
        ("example.com", None, [signed("esp.example"), signed("example.com")], "pass"),
        ("example.com", None, [signed("esp.example")], "fail"),
        ("example.com", None, [signed("com")], "fail"),
        ("example.com", None, [signed("badexample.com")], "fail"),
        ("example.com", None, [signed("example.com", "fail")], "fail"),
        ("example.com", None, [signed("example.com", "policy")], "fail"),
        ("example.com", sent("example.com", "softfail"), [], "fail"),
        ("example.com", None, [signed("example.com", "permerror")], "fail"),  # a missing key softens nothing
        ("example.com", None, [signed("example.com", "temperror")], "temperror"),
        ("example.com", None, [signed("example.com", "not-checked")], "not-checked"),
        ("example.com", None, [signed("esp.example", "temperror")], "fail"),
        ("example.com", sent("example.com", "temperror"), [], "temperror"),
        ("example.com", sent("example.com", "temperror"), [signed("example.com")], "pass"),
        ("example.com", sent("example.com", "not-checked", "no-client"), [], "not-checked"),
        ("other.test", None, [signed("other.test")], "none"),
        (None, None, [], "permerror"),
    ],
)
def test_result(author, spf, dkim, result):
    assert check(author, zone(REJECT), spf=spf, dkim=dkim).check.result == result


@pytest.mark.parametrize(
    ("record", "author", "existing", "published", "applied"),
    [
        ("v=DMARC1; p=reject; sp=quarantine; np=none", "example.com", (), "reject", "reject"),
        ("v=DMARC1; p=reject; sp=quarantine; np=none", "a.example.com", ("a.example.com",), "quarantine", "quarantine"),
        ("v=DMARC1; p=reject; sp=quarantine; np=none", "a.example.com", (), "none", "none"),
        ("v=DMARC1; p=none; np=reject", "a.example.com", (), "reject", "reject"),
        # An empty non-terminal exists: NXDOMAIN alone makes a name non-existent (RFC 8020).
        ("v=DMARC1; p=none; np=reject", "a.example.com", ("x.a.example.com",), "none", "none"),
        ("v=DMARC1; p=reject; t=y", "example.com", (), "reject", "quarantine"),
        ("v=DMARC1; p=quarantine; t=y", "example.com", (), "quarantine", "none"),
        ("v=DMARC1; rua=mailto:d@example.com", "example.com", (), "none", "none"),
        ("v=DMARC1; p=rejct; rua=mailto:d@example.com", "example.com", (), "none", "none"),
        ("v=DMARC1; p=reject; p=none", "example.com", (), "reject", "reject"),
        ("v=DMARC1;p=REJECT", "example.com", (), "reject", "reject"),
    ],
)
def test_policy(record, author, existing, published, applied):
    got = check(author, zone({"_dmarc.example.com": record}, existing)).check
    assert (got.result, got.published_policy, got.policy) == ("fail", published, applied)
    assert got.record == record


@pytest.mark.parametrize(
    "records",
    [
        {},
        {"_dmarc.example.com": "v=DMARC1"},  # neither p nor rua: no processing
        {"_dmarc.example.com": "v=spf1 -all"},  # an unrelated wildcard
        {"_dmarc.example.com": "v=dmarc1; p=reject"},  # RFC 9989 §4.7: exactly DMARC1
        {"_dmarc.example.com": "p=reject; v=DMARC1"},
        {"_dmarc.example.com": ["v=DMARC1; p=reject", "v=DMARC1; p=none"]},
    ],
)
def test_no_policy_is_none(records):
    got = check("example.com", zone(records)).check
    assert (got.result, got.policy, got.record) == ("none", None, None)


def test_strict_alignment():
    records = {"_dmarc.example.com": "v=DMARC1; p=reject; adkim=s; aspf=s"}
    assert check("example.com", zone(records), dkim=[signed("mail.example.com")]).check.result == "fail"
    assert check("example.com", zone(records), spf=sent("mail.example.com")).check.result == "fail"
    assert check("example.com", zone(records), dkim=[signed("example.com")]).check.result == "pass"


def test_the_walk_ends_at_psd_and_finds_the_organisation():
    records = {"_dmarc.bank.example": "v=DMARC1; p=reject; psd=y", "_dmarc.giant.bank.example": "v=DMARC1; p=reject"}
    dns = zone(records)
    assert walk("mail.giant.bank.example", dns).organizational_domain == "giant.bank.example"
    assert walk("mega.bank.example", dns).organizational_domain == "mega.bank.example"
    assert walk("bank.example", dns).organizational_domain == "bank.example"
    assert check("giant.bank.example", dns, spf=sent("mega.bank.example")).check.result == "fail"
    psd_n = zone({"_dmarc.mail.example.com": "v=DMARC1; p=reject; psd=n", "_dmarc.example.com": "v=DMARC1; p=none"})
    assert walk("a.mail.example.com", psd_n).organizational_domain == "mail.example.com"


def test_a_subdomain_of_a_public_suffix_with_a_policy_inherits_it():
    got = check("shop.bank.example", zone({"_dmarc.bank.example": "v=DMARC1; p=reject; psd=y"})).check
    assert (got.result, got.policy, got.organizational_domain) == ("fail", "reject", "shop.bank.example")


def test_the_walk_asks_eight_names_at_the_most():
    names = list(targets("a.b.c.d.e.f.g.h.i.j.mail.example.com"))
    assert len(names) == 8
    assert names[1] == "g.h.i.j.mail.example.com"
    assert names[-1] == "com"
    assert list(targets("com")) == ["com"]
    assert len(dmarc_questions("a.example.com")) == 4
    assert dmarc_questions(None) == ()


@pytest.mark.parametrize("name", ["_dmarc.a.example.com", "_dmarc.example.com"])
def test_a_record_that_could_not_be_had_is_not_no_record(name):
    broken = zone({}, **{name: "SERVFAIL"})
    assert check("a.example.com", broken).check.result == "temperror"
    timeout = check("a.example.com", zone({}, **{name: "TIMEOUT"})).check
    assert (timeout.result, timeout.problem) == ("temperror", "dns-failure")


def test_offline_and_not_recorded():
    assert check("example.com", OfflineResolver()).check.problem == "offline"
    got = check("example.com", from_mapping({"mailtrace_dns": 1, "answers": {}})).check
    assert (got.result, got.problem, got.rfc7489.result) == ("not-checked", "not-recorded", "not-checked")


def test_the_older_rules_beside_it():
    # The record stands below the registrable domain: RFC 7489 aligns by the list, RFC 9989 by the walk.
    dns = zone({"_dmarc.mail.example.com": "v=DMARC1; p=reject"})
    outcome = check("mail.example.com", dns, dkim=[signed("example.com")])
    assert (outcome.check.result, outcome.check.rfc7489.result) == ("fail", "pass")
    assert "dmarc-rfc7489-differs" in [finding.code for finding in outcome.findings]
    assert outcome.check.rfc7489.organizational_domain == "example.com"


STRICT = {"_dmarc.example.com": "v=DMARC1; p=reject; adkim=s; aspf=s"}


def test_an_identifier_of_another_organisation():
    found = check("example.com", zone(REJECT), spf=sent("esp.example"), dkim=[signed("esp.example")]).findings
    said = {finding.code: finding.detail for finding in found}
    assert said["dkim-not-aligned"] == (
        "The signature that verifies is esp.example's, which does not belong to example.com."
    )
    assert said["spf-not-aligned"] == "It passes for esp.example, the envelope sender, not for example.com."


def test_strict_alignment_refuses_the_same_organisation_and_says_so():
    """RFC 9989 §4.4: example.com belongs to news.example.com's organisation; that is not what is wrong with it."""
    found = check(
        "news.example.com", zone(STRICT, ("news.example.com",)), spf=sent("example.com"), dkim=[signed("example.com")]
    ).findings
    said = {finding.code: finding.detail for finding in found}
    assert said["dkim-not-aligned"] == (
        "The signature that verifies is example.com's, and adkim=s asks for news.example.com itself."
    )
    assert said["spf-not-aligned"] == (
        "It passes for example.com, the envelope sender, and aspf=s asks for news.example.com itself."
    )


@pytest.mark.parametrize(
    ("records", "counts"),
    [({}, ""), ({"_dmarc.x.test": ["v=DMARC1; p=reject", "v=DMARC1; p=none"]}, " that counts")],
)
def test_no_policy_is_said_of_what_is_published(records, counts):
    (found,) = (f for f in check("x.test", zone(records)).findings if f.code == "dmarc-none")
    assert found.detail == f"Neither x.test nor a domain above it publishes a policy{counts}."


def test_findings_name_the_record():
    finding = next(f for f in check("example.com", zone(REJECT)).findings if f.code == "dmarc-fail-enforced")
    assert finding.evidence[0].source == "dns:TXT _dmarc.example.com"
    assert [f.code for f in check("x.test", zone({})).findings] == ["dmarc-none"]


@given(st.text(max_size=60) | st.text(alphabet="v=DMARC1; psnrejctquay\\", max_size=60))
def test_any_record_is_read(text):
    dns = from_mapping(json.loads(json.dumps({"_dmarc.example.com": {"TXT": ["v=DMARC1;" + text]}})))
    parse_record(text.encode("utf-8", "surrogatepass"))
    check("example.com", dns)


@pytest.mark.parametrize(
    ("record", "policy", "faults"),
    [
        ("v=DMARC1; p=reject; bogus", "reject", ("bogus",)),
        ("v=DMARC1; p=reject; p=none", "reject", ("p=none",)),
        ("v=DMARC1; p=reject; adkim=x; psd=maybe; t=yes", "reject", ("adkim=x", "psd=maybe", "t=yes")),
        ("v=DMARC1; p=reject; unknown=1; pct=" + "9" * 5000, "reject", ()),
        ("v=DMARC1; p=reject; sp=no; rua=mailto:d@example.com", "none", ("sp=no",)),
        ("v=DMARC1; p=reject; np=; rua=mailto:d@example.com", "none", ("np=",)),
        ("v=DMARC1; p=reject; sp=no", None, ("sp=no",)),
        ("v=DMARC1; sp=reject", None, ()),
        ("v=DMARC1; rua=nobody", None, ()),
    ],
    ids=["no-tag", "twice", "letters", "pct", "sp-with-rua", "np-with-rua", "sp-alone", "no-p", "rua-is-no-uri"],
)
def test_rfc9989_4_10_1_what_an_invalid_record_still_means(record, policy, faults):
    outcome = check("example.com", zone({"_dmarc.example.com": record}))
    assert outcome.check.policy == policy
    assert outcome.check.result == ("none" if policy is None else "fail")
    assert parse_record(record.encode()).faults == faults
    assert ("dmarc-record-invalid" in [finding.code for finding in outcome.findings]) == bool(faults)


def test_a_domain_outside_the_organisation_is_not_asked_about():
    records = {"_dmarc.example.com": {"TXT": ["v=DMARC1; p=reject"]}, "_dmarc.com": {"TXT": {"rcode": "NXDOMAIN"}}}
    got = check("example.com", from_mapping(records), dkim=[signed("esp.com")]).check  # _dmarc.esp.com is not recorded
    assert (got.result, got.aligned_dkim) == ("fail", False)


@pytest.mark.parametrize(
    ("author", "signer", "aligned"),
    [
        ("example.com", "mail.example.com", True),  # one topmost record, one child of the gap: any answer agrees
        ("a.example.com", "b.example.com", True),
        ("example.com", "example.com", True),
        ("example.com", "other.com", None),  # a record at com would make both one organisation
    ],
)
def test_rfc9989_4_10_2_a_gap_above_two_domains_hides_no_agreement(author, signer, aligned):
    records = {"_dmarc.com": {"TXT": {"rcode": "SERVFAIL"}}, "_dmarc.example.com": {"TXT": ["v=DMARC1; p=reject"]}}
    missing = {f"_dmarc.{name}": {"TXT": {"rcode": "NXDOMAIN"}} for name in (author, signer)}
    got = check(author, from_mapping({**missing, **records}), dkim=[signed(signer)]).check
    assert got.aligned_dkim is aligned


def test_rfc9989_4_10_2_a_gap_between_two_organisations_hides_everything():
    records = {f"_dmarc.{name}.example.com": {"TXT": ["v=DMARC1; p=reject"]} for name in ("a", "b")}
    got = check("a.example.com", from_mapping(records), dkim=[signed("b.example.com")]).check
    assert (got.result, got.aligned_dkim, got.organizational_domain) == ("not-checked", None, None)


@pytest.mark.parametrize("agreement", ["", "; psd=y", "; psd=n"])
def test_the_gap_s_answer_would_not_have_changed_the_alignment(agreement):
    """What is concluded across a gap holds for every answer that could have stood there."""
    known = {"_dmarc.example.com": "v=DMARC1; p=reject", "_dmarc.com": "v=DMARC1; p=none" + agreement}
    assert check("example.com", zone(known), dkim=[signed("mail.example.com")]).check.aligned_dkim is True


def test_rfc9989_3_2_13_existence_that_could_not_be_told_leaves_the_policy_open():
    record = "v=DMARC1; p=none; np=reject"
    dns = {"_dmarc.example.com": {"TXT": [record]}, "_dmarc.a.example.com": {"TXT": {"rcode": "NXDOMAIN"}},
           "_dmarc.com": {"TXT": {"rcode": "NXDOMAIN"}}}  # fmt: skip
    got = check("a.example.com", from_mapping(dns)).check
    assert (got.result, got.problem, got.policy, got.record) == ("not-checked", "not-recorded", None, record)
    # Any type of the name settles it.
    told = check("a.example.com", from_mapping({**dns, "a.example.com": {"TXT": {"rcode": "NXDOMAIN"}}})).check
    assert (told.result, told.policy) == ("fail", "reject")
    passed = check("a.example.com", from_mapping(dns), dkim=[signed("a.example.com")]).check
    assert (passed.result, passed.problem) == ("pass", None)


def test_rfc7489_6_6_3_several_records_end_the_older_processing():
    records = {
        "_dmarc.a.example.com": ["v=DMARC1; p=none", "v=DMARC1; p=reject"],
        "_dmarc.example.com": "v=DMARC1; p=reject",
    }
    outcome = check("a.example.com", zone(records))
    assert (outcome.check.result, outcome.check.policy) == ("fail", "reject")  # discarded, and walked on
    assert outcome.check.rfc7489.result == "none"
    assert {"dmarc-several-records", "dmarc-rfc7489-differs"} <= {finding.code for finding in outcome.findings}


def test_hostile_records_end():
    for text in ("v=DMARC1;" + ";" * 60_000, "v=DMARC1;" + "a=b;" * 15_000, "v=DMARC1; rua=" + "a" * 60_000):
        check("example.com", from_mapping({"_dmarc.example.com": {"TXT": [text]}}))


def test_the_walk_is_shown_step_by_step():
    dns = zone(
        {"_dmarc.example.com": "v=DMARC1; p=none; sp=reject", "_dmarc.com": ["v=DMARC1; p=none", "v=DMARC1; p=none"]},
        existing=["a.example.com"],
    )
    got = check("a.example.com", dns).check
    assert [(step.domain, str(step.outcome), step.record is not None, step.several, step.psd) for step in got.walk] == [
        ("a.example.com", "NXDOMAIN", False, False, None),
        ("example.com", "ANSWER", True, False, "u"),
        ("com", "ANSWER", False, True, None),
    ]


@pytest.mark.parametrize(
    ("record", "author", "tag"),
    [
        ("p=reject; sp=none; np=none", "example.com", "p"),
        ("p=reject", "a.example.com", "p"),
        ("p=none; sp=reject", "a.example.com", "sp"),
        ("p=none; sp=quarantine; np=reject", "a.example.com", "sp"),
        ("p=none; sp=quarantine; np=reject", "gone.example.com", "np"),
    ],
)
def test_rfc9989_4_10_1_the_tag_that_governs_is_named(record, author, tag):
    dns = zone({"_dmarc.example.com": f"v=DMARC1; {record}"}, existing=["a.example.com"])
    found = check(author, dns)
    assert found.check.policy_tag == tag
    detail = next(finding.detail for finding in found.findings if finding.code == "dmarc-fail-enforced")
    assert f"publishes {tag}={found.check.published_policy} for this case" in detail


def test_every_identifier_is_set_against_the_author_domain():
    dns = zone({"_dmarc.example.com": "v=DMARC1; p=reject; aspf=s"})
    got = check(
        "example.com",
        dns,
        spf=sent("mail.example.com"),
        dkim=[signed("a.example.com", "fail"), signed("esp.example"), signed("example.com")],
    ).check
    assert [(i.method, i.domain, i.authenticated, str(i.mode), i.aligned) for i in got.identifiers] == [
        ("dkim", "a.example.com", False, "relaxed", True),
        ("dkim", "esp.example", True, "relaxed", False),
        ("dkim", "example.com", True, "relaxed", True),
        ("spf", "mail.example.com", True, "strict", False),
    ]


def test_what_did_not_authenticate_is_asked_for_and_not_counted():
    dns = Ledger(zone({"_dmarc.example.com": "v=DMARC1; p=reject"}))
    check("example.com", dns, dkim=[signed("a.example.com", "fail")])
    assert "_dmarc.a.example.com" not in {answer.name for answer in dns.answers}


@pytest.mark.parametrize(
    ("record", "newer", "older"),
    [
        ("v=DMARC1; p=quarantine; pct=0", "quarantine", "none"),
        ("v=DMARC1; p=reject; pct=0", "reject", "quarantine"),
        ("v=DMARC1; p=reject; pct=1", "reject", "reject"),
    ],
)
def test_rfc7489_6_6_4_a_policy_for_no_message_is_applied_one_step_weaker(record, newer, older):
    """RFC 9989 has no `pct`; a domain that published 0 asked RFC 7489 receivers for nothing."""
    got = check("example.com", zone({"_dmarc.example.com": record})).check
    assert (got.policy, got.rfc7489.policy) == (newer, older)
