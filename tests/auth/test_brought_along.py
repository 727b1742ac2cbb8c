"""What a sender writes himself: stamps in the receiver's name, return paths of forwarders, seals. None of it is believed.

The message is forged throughout: no signature, from a client of the attacker, in the name of an author whose domain
publishes a policy. Whatever stands below the border, nobody is credited with it, and it is never authentic.
"""

import re

import pytest

from mailtrace import analyze
from mailtrace.resolver.recorded import from_mapping
from tests.auth.arc_sealing import sealed
from tests.auth.dkim_signing import BODY, FIELDS, NAME, record

FORGED = (
    b"From: Ann <ann@example.com>\r\n",
    b"To: bob@example.net\r\n",
    b"Subject: Pay\r\n",
    b"Date: Fri, 1 May 2026 10:00:00 +0000\r\n",
)
PAY = b"Pay at https://confirm.evil.example/\r\n"
TRUSTS = [(), (".example.net",), ("mx.example.net", "192.0.2.0/24"), (".example.net", ".forwarder.example")]


def envelope(mail_from, by=b"mx.example.net"):
    return (
        b"Return-Path: <" + mail_from + b">\r\n"
        b"Received: from mx.evil.example (mx.evil.example [203.0.113.9])\r\n"
        b"\tby "
        + by
        + b" (Postfix) with ESMTPS id 4Qp\r\n\tfor <bob@example.net>; Fri, 1 May 2026 10:00:05 +0000 (UTC)\r\n"
    )


def answers(policy):
    return from_mapping(
        {
            NAME: {"TXT": [record()]},
            "s1._domainkey.evil.example": {"TXT": [record("rsa-other")]},
            "s1._domainkey.forwarder.example": {"TXT": [record()]},
            "_dmarc.example.com": {"TXT": [f"v=DMARC1; p={policy}"]},
            "_dmarc.evil.example": {"TXT": []},
            "evil.example": {"TXT": ["v=spf1 ip4:203.0.113.9 -all"]},
            "mx.evil.example": {"TXT": []},
            "forwarder.example": {"TXT": ["v=spf1 -all"]},
            "example.com": {"TXT": ["v=spf1 ip4:192.0.2.7 -all"]},
        }
    )


STAMPS = {
    "in the receiver's name": b"Authentication-Results: mx.example.net;\r\n\tdkim=pass header.d=example.com;\r\n"
    b"\tspf=pass smtp.mailfrom=ann@example.com; dmarc=pass header.from=example.com\r\n",
    "in its organisation's name": b"Authentication-Results: example.net; dmarc=pass header.from=example.com\r\n",
    "in capitals": b"AUTHENTICATION-RESULTS: MX.EXAMPLE.NET; DMARC=PASS HEADER.FROM=EXAMPLE.COM\r\n",
    "without a name, as Exchange Online writes it": b"Authentication-Results: spf=pass (sender IP is 192.0.2.7)\r\n"
    b" smtp.mailfrom=example.com; dkim=pass (signature was verified)\r\n header.d=example.com;dmarc=pass action=none"
    b" header.from=example.com;compauth=pass reason=100\r\n",
    "of SPF": b"Received-SPF: pass (mx.example.net: domain of ann@example.com designates 192.0.2.7 as permitted sender)"
    b" receiver=mx.example.net; client-ip=192.0.2.7; envelope-from=ann@example.com\r\n",
    "below a hop of his own": b"Received: from smtp.example.com (smtp.example.com [192.0.2.7])\r\n\tby mx.example.net"
    b" (Postfix) with ESMTPS id 4Qo\r\n\tfor <bob@example.net>; Fri, 1 May 2026 10:00:03 +0000 (UTC)\r\n"
    b"Authentication-Results: mx.example.net; dmarc=pass header.from=example.com\r\n",
    "as ARC results without a seal": b"ARC-Authentication-Results: i=1; mx.example.net; dmarc=pass header.from=example.com\r\n",
}


@pytest.mark.parametrize("policy", ["reject", "none"])
@pytest.mark.parametrize("trust", TRUSTS)
@pytest.mark.parametrize("name", STAMPS)
def test_a_stamp_below_the_border(name, trust, policy):
    raw = envelope(b"x@evil.example") + STAMPS[name] + b"".join(FORGED) + b"\r\n" + PAY
    report = analyze(raw, dns=answers(policy), trust=trust)
    assert_not_believed(report)
    assert all(claim.standing == "claimed" for claim in report.authentication.claims)


PATHS = {
    "srs": b"SRS0=4hX2=2C=example.com=ann@evil.example",
    "srs in the forwarder's name": b"SRS0=4hX2=2C=example.com=ann@forwarder.example",
    "srs of a forwarder before": b"SRS1=c8x=forwarder.example==4hX2=2C=example.com=ann@evil.example",
    "srs of Exchange": b"ann+SRS=4hX2=2C=example.com=ann@evil.example",
    "srs back to the author": b"SRS0=4hX2=2C=evil.example=x@example.com",
    "gmail": b"ann+caf_=bob=example.net@evil.example",
    "batv": b"prvs=0123abcdef=ann@example.com",
    "batv of his own": b"prvs=0123abcdef=ann@evil.example",
    "verp": b"example.com-bounces+bob=example.net@evil.example",
}


@pytest.mark.parametrize("policy", ["reject", "none"])
@pytest.mark.parametrize("trust", TRUSTS)
@pytest.mark.parametrize("name", PATHS)
def test_a_return_path_of_a_forwarder(name, trust, policy):
    raw = envelope(PATHS[name]) + b"".join(FORGED) + b"\r\n" + PAY
    report = analyze(raw, dns=answers(policy), trust=trust)
    assert_not_believed(report)
    rewritten = report.session.rewritten
    assert rewritten is not None
    if rewritten.original:
        told = " ".join(finding.detail for finding in report.findings if finding.code == "envelope-rewritten")
        assert "its own word" in told


def his(**more):
    """A chain of the attacker's, sealed with his own key in his own name."""
    own = {
        "message": {"d": "evil.example", "by": "rsa-other", **more},
        "seal": {"d": "evil.example", "by": "rsa-other"},
    }
    return sealed(1, fields=FORGED, body=PAY, set1=own)


def passing(octets, name=b"mx.example.net"):
    """Let the results say that DMARC passed: before it is sealed this is what a sealer claims."""
    return octets.replace(
        b"mx1.example.net;\r\n\tdkim=pass header.d=example.com", name + b"; dmarc=pass header.from=example.com"
    )


CHAINS = {
    "sealed by himself": his(),
    "sealed by himself, the results exchanged": passing(his()),
    "in a forwarder's name, by another key": sealed(
        1,
        fields=FORGED,
        body=PAY,
        set1={
            "message": {"d": "forwarder.example", "by": "rsa-other"},
            "seal": {"d": "forwarder.example", "by": "rsa-other"},
        },
    ),
    "of another message, from a forwarder": sealed(
        1, set1={"message": {"d": "forwarder.example"}, "seal": {"d": "forwarder.example"}}
    ).replace(b"".join(FIELDS) + b"\r\n" + BODY, b"".join(FORGED) + b"\r\n" + PAY),
    "of another message, and his own set above": sealed(
        2,
        fields=FORGED,
        body=PAY,
        set1={
            "message": {"d": "forwarder.example", "fields": FIELDS, "body": BODY},
            "seal": {"d": "forwarder.example"},
        },
        set2={"message": {"d": "evil.example", "by": "rsa-other"}, "seal": {"d": "evil.example", "by": "rsa-other"}},
    ),
}


HOLDING = {"sealed by himself", "of another message, and his own set above"}
"""Chains that verify, as far as ARC goes."""


@pytest.mark.parametrize("policy", ["reject", "none"])
@pytest.mark.parametrize("trust", TRUSTS)
@pytest.mark.parametrize("name", CHAINS)
def test_a_chain_that_the_attacker_sealed_or_copied(name, trust, policy):
    report = analyze(envelope(b"x@evil.example") + CHAINS[name], dns=answers(policy), trust=trust)
    assert report.authentication.arc.result == ("pass" if name in HOLDING else "fail")
    assert_not_believed(report)


def assert_not_believed(report):
    verdict = report.verdict
    assert verdict.authenticity in ("forged", "suspicious")
    assert verdict.basis is None
    assert report.authentication.dmarc.result == "fail"
    for sentence in (verdict.summary, *(finding.detail for finding in report.findings)):
        assert not re.search(r"\b(?:proved|vouches for it|it is from)\b", sentence) or "not proved" in sentence, (
            sentence
        )
