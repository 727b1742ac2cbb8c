"""DESIGN's five rules, each in the order in which it must hold."""

from datetime import timedelta

import pytest

from mailtrace.auth.difference_types import Difference, Reason
from mailtrace.auth.types import (
    DMARC7489,
    AlignmentMode,
    Alteration,
    ARCSet,
    DMARCIdentifier,
    MethodClaim,
    Session,
    Source,
    SPFIdentity,
)
from mailtrace.message import parse
from mailtrace.path.types import BorderSource
from mailtrace.records import replace
from mailtrace.resolver import Mode
from mailtrace.results import ARCResult, Comparison, DKIMResult, DMARCPolicy, DMARCResult, SPFResult, Standing
from mailtrace.verdict import DNSTime, judge
from tests.verdict.build import (
    NO_ARC,
    NONE,
    NOON,
    REJECT,
    a_dmarc,
    a_hop,
    a_message,
    a_path,
    a_signature,
    a_stamp,
    a_transport,
    an_authentication,
    an_spf,
)

RECORDED = DNSTime(mode=Mode.RECORDED, at=None)
FAILS = a_dmarc(DMARCResult.FAIL, REJECT)
OPEN = {"result": DKIMResult.NOT_CHECKED, "problem": "not-recorded"}


def verdict(authentication, *, message=None, path=None, dns=RECORDED):
    message = message or a_message()
    path = path or a_path(message)
    return judge(message, path, a_transport(), authentication, dns=dns).verdict


def word(authentication, **more):
    return str(verdict(authentication, **more).authenticity)


def given(path_message=None, **changes):
    message = path_message or a_message()
    return a_path(message, border_source=BorderSource.GIVEN, **changes)


@pytest.mark.parametrize("problem", ["not-recorded", "dns-failure", "offline"])
def test_an_open_key_that_could_decide_is_indeterminate(problem):
    signature = a_signature(result=DKIMResult.NOT_CHECKED, problem=problem)
    dmarc = a_dmarc(DMARCResult.NOT_CHECKED, REJECT, aligned_dkim=None, problem=problem)
    assert word(an_authentication(dmarc=dmarc, dkim=[signature])) == "indeterminate"


def test_an_open_key_of_somebody_else_changes_nothing():
    signature = a_signature("esp.example", **OPEN)
    assert word(an_authentication(dmarc=FAILS, dkim=[signature])) == "forged"


def test_an_open_key_whose_body_is_altered_anyway_changes_nothing():
    signature = a_signature(**OPEN, body_hash=Comparison.MISMATCH)
    assert word(an_authentication(dmarc=FAILS, dkim=[signature])) == "suspicious"


def test_an_open_policy_does_not_matter_to_a_verified_signature_of_the_author_domain_itself():
    dmarc = a_dmarc(DMARCResult.NOT_CHECKED, aligned_dkim=None, problem="not-recorded")
    assert word(an_authentication(dmarc=dmarc, dkim=[a_signature()])) == "authentic"


def test_an_open_policy_matters_to_a_signature_of_another_name_of_the_organisation():
    dmarc = a_dmarc(DMARCResult.NOT_CHECKED, aligned_dkim=None, problem="not-recorded")
    assert word(an_authentication(dmarc=dmarc, dkim=[a_signature("mail.example.com")])) == "indeterminate"


def test_an_open_policy_alone_is_indeterminate():
    dmarc = a_dmarc(DMARCResult.NOT_CHECKED, aligned_dkim=None, problem="not-recorded")
    assert word(an_authentication(dmarc=dmarc)) == "indeterminate"


def test_what_the_file_lacks_is_not_a_missing_answer():
    authentication = an_authentication(
        dmarc=FAILS, spf=an_spf(SPFResult.NOT_CHECKED, problem="no-client"), session=Session()
    )
    assert word(authentication) == "unproven"


def test_fails_under_reject_is_forged():
    got = verdict(an_authentication(dmarc=FAILS))
    assert (got.authenticity, got.basis) == ("forged", None)


def test_the_older_rules_must_agree():
    older = DMARC7489(result=DMARCResult.PASS, organizational_domain="example.com", policy=REJECT)
    assert word(an_authentication(dmarc=a_dmarc(DMARCResult.FAIL, REJECT, older=older))) == "suspicious"
    older = DMARC7489(result=DMARCResult.FAIL, organizational_domain="example.com", policy=NONE)
    assert word(an_authentication(dmarc=a_dmarc(DMARCResult.FAIL, REJECT, older=older))) == "suspicious"


@pytest.mark.parametrize(("days", "expected"), [(6, "forged"), (-6, "forged"), (8, "suspicious"), (-8, "suspicious")])
def test_dns_of_another_time_does_not_forge(days, expected):
    dns = DNSTime(mode=Mode.LIVE, at=NOON + timedelta(days=days))
    assert word(an_authentication(dmarc=FAILS), dns=dns) == expected


def test_a_trusted_stamp_that_failed_makes_up_for_dns_of_another_time():
    dns = DNSTime(mode=Mode.LIVE, at=NOON + timedelta(days=800))
    assert word(an_authentication(dmarc=FAILS, claims=[a_stamp("fail")]), dns=dns) == "forged"
    assert word(an_authentication(dmarc=FAILS, claims=[a_stamp("fail", Standing.CLAIMED)]), dns=dns) == "suspicious"


@pytest.mark.parametrize(
    "extra",
    [b"List-Id: <l.example.org>\r\n", b"Resent-From: b@example.org\r\n", b"X-Forwarded-To: b@example.org\r\n"],
)
def test_a_claimed_cause_in_the_header_is_suspicious(extra):
    assert word(an_authentication(dmarc=FAILS), message=a_message(extra)) == "suspicious"


def test_other_claimed_causes_are_suspicious():
    broken = a_signature(result=DKIMResult.PERMERROR)
    assert word(an_authentication(dmarc=FAILS, dkim=[broken])) == "suspicious"
    arc = replace(NO_ARC, result=ARCResult.FAIL, sets=(a_seal(),))
    assert word(an_authentication(dmarc=FAILS, arc=arc)) == "suspicious"
    session = Session(client_ip="192.0.2.1", mail_from="SRS0=ab=cd=example.com=ann@forward.example")
    assert word(an_authentication(dmarc=FAILS, session=session)) == "suspicious"


def a_seal(domain="list.example"):
    claim = MethodClaim(method="dmarc", result="pass", properties={"header.from": "example.com"})
    return ARCSet(
        instance=1, sdid=domain, selector="a", cv="none", seal=ARCResult.PASS, message_signature=ARCResult.PASS,
        results=(claim,), problem=None, signed_fields=("from", "subject"),
    )  # fmt: skip


def test_arc_lifts_only_from_a_trusted_sealer():
    arc = replace(NO_ARC, result=ARCResult.PASS, sets=(a_seal(),))
    message = a_message()
    assert word(an_authentication(dmarc=FAILS, arc=arc), path=a_path(message, trust=("list.example",))) == "unproven"
    assert word(an_authentication(dmarc=FAILS, arc=arc), path=a_path(message, trust=("example.net",))) == "suspicious"


def test_arc_lifts_only_for_what_the_trusted_sealer_has_seen():
    # Whoever takes a sealed message can write another and seal it; the chain passes (RFC 8617 §5.2).
    def lifted(*, covers, trust):
        first = replace(a_seal(), message_signature=ARCResult.PASS if covers else ARCResult.FAIL)
        arc = replace(
            NO_ARC, result=ARCResult.PASS, sets=(first, replace(a_seal("relay.example"), instance=2, results=()))
        )
        return word(an_authentication(dmarc=FAILS, arc=arc), path=a_path(a_message(), trust=trust)) == "unproven"

    assert lifted(covers=True, trust=("list.example",))
    assert not lifted(covers=False, trust=("list.example",))
    assert lifted(covers=False, trust=("list.example", "relay.example"))
    assert not lifted(covers=True, trust=("relay.example",))


def test_a_proved_alteration_of_a_domain_that_is_not_aligned_lifts_nothing():
    altered = Alteration(kind="footer-added", detail="212 octets", proved=True)
    broken = a_signature("users.example.com", DKIMResult.FAIL, problem="body-altered", alteration=altered)

    def judged(mode, aligned):
        identifier = DMARCIdentifier(
            method="dkim", domain="users.example.com", authenticated=False, mode=mode, aligned=aligned
        )
        return word(an_authentication(dmarc=replace(FAILS, identifiers=(identifier,)), dkim=[broken]))

    assert judged(AlignmentMode.RELAXED, True) == "unproven"
    assert judged(AlignmentMode.STRICT, False) == "suspicious"


def test_a_signature_that_is_not_aligned_covers_nothing_for_one_that_is():
    tail = a_signature(unsigned_octets=9, body_length=20)
    identifiers = tuple(
        DMARCIdentifier(method="dkim", domain=name, authenticated=True, mode=AlignmentMode.STRICT, aligned=aligned)
        for name, aligned in (("example.com", True), ("users.example.com", False))
    )
    passed = a_dmarc(DMARCResult.PASS, REJECT, aligned_dkim=True)
    strict = an_authentication(
        dmarc=replace(passed, identifiers=identifiers), dkim=[tail, a_signature("users.example.com")]
    )
    assert word(strict) == "suspicious"
    assert word(an_authentication(dmarc=passed, dkim=[tail, a_signature("users.example.com")])) == "authentic"


def test_a_proved_alteration_lifts():
    altered = Alteration(kind="footer-added", detail="212 octets", proved=True)
    broken = a_signature(result=DKIMResult.FAIL, problem="body-altered", alteration=altered)
    assert word(an_authentication(dmarc=FAILS, dkim=[broken])) == "unproven"


def test_a_trusted_stamp_that_passed_lifts_and_a_claimed_one_does_not():
    assert word(an_authentication(dmarc=FAILS, claims=[a_stamp("pass")])) == "unproven"
    assert word(an_authentication(dmarc=FAILS, claims=[a_stamp("pass", domain="other.example")])) == "forged"
    assert word(an_authentication(dmarc=FAILS, claims=[a_stamp("pass", Standing.CLAIMED)])) == "forged"


def test_p_none_is_suspicious():
    assert word(an_authentication(dmarc=a_dmarc(DMARCResult.FAIL, NONE))) == "suspicious"


@pytest.mark.parametrize("extra", [b"From: b@example.com\r\n"])
def test_several_authors_are_suspicious(extra):
    message = a_message(extra)
    assert word(an_authentication(dmarc=a_dmarc(DMARCResult.PERMERROR, problem="several-from")), message=message) == (
        "suspicious"
    )


def test_spf_fail_of_the_authors_own_envelope_without_dmarc():
    assert word(an_authentication(spf=an_spf(SPFResult.FAIL))) == "suspicious"
    assert word(an_authentication(spf=an_spf(SPFResult.FAIL, "other.example"))) == "unproven"
    dmarc = a_dmarc(DMARCResult.NONE, aligned_dkim=True)
    # A forwarder breaks SPF; the signature still is the author domain's word.
    assert word(an_authentication(spf=an_spf(SPFResult.FAIL), dkim=[a_signature()], dmarc=dmarc)) == "authentic"


def test_a_contradiction_at_the_border_is_suspicious():
    message = a_message()
    path = a_path(message, a_hop(message, standing=Standing.CONTRADICTED))
    passed = a_dmarc(DMARCResult.PASS, REJECT, aligned_dkim=True)
    assert word(an_authentication(dmarc=passed, dkim=[a_signature()]), path=path) == "suspicious"


def test_a_verified_aligned_signature_is_authentic():
    passed = a_dmarc(DMARCResult.PASS, REJECT, aligned_dkim=True)
    got = verdict(an_authentication(dmarc=passed, dkim=[a_signature()]))
    assert (got.authenticity, got.basis) == ("authentic", "dkim")
    assert "author-signed" in got.reasons


def test_what_a_reader_would_take_for_signed():
    passed = a_dmarc(DMARCResult.PASS, REJECT, aligned_dkim=True)
    tail = a_signature(unsigned_octets=9, body_length=20)
    assert word(an_authentication(dmarc=passed, dkim=[tail])) == "suspicious"
    assert word(an_authentication(dmarc=passed, dkim=[tail, a_signature()])) == "authentic"
    twice = a_message(b"Subject: another\r\n")
    assert word(an_authentication(dmarc=passed, dkim=[a_signature()]), message=twice) == "suspicious"
    typed = a_signature(signed_fields=("from", "subject", "content-type"))
    one, two = (a_message(count * b"Content-Type: text/html\r\n") for count in (1, 2))
    assert word(an_authentication(dmarc=passed, dkim=[typed]), message=one) == "authentic"
    assert word(an_authentication(dmarc=passed, dkim=[typed]), message=two) == "suspicious"
    over = a_signature(signed_fields=("from", "subject", "subject"))
    assert word(an_authentication(dmarc=passed, dkim=[over]), message=twice) == "authentic"


def test_spf_counts_only_at_a_given_border_and_by_a_narrow_match():
    passed = a_dmarc(DMARCResult.PASS, REJECT, aligned_spf=True)
    authentication = an_authentication(dmarc=passed, spf=an_spf(SPFResult.PASS))
    assert word(authentication) == "unproven"
    got = verdict(authentication, path=given())
    assert (got.authenticity, got.basis) == ("authentic", "spf")
    wide = an_authentication(dmarc=passed, spf=an_spf(SPFResult.PASS, narrow=False))
    assert word(wide, path=given()) == "unproven"
    told = Session(client_ip="192.0.2.1", client_ip_source=Source.GIVEN, mail_from="ann@example.com")
    assert word(replace(authentication, session=told)) == "authentic"


def test_a_stamp_counts_only_at_a_given_border_and_uncontradicted():
    authentication = an_authentication(claims=[a_stamp("pass")])
    assert word(authentication) == "unproven"
    got = verdict(authentication, path=given())
    assert (got.authenticity, got.basis) == ("authentic", "stamp")
    assert word(an_authentication(dmarc=FAILS, claims=[a_stamp("pass")]), path=given()) == "unproven"


def test_nothing_is_unproven():
    got = verdict(an_authentication())
    assert (got.authenticity, got.reasons[0]) == ("unproven", "author-unproven")


def test_what_is_assumed():
    assert verdict(an_authentication()).assumes == ("file-unaltered", "border-inferred")
    assert verdict(an_authentication(), path=given()).assumes == ("file-unaltered", "border-given")


def test_a_proof_by_an_archived_key_is_as_good_as_the_archive():
    altered = Alteration(kind="footer-added", detail="212 octets", proved=True)
    broken = a_signature(result=DKIMResult.FAIL, problem="body-altered", alteration=altered)
    by_archive = verdict(an_authentication(dmarc=FAILS, dkim=[replace(broken, key_source="archive")]))
    by_dns = verdict(an_authentication(dmarc=FAILS, dkim=[broken]))
    assert by_archive.authenticity == by_dns.authenticity == "unproven"
    assert "key-archive-genuine" in by_archive.assumes
    assert "by a key from the archive that was given" in by_archive.summary
    assert "key-archive-genuine" not in by_dns.assumes
    assert "archive" not in by_dns.summary


def test_every_rule_has_words_and_a_reason():
    from mailtrace.verdict import _TELLING
    from mailtrace.verdict.authenticity import _WORDS, Rule

    assert set(_TELLING) == set(_WORDS) == set(Rule)


@pytest.mark.parametrize(
    ("session", "words"),
    [
        (Session(client_ip="192.0.2.1"), "does not record the envelope sender."),
        (Session(mail_from="ann@example.com"), "does not record the address that handed it over."),
        (Session(), "does not record the address that handed it over and the envelope sender."),
    ],
)
def test_what_the_file_lacks_is_named_and_nothing_else(session, words):
    unchecked = an_spf(SPFResult.NOT_CHECKED, domain=None, problem="no-mail-from")
    got = verdict(an_authentication(dmarc=a_dmarc(DMARCResult.NOT_CHECKED, REJECT), spf=unchecked, session=session))
    assert got.reasons == ("sender-not-recorded",)
    assert words in got.summary
    assert ("--mail-from" in " ".join(got.next_steps)) is (session.mail_from is None)


@pytest.mark.parametrize(
    ("policy", "asked"),
    [
        (REJECT, "asks receivers not to accept such mail."),
        (DMARCPolicy.QUARANTINE, "to treat such mail as suspicious."),
    ],
)
def test_a_forgery_is_said_to_be_what_the_policy_asks_about(policy, asked):
    got = verdict(an_authentication(dmarc=a_dmarc(DMARCResult.FAIL, policy)))  # RFC 9989 §4.7
    assert got.authenticity == "forged"
    assert asked in got.summary


def identified(domain, method="spf", *, authenticated=False, aligned=True):
    return DMARCIdentifier(
        method=method, domain=domain, authenticated=authenticated, mode=AlignmentMode.STRICT, aligned=aligned
    )


def test_an_unanswered_helo_changes_nothing():
    """RFC 9989 §4.4.2: the identifier of SPF is MAIL FROM's, and a sender says what it likes in HELO."""
    helo = replace(an_spf(SPFResult.TEMPERROR, "mail.example.com", "dns-failure"), identity=SPFIdentity.HELO)
    authentication = an_authentication(dmarc=FAILS, spf=an_spf(SPFResult.PASS, "esp.example"))
    assert word(replace(authentication, spf=(*authentication.spf, helo))) == "forged"


def test_an_answer_that_strict_alignment_makes_needless_changes_nothing():
    """RFC 9989 §4.4: with adkim=s or aspf=s a name below the author domain is not aligned, whatever its records say."""
    dmarc = replace(FAILS, identifiers=(identified("mail.example.com", aligned=False),))
    open_spf = an_spf(SPFResult.TEMPERROR, "mail.example.com", "dns-failure")
    assert word(an_authentication(dmarc=dmarc, spf=open_spf)) == "forged"
    dmarc = replace(FAILS, identifiers=(identified("mail.example.com", "dkim", aligned=False),))
    assert word(an_authentication(dmarc=dmarc, dkim=[a_signature("mail.example.com", **OPEN)])) == "suspicious"


def by_another_customer(method, older):
    """shop.github.io, whose mail another name below that public suffix vouches for."""
    identifier = identified("evil.github.io", method, authenticated=True)
    older = DMARC7489(result=older, organizational_domain="shop.github.io", policy=REJECT)
    dmarc = a_dmarc(DMARCResult.PASS, REJECT, **{f"aligned_{method}": True}, older=older)
    return replace(dmarc, author_domain="shop.github.io", identifiers=(identifier,))


FROM_SHOP = parse(a_message().fields[0].raw + b"From: shop@shop.github.io\r\n\r\nbody\r\n")


@pytest.mark.parametrize(
    ("older", "expected"),
    [(DMARCResult.NONE, "unproven"), (DMARCResult.PERMERROR, "unproven"), (DMARCResult.FAIL, "suspicious")],
)
@pytest.mark.parametrize("method", ["dkim", "spf"])
def test_what_passes_by_a_domain_of_another_owner_alone_is_neither_forged_nor_authentic(method, older, expected):
    """RFC 9989 §4.10.2: a public suffix that does not say psd=y is the organizational domain of all its customers."""
    spf = an_spf(SPFResult.PASS, "evil.github.io") if method == "spf" else None
    signatures = [a_signature("evil.github.io")] if method == "dkim" else []
    authentication = an_authentication(dmarc=by_another_customer(method, older), spf=spf, dkim=signatures)
    got = verdict(authentication, message=FROM_SHOP, path=given(FROM_SHOP))
    assert (got.authenticity, got.basis) == (expected, None)
    assert "evil.github.io vouches for this message as one of shop.github.io" in got.summary
    assert "does not ask" not in got.summary
    stamped = replace(authentication, claims=(a_stamp("pass", domain="shop.github.io"),))
    assert word(stamped, message=FROM_SHOP, path=given(FROM_SHOP)) == expected


def test_the_summary_names_the_domain_that_speaks_for_the_author_domain():
    """What mail.example.com signs or lists, example.com did not (RFC 9989 §4.4, relaxed)."""
    passes = a_dmarc(DMARCResult.PASS, REJECT, aligned_dkim=True)
    signed = verdict(an_authentication(dmarc=passes, dkim=[a_signature("mail.example.com")]))
    assert signed.summary.startswith("mail.example.com, which by DMARC speaks for example.com, signed this message")
    passes = a_dmarc(DMARCResult.PASS, REJECT, aligned_spf=True)
    sent = an_authentication(dmarc=passes, spf=an_spf(SPFResult.PASS, "mail.example.com"))
    assert verdict(sent, path=given()).summary.startswith(
        "mail.example.com, which by DMARC speaks for example.com, auth"
    )
    assert "may send for mail.example.com, which by DMARC speaks for example.com, if" in verdict(sent).summary


def test_the_summary_names_the_domain_whose_record_refuses_the_client():
    """The record of bounce.example.com says nothing of who may send for example.com."""
    got = verdict(an_authentication(spf=an_spf(SPFResult.FAIL, "bounce.example.com")))
    assert got.authenticity == "suspicious"
    assert "may not send for bounce.example.com." in got.summary


@pytest.mark.parametrize(
    ("changes", "extra"),
    [
        ({"signed_fields": ("to", "subject")}, b""),
        ({"unsigned_octets": 9}, b""),
        ({}, b"Subject: another, above the signed one\r\n"),
    ],
    ids=["From unsigned", "text behind l=", "second Subject"],
)
def test_a_trusted_sealer_does_not_vouch_for_what_its_signature_leaves_out(changes, extra):
    """RFC 6376 §8.2, §8.15: whoever has the sealed message can put that in, and the chain still passes."""
    arc = replace(NO_ARC, result=ARCResult.PASS, sets=(replace(a_seal(), **changes),))
    path = a_path(a_message(), trust=("list.example",))
    assert word(an_authentication(dmarc=FAILS, arc=arc), message=a_message(extra), path=path) == "suspicious"


def test_a_trusted_sealer_that_says_both_vouches_for_nothing():
    failed = MethodClaim(method="dmarc", result="fail", properties={"header.from": "example.com"})
    seal = a_seal()
    arc = replace(NO_ARC, result=ARCResult.PASS, sets=(replace(seal, results=(*seal.results, failed)),))
    path = a_path(a_message(), trust=("list.example",))
    assert word(an_authentication(dmarc=FAILS, arc=arc), path=path) == "suspicious"


def test_stamps_of_the_receiving_side_that_differ_prove_nothing():
    got = verdict(an_authentication(claims=[a_stamp("pass"), a_stamp("fail")]), path=given())
    assert (got.authenticity, got.basis) == ("unproven", None)
    assert "recorded both" in got.summary


def test_a_stamp_that_dns_of_the_same_days_contradicts_proves_nothing():
    """RFC 9989 §5.3.6: where no policy is published, there is none to pass by."""
    difference = Difference(
        method="dmarc", identity="example.com", stamped="pass", computed="none", reason=Reason.UNEXPLAINED, detail="",
        authserv_id="mx.example.net", standing=Standing.TRUSTED, field=0,
    )  # fmt: skip
    disputed = an_authentication(claims=[a_stamp("pass")], differences=(difference,))
    assert word(disputed, path=given()) == "unproven"
    since = replace(difference, reason=Reason.RECORD_CHANGED)
    assert word(replace(disputed, differences=(since,)), path=given()) == "authentic"


@pytest.mark.parametrize(
    ("result", "policy", "older"),
    [(DMARCResult.PASS, REJECT, "it passes"), (DMARCResult.FAIL, NONE, "no such policy applies")],
)
def test_a_policy_of_the_newer_rules_alone_is_not_said_to_ask_for_nothing(result, policy, older):
    """RFC 9989 §4.7: np= asks receivers, and RFC 7489 has no such tag."""
    rfc7489 = DMARC7489(result=result, organizational_domain="example.com", policy=policy)
    got = verdict(an_authentication(dmarc=a_dmarc(DMARCResult.FAIL, REJECT, older=rfc7489)))
    assert got.authenticity == "suspicious"
    assert "asks receivers not to accept such mail by RFC 9989" in got.summary
    assert older in got.summary


def test_a_key_of_then_does_not_settle_a_body_that_differs():
    gone = a_signature(result=DKIMResult.PERMERROR)
    (step,) = [s for s in verdict(an_authentication(dmarc=FAILS, dkim=[gone])).next_steps if "--keys" in s]
    assert step.endswith("would settle it.")
    altered = replace(gone, body_hash=Comparison.MISMATCH)
    (step,) = [s for s in verdict(an_authentication(dmarc=FAILS, dkim=[altered])).next_steps if "--keys" in s]
    assert step.endswith("with another body than this one.")


def test_of_a_reception_without_a_time_it_is_not_said_how_far_the_dns_answers_are_from_it():
    message = a_message()
    hop = a_hop(message)
    path = a_path(message, replace(hop, received=replace(hop.received, received_at=None)))
    judged = judge(message, path, a_transport(), an_authentication(dmarc=FAILS), dns=DNSTime(mode=Mode.LIVE, at=NOON))
    assert judged.verdict.authenticity == "suspicious"
    assert "of another time" not in judged.verdict.summary
    (found,) = [each for each in judged.findings if each.code == "dns-of-another-time"]
    assert "7 days" not in found.detail
