"""Recomputed beside stamped: each difference has the reason that the evidence gives, and decides nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtrace import analyze
from mailtrace.auth.arc import check_arc
from mailtrace.auth.claims_grammar import parse_received_spf, parse_results
from mailtrace.auth.differences import MAX_STAMPED, compare
from mailtrace.auth.stamped import speaks_of_signature, stated_domain
from mailtrace.auth.types import Alteration, ARCCheck, ARCSet, ClaimedResults, SPFIdentity
from mailtrace.message import parse
from mailtrace.records import replace
from mailtrace.resolver.recorded import from_mapping
from mailtrace.results import ARCResult, Comparison, DKIMResult, DMARCResult, SPFResult, Standing
from tests.auth.arc_sealing import sealed
from tests.auth.dkim_signing import BODY, FIELDS, record, signature, zone
from tests.auth.hand_built_path import path_of
from tests.verdict.build import NO_ARC, a_dmarc, a_signature, an_authentication, an_spf

THEN = datetime(2026, 10, 20, 10, tzinfo=UTC)
TRUSTED, CLAIMED = Standing.TRUSTED, Standing.CLAIMED
MAIL = parse(
    b"Authentication-Results: above\r\n"
    b"Received: from out.example.com ([192.0.2.1]) by mx.example.net with ESMTPS id 1\r\n"
    b"DKIM-Signature: one\r\n"
    b"Authentication-Results: below\r\n"
    b"Received: from laptop ([192.0.2.99]) by out.example.com with ESMTPSA id 0\r\n"
    b"From: ann@example.com\r\n\r\nHello.\r\n"
)
ABOVE, BELOW = 0, 3


def found(*stamps, standing=TRUSTED, field=ABOVE, days=0, kind=parse_results, **computed):
    """Compare stamps, as a server writes them, with what was computed; `days`: how much later DNS answered."""
    parsed = kind("; ".join(("mx.example.net", *stamps)) if kind is parse_results else stamps[0])
    claim = ClaimedResults(authserv_id="mx.example.net", standing=standing, field=field, results=parsed.results)
    authentication = an_authentication(claims=(claim,), **computed)
    path = path_of(MAIL, border=0, client_ip="192.0.2.1", received_at=THEN)
    first = replace(path.hops[0], received=replace(path.hops[0].received, client_ip="192.0.2.99"))
    path = replace(path, hops=(first, *path.hops[1:]))
    dns_at = None if days is None else THEN + timedelta(days=days)
    return compare(MAIL, path, authentication, dns_at=dns_at)


def reasons(*stamps, **options):
    return [each.reason.value for each in found(*stamps, **options).differences]


def codes(*stamps, **options):
    return [finding.code for finding in found(*stamps, **options).findings]


def broken(problem, **changes):
    result = changes.pop("result", DKIMResult.PERMERROR)
    return a_signature(result=result, problem=problem, **changes)


ALTERED = broken(
    "body-altered", result=DKIMResult.FAIL, body_hash=Comparison.MISMATCH, header_signature=Comparison.MATCH
)
PASS = "dkim=pass header.d=example.com"


@pytest.mark.parametrize(
    ("stamp", "check", "expected"),
    [
        pytest.param(PASS, a_signature(), [], id="the same"),
        pytest.param("dkim=test header.d=example.com", a_signature(), [], id="test: the key says t=y"),
        pytest.param(PASS, broken("key-missing"), ["key-gone"], id="key missing"),
        pytest.param(PASS, broken("key-revoked"), ["key-gone"], id="key revoked"),
        pytest.param(PASS, broken("key-unusable"), ["record-changed-since"], id="key unusable"),
        pytest.param(
            PASS, broken("signature-mismatch", result=DKIMResult.FAIL), ["record-changed-since"], id="another key"
        ),
        pytest.param(PASS, ALTERED, ["copy-altered"], id="body altered"),
        pytest.param(PASS, broken("header-altered", result=DKIMResult.FAIL), ["copy-altered"], id="header altered"),
        pytest.param(
            PASS,
            broken("signature-mismatch", result=DKIMResult.FAIL, body_hash=Comparison.MISMATCH),
            ["copy-altered"],
            id="another key and body altered",
        ),
        pytest.param(PASS, broken("weak-key", result=DKIMResult.POLICY), ["policy-word"], id="RFC 8301"),
        pytest.param(PASS, broken("offline", result=DKIMResult.NOT_CHECKED), ["not-evaluated"], id="offline"),
        pytest.param(PASS, broken("dns-failure", result=DKIMResult.TEMPERROR), ["dns-unanswered"], id="dns failed"),
        pytest.param(PASS, broken("signature-malformed"), ["unexplained"], id="unexplained"),
        pytest.param(
            "dkim=fail (no key for signature) header.d=example.com", broken("key-missing"), ["policy-word"], id="no key"
        ),
        pytest.param("dkim=timeout header.d=example.com", a_signature(), ["dns-unanswered"], id="dns failed then"),
        pytest.param(
            "dkim=permerror (no key for signature) header.d=example.com",
            a_signature(),
            ["record-changed-since"],
            id="key published since",
        ),
        pytest.param("dkim=fail header.d=example.com", a_signature(), ["unexplained"], id="a stamp can be wrong"),
        pytest.param("dkim=pass header.d=example.org", a_signature(), ["signature-absent"], id="another signer"),
        pytest.param("dkim=pass header.i=@news.example.com", broken("key-missing"), ["key-gone"], id="agent below"),
        pytest.param("dkim=pass", broken("key-missing"), ["key-gone"], id="names none of one"),
        pytest.param("dkim=none header.d=none", ALTERED, ["policy-word"], id="Exchange Online: not signed"),
        pytest.param("dkim=none (message not signed)", a_signature(), ["added-since"], id="no signature: see below"),
    ],
)
def test_dkim(stamp, check, expected):
    field = BELOW if expected == ["added-since"] else ABOVE
    assert reasons(stamp, field=field, dkim=(check,), days=99) == expected


ANOTHER = broken("signature-mismatch", result=DKIMResult.FAIL)


@pytest.mark.parametrize(
    ("check", "standing", "days", "expected", "finding"),
    [
        (broken("key-missing"), TRUSTED, 0, "key-gone", ["dkim-key-gone-but-stamped-pass"]),
        (broken("key-missing"), CLAIMED, 0, "unexplained", []),
        (broken("key-missing"), CLAIMED, 99, "key-gone", []),
        (ANOTHER, TRUSTED, 0, "unexplained", ["stamp-pass-not-repeated"]),
        (ANOTHER, TRUSTED, 99, "record-changed-since", []),
        (ANOTHER, CLAIMED, 0, "unexplained", ["claim-pass-not-so"]),
        (ANOTHER, CLAIMED, 99, "record-changed-since", []),
        (ANOTHER, CLAIMED, None, "record-changed-since", []),
    ],
)
def test_a_key_does_not_change_within_days(check, standing, days, expected, finding):
    options = {"dkim": (check,), "standing": standing, "days": days}
    assert reasons(PASS, **options) == [expected]
    assert codes(PASS, **options) == finding
    (difference,) = found(PASS, **options).differences
    assert ("no sign of forgery" in difference.detail) == (expected == "key-gone" and days == 99)


def test_dkim_stamped_above_a_signature_that_verifies_is_not_explained():
    assert reasons("dkim=none (message not signed)", dkim=(a_signature(),)) == ["unexplained"]


@pytest.mark.parametrize(
    "stated", ["header.s=other", "header.a=rsa-sha1", "header.b=zzzzzzzz", "header.d=example.com header.b=zzzzzzzz"]
)
def test_a_stamp_that_states_another_key_or_signature_speaks_of_another(stated):
    check = a_signature(signature_prefix="AbCdEfGhIjKlMnOp")
    (claim,) = parse_results(f"x; dkim=pass header.i=@example.com {stated}").results
    assert not speaks_of_signature(claim, check)
    (claim,) = parse_results('x; dkim=pass header.s=S header.a=rsa-sha256 header.b="AbCdEfGh"').results
    assert speaks_of_signature(claim, check)


def test_rfc6008_two_signatures_of_one_domain_are_told_apart_by_b():
    one = broken("key-missing", index=0, selector="a", signature_prefix="AAAAAAAAAAAAAAAA")
    two = a_signature(index=1, selector="b", signature_prefix="BBBBBBBBBBBBBBBB")
    stamps = (f"{PASS} header.b=BBBBBBBB", f"{PASS} header.b=AAAAAAAA")
    (difference,) = found(*stamps, dkim=(one, two)).differences
    assert "a._domainkey.example.com" in difference.detail
    assert reasons(PASS, dkim=(one, two)) == []  # it can mean the one that passes
    assert reasons(PASS, PASS, dkim=(one, two)) == ["key-gone"]


SPF = "spf=pass smtp.mailfrom=ann@example.com"
FAIL = an_spf(SPFResult.FAIL)


@pytest.mark.parametrize(
    ("stamp", "check", "days", "expected"),
    [
        pytest.param(SPF, an_spf(SPFResult.PASS), 0, [], id="the same"),
        pytest.param(SPF, FAIL, 100, ["record-changed-since"], id="another time"),
        pytest.param(SPF, FAIL, -100, ["record-changed-since"], id="another time, earlier"),
        pytest.param(SPF, FAIL, 7, ["unexplained"], id="the same days"),
        pytest.param(SPF, FAIL, None, ["unexplained"], id="nobody knows when"),
        pytest.param("spf=hardfail smtp.mailfrom=example.com", FAIL, 0, ["policy-word"], id="hardfail"),
        pytest.param(
            "spf=none smtp.mailfrom=example.com", an_spf(SPFResult.NEUTRAL), 0, ["policy-word"], id="rfc7208-8.2"
        ),
        pytest.param("spf=pass smtp.mailfrom=bob@example.org", FAIL, 0, ["other-identity"], id="other domain"),
        pytest.param(
            "spf=pass (sender IP is 198.51.100.7) smtp.mailfrom=example.com", FAIL, 0, ["other-identity"], id="client"
        ),
        pytest.param(
            "spf=pass (sender IP is 192.0.2.99) smtp.mailfrom=example.com", FAIL, 0, ["forwarders-view"], id="hop 0"
        ),
        pytest.param("spf=temperror smtp.mailfrom=example.com", FAIL, 0, ["dns-unanswered"], id="then"),
        pytest.param(SPF, an_spf(SPFResult.TEMPERROR, problem="dns-failure"), 0, ["dns-unanswered"], id="now"),
        pytest.param(SPF, an_spf(SPFResult.NOT_CHECKED, problem="no-client"), 0, ["not-evaluated"], id="no client"),
        pytest.param(SPF, an_spf(SPFResult.PERMERROR, problem="lookup-limit"), 0, ["limits-differ"], id="limits"),
    ],
)
def test_spf(stamp, check, days, expected):
    assert reasons(stamp, spf=check, days=days) == expected


def test_spf_of_helo_is_compared_with_helo():
    check = replace(an_spf(SPFResult.PASS, domain="out.example.com"), identity=SPFIdentity.HELO)
    authentication = {"spf": check}
    assert reasons("spf=pass smtp.helo=out.example.com", **authentication) == []
    assert reasons("spf=none smtp.helo=out.example.com", **authentication, days=99) == ["record-changed-since"]


def test_an_earlier_servers_spf_is_the_forwarders_view():
    assert reasons(SPF, standing=CLAIMED, field=BELOW, spf=FAIL) == ["forwarders-view"]
    stamp = (
        "pass (example.com: domain of ann@example.com designates 192.0.2.1 as permitted sender) client-ip=192.0.2.1;"
    )
    options = {"standing": CLAIMED, "field": BELOW, "kind": parse_received_spf, "spf": FAIL}
    assert reasons(stamp, **options) == ["unexplained"]
    assert codes(stamp, **options) == ["claim-pass-not-so"]
    assert codes(stamp, **options, days=100) == []
    assert codes(stamp.replace("192.0.2.1", "192.0.2.99"), **options) == []


REJECT = "dmarc=pass (p=reject) header.from=example.com"


@pytest.mark.parametrize(
    ("stamp", "options", "expected"),
    [
        pytest.param(REJECT, {"dmarc": a_dmarc(DMARCResult.PASS)}, [], id="the same"),
        pytest.param(
            "dmarc=bestguesspass header.from=example.com",
            {"dmarc": a_dmarc(DMARCResult.NONE)},
            ["policy-word"],
            id="bestguesspass",
        ),
        pytest.param(
            "dmarc=permerror header.from=example.com", {"dmarc": a_dmarc(DMARCResult.NONE)}, ["policy-word"], id="perm"
        ),
        pytest.param(
            "dmarc=pass header.from=example.org", {"dmarc": a_dmarc(DMARCResult.FAIL)}, ["other-identity"], id="other"
        ),
        pytest.param(REJECT, {"dmarc": a_dmarc(DMARCResult.NONE), "days": 99}, ["record-changed-since"], id="record"),
        pytest.param(
            REJECT,
            {"dmarc": a_dmarc(DMARCResult.TEMPERROR, problem="dns-failure")},
            ["dns-unanswered"],
            id="dns failed",
        ),
        pytest.param(
            REJECT,
            {
                "dmarc": a_dmarc(DMARCResult.FAIL),
                "spf": an_spf(SPFResult.NOT_CHECKED, problem="no-client"),
                "standing": TRUSTED,
            },
            ["not-evaluated"],
            id="without a client",
        ),
        pytest.param(
            REJECT,
            {"dmarc": a_dmarc(DMARCResult.FAIL), "standing": CLAIMED, "field": BELOW},
            ["forwarders-view"],
            id="earlier",
        ),
        pytest.param(
            REJECT,
            {"dmarc": a_dmarc(DMARCResult.FAIL, older=a_dmarc(DMARCResult.PASS).rfc7489)},
            ["older-rules"],
            id="RFC 7489",
        ),
    ],
)
def test_dmarc(stamp, options, expected):
    assert reasons(stamp, **options) == expected


def test_another_word_for_a_failure_says_nothing_of_the_policy():
    (difference,) = found("dmarc=hardfail header.from=example.com", dmarc=a_dmarc(DMARCResult.FAIL)).differences
    assert (difference.reason, difference.detail) == ("policy-word", "hardfail is another word for fail.")


def test_dmarc_follows_from_the_signature_of_the_author():
    options = {"dkim": (broken("key-missing"),), "dmarc": a_dmarc(DMARCResult.FAIL)}
    assert reasons(REJECT, PASS, **options) == ["key-gone", "follows"]
    other = {"dkim": (replace(broken("key-missing"), sdid="example.org"),), "dmarc": a_dmarc(DMARCResult.FAIL)}
    assert reasons(REJECT, PASS.replace(".com", ".org"), **other) == ["key-gone", "unexplained"]


def arc(result, *, seal=None, message=None, altered=None, message_key="m._domainkey.lists.example.org"):
    one = ARCSet(
        instance=1, sdid="lists.example.org", selector="s", cv="none", seal=ARCResult.FAIL if seal else ARCResult.PASS,
        message_signature=ARCResult.FAIL if message else ARCResult.PASS, results=(), problem=seal or message,
        seal_problem=seal, message_problem=message, seal_key="s._domainkey.lists.example.org", message_key=message_key,
    )  # fmt: skip
    return ARCCheck(result=result, oldest_pass=None, sets=(one,), problem=seal or message, altered_after=altered)


@pytest.mark.parametrize(
    ("stamp", "check", "expected"),
    [
        ("arc=pass", arc(ARCResult.PASS), []),
        ("arc=none", arc(ARCResult.PASS), []),  # the set stands above the stamp: its own server began the chain
        ("arc=pass", arc(ARCResult.FAIL, seal="key-missing"), ["key-gone"]),
        ("arc=pass", arc(ARCResult.FAIL, seal="signature-mismatch"), ["record-changed-since"]),
        (
            "arc=pass",
            arc(ARCResult.FAIL, seal="signature-mismatch", message_key="s._domainkey.lists.example.org"),
            ["copy-altered"],
        ),
        ("arc=pass", arc(ARCResult.NOT_CHECKED, seal="offline"), ["not-evaluated"]),
        ("arc=pass", arc(ARCResult.TEMPERROR, seal="dns-failure"), ["dns-unanswered"]),
        ("arc=pass", NO_ARC, ["signature-absent"]),
    ],
)
def test_arc(stamp, check, expected):
    assert reasons(stamp, arc=check) == expected


def test_a_stamp_that_saw_no_signature_is_set_beside_the_best_there_is():
    (difference,) = found("dkim=none", dkim=(broken("key-missing"), a_signature(index=0))).differences
    assert difference.computed == "pass"
    (difference,) = found("dkim=none", dkim=(ALTERED,)).differences
    assert difference.computed == "fail"


def test_dmarc_without_an_author_is_of_another_identity():
    check = replace(a_dmarc(DMARCResult.PERMERROR, problem="no-author"), author_domain=None)
    assert reasons("dmarc=pass header.from=example.com", dmarc=check) == ["other-identity"]
    assert reasons("dmarc=none header.from=example.com", dmarc=check) == ["policy-word"]


def test_what_the_experiment_proved_is_said_beside_the_altered_copy():
    check = replace(ALTERED, alteration=Alteration(kind="footer-added", detail="212 octets", proved=True))
    (difference,) = found(PASS, dkim=(check,)).differences
    assert "(footer added: proved)" in difference.detail


def test_a_chain_that_was_changed_above_its_newest_set():
    raw = b"Authentication-Results: mx.example.net; arc=pass\r\n" + sealed(1, body=b"As it was.\r\n")
    mail = parse(raw.replace(b"As it was", b"As it is"))
    check = check_arc(mail, dns=zone(record()), received_at=None).check
    (claim,) = (
        ClaimedResults(
            authserv_id="mx.example.net", standing=TRUSTED, field=0, results=parse_results("x; arc=pass").results
        ),
    )
    (difference,) = compare(mail, path_of(mail), an_authentication(arc=check, claims=(claim,)), dns_at=None).differences
    assert (difference.reason.value, difference.computed) == ("copy-altered", "fail")
    assert "after its newest ARC set" in difference.detail


@pytest.mark.parametrize(
    ("stamp", "check", "standing", "expected"),
    [
        (PASS, broken("key-missing"), TRUSTED, ["dkim-key-gone-but-stamped-pass"]),
        (PASS, broken("key-missing"), CLAIMED, []),
        (PASS, ALTERED, TRUSTED, ["stamp-pass-not-repeated"]),
        (PASS, ALTERED, CLAIMED, []),
        ("dkim=fail header.d=example.com", a_signature(), TRUSTED, ["stamp-fail-but-verifies"]),
        ("dkim=fail header.d=example.com", a_signature(), CLAIMED, []),
        ("dkim=fail header.d=example.com", ALTERED, TRUSTED, []),
        (PASS, a_signature(), TRUSTED, []),
    ],
)
def test_findings(stamp, check, standing, expected):
    assert codes(stamp, dkim=(check,), standing=standing) == expected


def test_the_key_that_is_gone_and_the_stamp_are_both_evidence():
    (finding,) = found(PASS, dkim=(broken("key-missing"),)).findings
    assert [each.source for each in finding.evidence] == [
        "header:Authentication-Results[0]",
        "dns:TXT s._domainkey.example.com",
    ]


def test_trusted_stamps_come_first_and_thousands_are_bounded():
    claims = tuple(
        ClaimedResults(authserv_id="x", standing=standing, field=ABOVE, results=parse_results(f"x; {PASS}").results)
        for standing in (*[CLAIMED] * 3000, TRUSTED)
    )
    authentication = an_authentication(claims=claims, dkim=(broken("key-missing"),))
    outcome = compare(MAIL, path_of(MAIL, border=0), authentication, dns_at=None)
    assert outcome.differences[0].standing is TRUSTED
    assert len(outcome.differences) == MAX_STAMPED
    assert len(outcome.findings) <= 10


@given(
    st.text(alphabet='ab.=;:()"<>@1 \u00fc\udcfc\u202e\n', max_size=60),
    st.sampled_from(["spf", "dkim", "dmarc", "arc"]),
)
def test_hostile_stamps_are_compared_and_shown_escaped(text, method):
    stamp = f"{method}={text} header.d={text} smtp.mailfrom={text} header.from={text} (key {text})"
    for difference in found(stamp, dkim=(broken("key-missing"), a_signature()), spf=FAIL).differences:
        assert difference.detail.isprintable()
        assert difference.stamped.isprintable()
        assert (difference.identity or "").isprintable()


@pytest.mark.parametrize(
    ("value", "domain"),
    [("<>", ""), ("ann@b\u00fccher.example", "xn--bcher-kva.example"), ('"Ann"@Example.com.', "example.com"), ("", "")],
)
def test_stated_domains_are_a_labels(value, domain):
    assert stated_domain(value) == domain


RECEIVED = (
    b"Received: from out.example.com (out.example.com [192.0.2.1])\r\n\tby mx.example.net (Postfix) with ESMTPS id 4X;"
    b"\r\n\tTue, 20 Oct 2026 10:00:00 +0000\r\n"
)


def report(stamp, *, body=BODY, key=True, recorded="2026-10-20T10:00:00Z", signed=True):
    """Analyse a signed message that mx.example.net took and stamped."""
    stamped = f"Authentication-Results: mx.example.net; {stamp}\r\n".encode()
    own = signature(FIELDS, BODY) if signed else b""
    answers = {"s1._domainkey.example.com": {"TXT": [record()]}} if key else {}
    dns = from_mapping({"mailtrace_dns": 1, "default": "NXDOMAIN", "recorded_at": recorded, "answers": answers})
    return analyze(b"".join((stamped, RECEIVED, own, *FIELDS)) + b"\r\n" + body, dns=dns)


@pytest.mark.parametrize(
    ("stamp", "options", "expected"),
    [
        ("dkim=pass header.d=example.com", {}, []),
        ("dkim=pass header.d=example.com", {"key": False}, [("dkim", "key-gone")]),
        ("dkim=pass header.d=example.com", {"body": BODY + b"More.\r\n"}, [("dkim", "copy-altered")]),
        ("dkim=fail (bad signature) header.d=example.com", {}, [("dkim", "unexplained")]),
        ("dkim=pass header.d=example.com", {"signed": False}, [("dkim", "signature-absent")]),
        ("dkim=none", {"signed": False}, []),
        (
            "spf=pass smtp.mailfrom=a@example.com",
            {"recorded": "2020-01-01T00:00:00Z"},
            [("spf", "record-changed-since")],
        ),
    ],
)
def test_from_octets_to_the_report(stamp, options, expected):
    made = report(stamp, **options)
    assert [(each.method, each.reason.value) for each in made.authentication.differences] == expected
    assert all(each.standing is TRUSTED and each.field == 0 for each in made.authentication.differences)


def test_the_prefix_of_b_is_that_of_the_field():
    (check,) = report("none").authentication.dkim
    assert b"b=" + (check.signature_prefix or "").encode() in signature(FIELDS, BODY).replace(b"\r\n\t", b"")


def test_a_sealer_that_found_the_chain_broken_is_named():
    """Its word counts only if its seal holds: `cv=fail` can be written by anyone who has the file."""
    fails = replace(arc(ARCResult.FAIL), problem="chain-failed")
    one = replace(fails.sets[0], cv="fail", seal=ARCResult.PASS)
    (why,) = found("arc=pass", arc=replace(fails, sets=(one,))).differences
    assert why.detail == "The sealer of set 1 (lists.example.org) wrote that the chain was broken already (cv=fail)."
    assert why.reason == "added-since"
    one = replace(one, seal=ARCResult.FAIL, seal_problem="header-altered")
    (why,) = found("arc=pass", arc=replace(fails, sets=(one,))).differences
    assert why.detail == "The seal of set 1 (lists.example.org) says cv=fail, and does not hold over this copy."
    assert why.reason == "copy-altered"
