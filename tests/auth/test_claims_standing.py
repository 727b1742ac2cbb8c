"""Whose statement a stamp is: by its place, not by its name (RFC 8601 §7.1)."""

import pytest

from mailtrace.auth.claims import EVIDENCE_LIMIT, check_claims
from mailtrace.message import parse
from mailtrace.results import Severity, Standing
from tests.auth.hand_built_path import path_of

INNER = "Received: from mx.example.net by mail.example.net with LMTP id 2"
BORDER = "Received: from out.example.com ([192.0.2.7]) by mx.example.net with ESMTPS id 1"
SENDER = "Received: from laptop by out.example.com with ESMTPSA id 0"
OWN = "Authentication-Results: mx.example.net; dmarc=pass header.from=example.com"
OTHER = "Authentication-Results: mx.example.org; dmarc=pass header.from=example.com"
NO_ID = "Authentication-Results: dmarc=pass action=none header.from=example.com"
SPF = "Received-SPF: pass (mx.example.net: domain of ann@example.com designates 192.0.2.7) client-ip=192.0.2.7"
FROM = "From: ann@example.com"


def message_of(*fields):
    return parse(("\r\n".join(fields) + "\r\n\r\nHello.\r\n").encode())


def standings(outcome):
    return "".join("t" if claim.standing is Standing.TRUSTED else "c" for claim in outcome.claims)


def at_border(*fields, **facts):
    """Check with the Received field that names mx.example.net, mx.google.com or kernel.org's server as the border."""
    message = message_of(*fields)
    border = next(
        at for at, field in enumerate(message.all("Received")) if any(f" by {mx} " in field.value for mx in MX)
    )
    by = next(mx for mx in MX if f" by {mx} " in message.all("Received")[border].value)
    return check_claims(message, path_of(message, border=border, by=by, **facts))


MX = ("mx.example.net", "mx.google.com", "smtp.subspace.kernel.org")

GOOGLE = "Received: from out.example.com (out.example.com. [192.0.2.7]) by mx.google.com with ESMTPS id a-b.1"
GOOGLE_SPF = (
    "Received-SPF: pass (google.com: domain of ann@example.com designates 192.0.2.7 as ...) client-ip=192.0.2.7;"
)
GOOGLE_OWN = "Authentication-Results: mx.google.com; dkim=pass header.i=@example.com; spf=pass; dmarc=pass (p=NONE)"
GOOGLE_INNER = "Received: by 2002:a05:6358::1 with SMTP id x.1"

KERNEL = (
    "Received: from out.example.com (out.example.com [192.0.2.7]) by smtp.subspace.kernel.org (Postfix) with ESMTPS"
)
KERNEL_ARC = (
    "ARC-Seal:i=1; a=rsa-sha256; d=subspace.kernel.org",
    "ARC-Message-Signature:i=1; a=rsa-sha256; d=subspace.kernel.org",
    "ARC-Authentication-Results:i=1; smtp.subspace.kernel.org; dmarc=pass",
)
KERNEL_OWN = tuple(
    f"Authentication-Results: smtp.subspace.kernel.org; {method}=pass" for method in ("dmarc", "spf", "dkim")
)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param((OWN, BORDER, FROM), "t", id="above-the-border"),
        pytest.param((INNER, SPF, OWN, BORDER, SENDER, FROM), "tt", id="between-inner-hops-and-the-border"),
        pytest.param((OTHER, INNER, BORDER, FROM), "t", id="above-under-another-id: an inner server's"),
        pytest.param((INNER, NO_ID, BORDER, FROM), "t", id="above-without-id: Exchange Online"),
        pytest.param((BORDER, OWN, FROM), "c", id="below-in-the-receivers-name"),
        pytest.param((BORDER, SPF, FROM), "c", id="below-received-spf"),
        pytest.param((BORDER, NO_ID, FROM), "c", id="below-without-id"),
        pytest.param((OWN, BORDER, SENDER, OWN, FROM), "tc", id="one-of-each"),
        pytest.param((GOOGLE_INNER, GOOGLE, GOOGLE_SPF, GOOGLE_OWN, FROM), "tt", id="gmail-writes-below"),
        pytest.param((GOOGLE, GOOGLE_OWN, FROM), "t", id="gmail-without-received-spf"),
        pytest.param((GOOGLE, GOOGLE_SPF, GOOGLE_OWN, GOOGLE_SPF, GOOGLE_OWN), "ttcc", id="gmail-and-a-copy-below"),
        pytest.param((GOOGLE, FROM, GOOGLE_OWN), "c", id="gmail-not-just-below"),
        pytest.param((GOOGLE, GOOGLE_SPF, OTHER, GOOGLE_OWN), "tcc", id="gmail-behind-another-id"),
        pytest.param((GOOGLE, SPF, GOOGLE_OWN), "cc", id="gmail-behind-another-received-spf"),
        pytest.param((BORDER, GOOGLE_SPF, GOOGLE_OWN), "cc", id="gmail-stamps-at-another-border"),
        pytest.param((KERNEL, *KERNEL_ARC, *KERNEL_OWN, FROM), "ttt", id="kernel-writes-below"),
        pytest.param((KERNEL, *KERNEL_OWN, FROM), "ttt", id="kernel-without-arc"),
        pytest.param((KERNEL, *KERNEL_OWN, KERNEL_OWN[0]), "tttc", id="kernel-and-a-method-again"),
        pytest.param((KERNEL, KERNEL_OWN[0], *KERNEL_ARC, *KERNEL_OWN), "tccc", id="kernel-behind-the-senders-arc"),
        pytest.param((KERNEL, *KERNEL_ARC, KERNEL_ARC[0], *KERNEL_OWN), "ccc", id="kernel-behind-two-arc-sets"),
    ],
)
def test_place_decides(fields, expected):
    assert standings(at_border(*fields)) == expected


@pytest.mark.parametrize("trust", [(), ("mx.example.net",), (".example.net", "192.0.2.0/24")])
def test_a_given_name_does_not_lift_a_stamp_below_the_border(trust):
    """A sender can bring along a stamp in any name; it stays a claim, whatever id it carries."""
    assert standings(at_border(BORDER, SENDER, OWN, FROM, trust=trust)) == "c"


@pytest.mark.parametrize(
    ("trust", "fields", "expected"),
    [
        pytest.param((), (OWN, FROM), "c", id="no-border-no-name"),
        pytest.param(("mx.example.net",), (OWN, OTHER, FROM), "tc", id="no-received-at-all"),
        pytest.param((".example.net",), (OWN, OTHER, FROM), "tc", id="a-domain"),
        pytest.param((".net",), (OWN, FROM), "t", id="a-wide-domain-is-the-examiners-choice"),
        pytest.param(("ample.net",), (OWN, FROM), "c", id="not-a-suffix-of-letters"),
        pytest.param((".MX.Example.NET.",), (OWN, FROM), "t", id="case-and-final-dot"),
        pytest.param(("mx.example.net",), (OWN, SENDER, OWN, FROM), "tc", id="below-somebody-elses-received"),
    ],
)
def test_without_a_border_only_a_given_name_counts(trust, fields, expected):
    message = message_of(*fields)
    assert standings(check_claims(message, path_of(message, trust=trust))) == expected


def test_in_mail_that_never_left_the_house_a_given_name_counts():
    message = message_of(INNER, OWN, FROM)
    assert standings(check_claims(message, path_of(message, internal=True, trust=("mx.example.net",)))) == "t"


def test_claims_keep_order_place_and_name():
    outcome = at_border(OWN, SPF, BORDER, OTHER, FROM)
    assert [claim.field for claim in outcome.claims] == [0, 1, 3]
    assert [claim.authserv_id for claim in outcome.claims] == ["mx.example.net", "mx.example.net", "mx.example.org"]


@pytest.mark.parametrize("name", ["ARC-Authentication-Results", "X-Authentication-Results", "Authentication-Result"])
def test_other_fields_are_no_stamps(name):
    assert at_border(f"{name}: mx.example.net; dmarc=pass", BORDER, FROM).claims == ()


@pytest.mark.parametrize("name", ["Authentication-Results-Original", "X-Original-Authentication-Results"])
@pytest.mark.parametrize("trust", [(), ("mx.example.net",)])
def test_what_a_gateway_renamed_is_shown_and_never_trusted(name, trust):
    outcome = at_border(f"{name}: mx.example.net 1; dmarc=pass (p=NONE) reason=ok", BORDER, FROM, trust=trust)
    (claim,) = outcome.claims
    assert (claim.name, claim.standing, claim.version) == (name, Standing.CLAIMED, "1")
    assert (claim.results[0].comment, claim.results[0].reason) == ("p=NONE", "ok")
    assert outcome.findings == ()


def codes(outcome):
    return [(finding.code, finding.severity) for finding in outcome.findings]


BELOW, OTHERS = "claim-receiver-id-below-border", "claim-below-border"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param((OWN, BORDER, FROM), [], id="above"),
        pytest.param((OTHER, BORDER, FROM), [], id="above-in-another-name"),
        pytest.param((BORDER, OTHER, FROM), [(OTHERS, Severity.INFO)], id="below-in-another-name"),
        pytest.param((BORDER, NO_ID, FROM), [(OTHERS, Severity.INFO)], id="below-without-name"),
        pytest.param((BORDER, OWN, FROM), [(BELOW, Severity.INFO)], id="just-below: perhaps a filter's"),
        pytest.param(
            (BORDER, OTHER, OWN, FROM),
            [(BELOW, Severity.INFO), (OTHERS, Severity.INFO)],
            id="just-below-with-stamps-between",
        ),
        pytest.param((BORDER, FROM, OWN), [(BELOW, Severity.NOTICE)], id="below-a-field-of-the-sender"),
        pytest.param((BORDER, SENDER, OWN, FROM), [(BELOW, Severity.NOTICE)], id="below-another-hop"),
        pytest.param((GOOGLE, GOOGLE_OWN, FROM, GOOGLE_OWN), [(BELOW, Severity.NOTICE)], id="gmail-twice"),
    ],
)
def test_a_stamp_in_the_receivers_name_below_the_border_is_named(fields, expected):
    assert codes(at_border(*fields)) == expected


def test_the_receiving_organisation_counts_as_the_receiver():
    stamp = "Authentication-Results: filter.example.net; spf=pass"
    assert codes(at_border(BORDER, SENDER, stamp, receiver="example.net")) == [(BELOW, Severity.NOTICE)]
    others = at_border(BORDER, SENDER, stamp.replace(".example", ".myexample"), receiver="example.net")
    assert codes(others) == [(OTHERS, Severity.INFO)]


def test_without_a_name_in_exchange_onlines_form_it_is_the_receivers_where_that_is_exchange_online():
    stamps = (BORDER, SENDER, NO_ID, FROM)
    assert codes(at_border(*stamps, receiver="outlook.com")) == [(BELOW, Severity.NOTICE)]
    assert codes(at_border(*stamps, receiver="example.net")) == [(OTHERS, Severity.INFO)]
    plain = (BORDER, SENDER, "Authentication-Results: spf=pass smtp.mailfrom=example.com", FROM)
    assert codes(at_border(*plain, receiver="outlook.com")) == [(OTHERS, Severity.INFO)]


def test_a_stamp_without_a_result_is_named():
    outcome = at_border("Authentication-Results: ...", "Authentication-Results: mx.example.net; none", BORDER, FROM)
    assert codes(outcome) == [("claim-unreadable", Severity.INFO)]
    assert [evidence.source for evidence in outcome.findings[0].evidence] == ["header:Authentication-Results[0]"]
    assert outcome.findings[0].evidence[0].line == 1


def test_ten_thousand_stamps_are_one_finding():
    outcome = at_border(BORDER, FROM, *[OWN] * 10_000)
    assert len(outcome.claims) == 10_000
    assert [len(finding.evidence) for finding in outcome.findings] == [EVIDENCE_LIMIT]


def test_a_hostile_name_is_escaped():
    outcome = at_border(
        BORDER, FROM, "Authentication-Results: evil\u202e.example.net; spf=pass", receiver="example.net"
    )
    assert "\u202e" not in "".join(finding.detail for finding in outcome.findings)
