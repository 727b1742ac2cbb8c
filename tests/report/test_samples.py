"""The whole pipeline on every sample, against what its table says."""

import json
import pathlib

import pytest

import mailtrace
from mailtrace.records import replace
from mailtrace.render.json import dumps
from mailtrace.report import Report, analyze
from mailtrace.resolver.offline import OfflineResolver
from mailtrace.resolver.recorded import load_dns

SAMPLES = pathlib.Path(__file__).parents[2] / "samples"
EXPECTED = json.loads((SAMPLES / "expected.json").read_text("utf-8"))


def report_of(name, **more):
    raw = (SAMPLES / f"{name}.eml").read_bytes()
    return analyze(raw, dns=load_dns(SAMPLES / f"{name}.dns.json"), **more)


@pytest.mark.parametrize("name", EXPECTED)
def test_verdict(name):
    verdict = report_of(name).verdict
    expected = EXPECTED[name]
    assert (verdict.authenticity, verdict.basis, verdict.transport) == (
        expected["authenticity"],
        expected["basis"],
        expected["transport"],
    )


@pytest.mark.parametrize("name", EXPECTED)
def test_every_reason_is_a_finding(name):
    report = report_of(name)
    assert set(report.verdict.reasons) <= {finding.code for finding in report.findings}


@pytest.mark.parametrize("name", EXPECTED)
def test_same_input_same_report(name):
    assert dumps(report_of(name)) == dumps(report_of(name))


@pytest.mark.parametrize("name", EXPECTED)
def test_offline_proves_nothing_and_forges_nobody(name):
    verdict = analyze((SAMPLES / f"{name}.eml").read_bytes(), dns=OfflineResolver()).verdict
    assert verdict.authenticity in ("indeterminate", "unproven", "suspicious", "authentic")
    assert verdict.basis in (None, "stamp")


def test_spf_counts_where_the_border_is_given():
    assert report_of("spf-only").verdict.authenticity == "unproven"
    given = report_of("spf-only", trust=[".example.net"]).verdict
    assert (given.authenticity, given.basis) == ("authentic", "spf")


def test_a_received_field_on_top_never_changes_older_hops():
    raw = (SAMPLES / "genuine.eml").read_bytes()
    dns = load_dns(SAMPLES / "genuine.dns.json")
    top = b"Received: from localhost ([127.0.0.1]) by mail.example.net (Postfix) with ESMTP id 1;\r\n"
    before = analyze(raw, dns=dns).path.hops
    after = analyze(top + b" Tue, 20 Oct 2026 10:14:11 +0000\r\n" + raw, dns=dns).path.hops
    # Where each field stands is another line now; nothing else is.
    moved = [
        replace(hop, field=hop.field - 1, related=tuple(_moved(related) for related in hop.related))
        for hop in after[: len(before)]
    ]
    assert moved == list(before)


def _moved(related):
    return replace(related, field=related.field - 1, line=related.line - 2)


def test_the_public_names():
    report = mailtrace.analyze(
        (SAMPLES / "genuine.eml").read_bytes(), dns=mailtrace.load_dns(SAMPLES / "genuine.dns.json")
    )
    assert isinstance(report, Report)
    assert report.message.from_[0].address == "ann.miller@example.com"
