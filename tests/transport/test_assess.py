"""The whole stage: scope, grade, confidence, and what becomes a finding."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtrace.path.types import HopKind, Silence
from mailtrace.results import Confidence, Grade, Scope, Security, Severity, Standing
from mailtrace.transport import assess, is_deciding
from tests.transport.build import hop, path


def codes(*hops):
    return [finding.code for finding in assess(path(*hops)).findings]


def only(*hops):
    (finding,) = assess(path(*hops)).findings
    return finding


STRONG = "using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)"


def test_one_entry_per_hop_in_the_order_of_the_path():
    transport = assess(
        path(hop(index=0), hop(index=1, protocol="ESMTPS"), hop(index=2, kind=HopKind.LOCAL, client_ip=None))
    )
    assert [one.security for one in transport.hops] == [Security.CLEARTEXT, Security.ENCRYPTED, Security.LOCAL]


def test_a_good_hop_gives_no_finding():
    transport = assess(path(hop(protocol="ESMTPS", comments=(STRONG,))))
    assert (transport.hops[0].grade, transport.findings) == (Grade.STRONG, ())


def test_an_encrypted_hop_without_details_has_no_grade():
    transport = assess(path(hop(protocol="ESMTPS")))
    assert (transport.hops[0].grade, transport.findings) == (None, ())


def test_no_hops():
    assert assess(path()).hops == ()


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (hop(client_ip="127.0.0.1"), Scope.LOOPBACK),
        (hop(kind=HopKind.LOCAL, client_ip=None), Scope.LOOPBACK),
        (hop(client_ip="10.1.2.3", public=None), Scope.INTERNAL),
        (hop(client_ip="100.127.93.20", public=None), Scope.INTERNAL),
        (hop(client_ip="172.20.0.1", public=None), Scope.INTERNAL),
        (hop(client_ip="169.254.1.1", public=None), Scope.INTERNAL),
        (hop(client_ip="fe80::1", public=None), Scope.INTERNAL),
        (hop(client_ip="fd12::1", public=None), Scope.INTERNAL),
        (hop(client_ip="fd:ac::d:10", public=None), Scope.UNKNOWN),  # 00fd::/16, not a unique local address
        (hop(client_ip="::ffff:10.0.0.1", public=None), Scope.INTERNAL),
        (hop(kind=HopKind.INTERNAL, client_ip=None, public=None), Scope.INTERNAL),
        (hop(public=True), Scope.PUBLIC),
        (hop(public=False), Scope.INTERNAL),
        (hop(public=None), Scope.UNKNOWN),
        (hop(client_ip=None, public=None), Scope.UNKNOWN),
        (hop(client_ip="not-an-address", public=None), Scope.UNKNOWN),
    ],
)
def test_scope(case, expected):
    assert assess(path(case)).hops[0].scope is expected


@pytest.mark.parametrize(
    ("protocol", "authenticated", "expected"),
    [
        ("ESMTPSA", None, True),
        ("essmtpa", None, True),
        ("ASMTP", None, True),
        ("ESMTP", True, True),
        ("ESMTPS", False, False),
        ("SMTP", None, None),
    ],
)
def test_authenticated_submission_has_three_values(protocol, authenticated, expected):
    assert (
        assess(path(hop(protocol=protocol, authenticated=authenticated))).hops[0].authenticated_submission is expected
    )


def test_a_cleartext_hop_that_decides():
    finding = only(hop())
    assert (finding.code, finding.severity, finding.confidence) == ("hop-cleartext", Severity.WARNING, Confidence.HIGH)
    assert finding.evidence[0].source == "header:Received[0]"
    assert finding.evidence[0].line == 7
    assert "mx.example.com" in finding.detail


def test_a_cleartext_hop_that_only_seems_so_is_a_notice():
    finding = only(hop(silence=Silence.LIKELY_CLEARTEXT))
    assert (finding.code, finding.severity, finding.confidence) == ("hop-cleartext", Severity.NOTICE, Confidence.MEDIUM)


@pytest.mark.parametrize(
    ("case", "severity"),
    [
        (hop(), Severity.WARNING),
        (hop(public=None), Severity.NOTICE),
        (hop(client_ip=None), Severity.NOTICE),
        (hop(silence=Silence.LIKELY_CLEARTEXT), Severity.NOTICE),
        (hop(protocol="SMTP"), Severity.NOTICE),
        (hop(protocol="SMTP", software="Gmail"), Severity.WARNING),
        (hop(received_at=datetime(2006, 12, 31, tzinfo=UTC)), Severity.NOTICE),
        (hop(received_at=datetime(2007, 1, 1, tzinfo=UTC)), Severity.WARNING),
    ],
    ids=[
        "known",
        "organisation-not-known",
        "no-address",
        "may-not-tell",
        "helo-to-postfix",
        "helo-to-a-writer-of-comments",
        "before-rfc3848",
        "since-rfc3848",
    ],
)
def test_cleartext_is_a_warning_only_where_nothing_else_explains_it(case, severity):
    """A public peer of another organisation, and a writer that is known to note TLS."""
    finding = only(case)
    assert (finding.code, finding.severity) == ("hop-cleartext", severity)


@pytest.mark.parametrize("standing", [Standing.CLAIMED, Standing.CONTRADICTED])
def test_a_claimed_cleartext_hop_is_an_aside(standing):
    finding = only(hop(standing=standing))
    assert (finding.code, finding.severity, finding.confidence) == (
        "hop-cleartext-claimed",
        Severity.INFO,
        Confidence.LOW,
    )


@pytest.mark.parametrize("aside", [hop(public=False), hop(client_ip="10.0.0.1"), hop(client_ip="127.0.0.1")])
def test_cleartext_inside_one_organisation_is_no_finding(aside):
    assert codes(aside) == []


def test_unrecorded_is_said_where_it_decides_and_nowhere_else():
    unrecorded = {"silence": Silence.UNRECORDED}
    assert codes(hop(**unrecorded)) == ["hop-unrecorded"]
    assert codes(hop(**unrecorded, standing=Standing.CLAIMED)) == []
    assert codes(hop(**unrecorded, public=False)) == []


def test_a_login_in_clear():
    trusted = assess(path(hop(protocol="ESMTPA"))).findings
    claimed = assess(path(hop(protocol="ESMTPA", standing=Standing.CLAIMED))).findings
    assert [finding.code for finding in trusted] == ["hop-cleartext", "submission-cleartext"]
    assert [(one.code, one.severity, one.confidence) for one in claimed][1] == (
        "submission-cleartext",
        Severity.NOTICE,
        Confidence.LOW,
    )


@pytest.mark.parametrize("case", [{"silence": Silence.LIKELY_CLEARTEXT}, {"public": None}, {"client_ip": None}])
def test_a_login_that_only_seems_to_be_in_clear_is_a_notice(case):
    """A warning about somebody's password needs a server that would have noted TLS."""
    found = assess(path(hop(protocol="ESMTPA", **case))).findings
    assert [(one.code, one.severity) for one in found][1] == ("submission-cleartext", Severity.NOTICE)


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("version=SSLv3 cipher=DHE-RSA-AES256-SHA", {"tls-version-broken": "critical", "tls-cbc": "info"}),
        ("version=TLS1_1 cipher=ECDHE-RSA-AES256-SHA", {"tls-version-weak": "warning", "tls-cbc": "info"}),
        ("version=TLSv1.2 cipher=AES128-GCM-SHA256", {"tls-no-forward-secrecy": "notice"}),
        ("version=TLSv1.2 cipher=ECDHE-RSA-RC4-SHA", {"tls-cipher-broken": "warning"}),
        ("version=TLSv1.2 cipher=ADH-AES256-GCM-SHA384", {"tls-anonymous": "info"}),
        ("version=TLSv1.2 cipher=OTHER", {}),
    ],
)
def test_weak_tls(comment, expected):
    found = assess(path(hop(comments=(comment,)))).findings
    assert {one.code: one.severity for one in found} == expected
    assert {one.confidence for one in found} <= {Confidence.HIGH}


def test_weak_tls_on_a_claimed_hop_is_a_notice_with_low_confidence():
    finding = only(hop(standing=Standing.CLAIMED, comments=("using SSLv3",)))
    assert (finding.code, finding.severity, finding.confidence) == (
        "tls-version-broken",
        Severity.NOTICE,
        Confidence.LOW,
    )


def test_the_confidence_in_a_claim_is_low():
    trusted, claimed = assess(path(hop(), hop(standing=Standing.CLAIMED))).hops
    assert (trusted.confidence, claimed.confidence) == (Confidence.HIGH, Confidence.LOW)


@pytest.mark.parametrize(
    ("case", "decides"),
    [
        (hop(), True),
        (hop(public=None), True),
        (hop(standing=Standing.CLAIMED), False),
        (hop(standing=Standing.CONTRADICTED), False),
        (hop(public=False), False),
        (hop(client_ip="127.0.0.1"), False),
    ],
)
def test_which_hops_decide(case, decides):
    assert is_deciding(case, assess(path(case)).hops[0]) is decides


def test_hostile_names_are_escaped():
    finding = only(hop(by="mx\x1b[31m.example", client_name="a\u202e.example"))
    assert "\x1b" not in finding.detail
    assert "\u202e" not in finding.detail


@given(
    comments=st.lists(st.text(max_size=60), max_size=4).map(tuple),
    protocol=st.none() | st.sampled_from(["ESMTP", "ESMTPS", "HTTP"]) | st.text(max_size=20),
    address=st.none() | st.ip_addresses().map(str) | st.text(max_size=20),
    silence=st.sampled_from(list(Silence)),
    kind=st.sampled_from(list(HopKind)),
    standing=st.sampled_from(list(Standing)),
)
def test_invariants(*, comments, protocol, address, silence, kind, standing):
    case = hop(
        comments=comments,
        protocol=protocol,
        with_text=protocol,
        client_ip=address,
        silence=silence,
        kind=kind,
        standing=standing,
    )
    transport = assess(path(case))
    (one,) = transport.hops
    assert (one.tls is not None) is (one.security is Security.ENCRYPTED)
    assert one.grade is None or one.tls is not None
    assert transport == assess(path(case))
    assert all(
        finding.confidence is Confidence.LOW for finding in transport.findings if standing is not Standing.TRUSTED
    )


def test_what_a_field_says_at_its_word_is_apart_from_whether_it_is_believed():
    one = hop(software="qmail", silence=Silence.LIKELY_CLEARTEXT, standing=Standing.CLAIMED)
    (claimed,) = assess(path(one)).hops
    assert (claimed.security, claimed.confidence, claimed.at_its_word) == (
        Security.CLEARTEXT,
        Confidence.LOW,
        Confidence.MEDIUM,
    )
