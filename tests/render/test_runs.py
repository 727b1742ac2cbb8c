"""Fields without a client are drawn with the hop before them; what they wrote is told of the last."""

import re

import pytest

from mailtrace.path.types import RelatedKind
from mailtrace.records import replace
from mailtrace.render.text import render
from mailtrace.results import Scope, Security, Standing
from tests.render import reports


def echoed(**changed):
    """A border hop, and behind it a field without a client, as Gmail and qmail write it."""
    path = reports.border_path()
    nobody = {"helo": None, "client_name": None, "client_ip": None, "delay_seconds": 0.0}
    inner = reports.transport(Security.LOCAL, scope=Scope.INTERNAL)
    echo = replace(path.hops[2], **{**nobody, "kind": "internal", "transport": inner, **changed})
    return reports.authentic(path=replace(path, hops=(*path.hops[:2], echo)))


def test_a_field_without_a_client_goes_with_the_one_before():
    text = render(echoed(by="2001:db8::1", software="Gmail"))
    assert re.search(r"^1-2 │  TLS 1\.3 TLS_AES_256_GCM_SHA384 \(strong\) .*10:00:03  \+3 s$", text, re.MULTILINE)
    assert "recorded by mx.example.net (Postfix, ESMTPS), and 1 step behind it" in text
    assert "     a machine of Gmail [2001:db8::1]\n" in text
    assert "internal hand-over, no peer named" in render(echoed(), verbose=True)
    assert "and 1 step behind it" in render(echoed(kind="local", by="MX.example.net"))
    assert "and 1 step behind it" in render(echoed(kind="local", by=None))


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "local", "by": "other.example.net"},
        {"kind": "smtp"},
        {"helo": "x"},
        {"client_ip": "192.0.2.77"},
        {"delay_seconds": 61.0},
        {"standing": Standing.CLAIMED},
    ],
)
def test_a_hop_of_its_own_does_not_go_with_the_border(changed):
    assert "behind it" not in render(echoed(**changed))


def test_what_steps_inside_wrote_is_told_of_the_last():
    report = reports.provider_chain()
    hops = list(report.path.hops)
    seal = reports.related("ARC-Seal", RelatedKind.SEAL, "inside.example.net", Standing.TRUSTED)
    hops[3] = replace(hops[3], related=(seal,))
    lines = [line.strip() for line in render(replace(report, path=replace(report.path, hops=tuple(hops)))).splitlines()]
    assert lines.index("- ARC seal of inside.example.net") > lines.index("mx5.example.net")


def test_a_single_hop_without_a_border_says_why():
    hop = reports.hop(0, 1, helo=None, client_name=None, client_ip=None, kind="local", standing=Standing.TRUSTED)
    path = replace(reports.NO_PATH, hops=(hop,), border_reason="every field was written inside")
    text = render(reports.authentic(path=path))
    assert "Path      1 hop; no border found: every field was written inside" in text
    assert "     a program on the same machine\n" in text
