"""Whole fields, from the octets to the grade: one in the form of each server and generation."""

import pathlib
import tomllib

import pytest

from mailtrace.message import parse
from mailtrace.path import rebuild
from mailtrace.transport import assess

CASES = tomllib.loads((pathlib.Path(__file__).parents[1] / "corpus/transport/fields.toml").read_text())["field"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_field(case):
    value = f"Received: {case['value']}; Fri, 1 May 2026 10:00:00 +0000\r\nFrom: a@a.example\r\n\r\n"
    (facts,) = assess(rebuild(parse(value.encode()), ())).hops
    assert facts.security == case["security"]
    assert facts.grade == case.get("grade")
    assert (facts.authenticated_submission is True) is case.get("login", False)
    assert "scope" not in case or facts.scope == case["scope"]
    if facts.tls is None:
        return
    tls, client = facts.tls, facts.tls.client_certificate
    assert tls.basis == case.get("basis", "comment")
    stated = (tls.version, tls.cipher, tls.cipher_iana, tls.bits, tls.key_exchange)
    assert stated == tuple(case.get(name) for name in ("version", "cipher", "iana", "bits", "keys"))
    shown = (client.presented, client.verified, client.common_name) if client else ()
    assert shown == (*case.get("client", ()), None, None)[:3] if client else "client" not in case
