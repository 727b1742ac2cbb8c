"""Forwarded mail, in words: from the report of whole messages, since it takes SPF, DKIM and DMARC together."""

import json
import pathlib

import pytest

from mailtrace import analyze, load_dns
from mailtrace.render.json import dumps

SAMPLES = pathlib.Path(__file__).parents[2] / "samples"


def report_of(name, **replaced):
    raw = (SAMPLES / f"{name}.eml").read_bytes()
    for old, new in replaced.items():
        assert old.encode() in raw
        raw = raw.replace(old.encode(), new.encode())
    return analyze(raw, dns=load_dns(SAMPLES / f"{name}.dns.json"))


def found(report, code):
    return [finding for finding in report.findings if finding.code == code]


def test_spf_that_fails_after_forwarding_is_explained_and_no_alarm():
    report = report_of("forwarded")
    (explained,) = found(report, "spf-fail-forwarded")
    assert "203.0.113.40 is not among the servers of example.com" in explained.detail
    assert [str(finding.severity) for finding in found(report, "spf-fail")] == ["notice"]
    assert "spf-fail-forwarded" in report.verdict.reasons


def test_spf_that_fails_without_a_signature_is_a_warning_still():
    report = report_of("spoof-reject")
    assert not found(report, "spf-fail-forwarded")
    assert [str(finding.severity) for finding in found(report, "spf-fail")] == ["warning"]


def srs(by):
    raw = (SAMPLES / "forwarded.eml").read_bytes()
    kept = raw.replace(b"<ann.miller@example.com>", b"<SRS0=4hX2=IK=example.com=ann.miller@%s>" % by, 1)
    assert kept != raw
    return analyze(kept, dns=load_dns(SAMPLES / "forwarded.dns.json"))


def test_a_rewritten_envelope_sender_is_read_back_and_spf_is_the_forwarder_s():
    report = srs(b"university.example")
    assert report.session.rewritten.original == "ann.miller@example.com"
    (rewritten,) = found(report, "envelope-rewritten")
    assert "ann.miller@example.com as the envelope sender before it" in rewritten.detail
    assert "own word" in rewritten.detail
    (whose,) = found(report, "spf-of-forwarder")
    assert "university.example, which passed the message on" in whose.detail
    assert not found(report, "spf-fail-forwarded")


def test_an_author_s_own_mark_is_no_forwarding():
    report = srs(b"example.com")
    assert not found(report, "spf-of-forwarder")


@pytest.mark.parametrize("name", [path.stem for path in sorted(SAMPLES.glob("*.eml"))])
def test_the_trace_adds_up_to_what_was_counted(name):
    def lookups(node):
        inner = [*node["includes"], *([node["redirect"]] if node["redirect"] else [])]
        return node["lookups"] + sum(map(lookups, inner))

    checks = json.loads(dumps(report_of(name)))["authentication"]["spf"]
    for check in checks:
        if check["trace"] is not None:
            assert lookups(check["trace"]) == check["lookups"]
            assert check["trace"]["record"] == check["record"]
