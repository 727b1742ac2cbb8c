"""Stamps of real receivers beside what is computed: every one finds what it speaks of, and every difference a reason."""

import json
from collections import Counter

import pytest

from mailtrace import analyze, load_dns
from mailtrace.auth.stamped import speaks_of_signature
from mailtrace.resolver.recorded import from_mapping
from mailtrace.results import Standing

pytestmark = pytest.mark.suite

# Nothing is published any more, years after: every key is gone, every record changed.
GONE = from_mapping({"mailtrace_dns": 1, "default": "NXDOMAIN", "recorded_at": "2026-11-20T00:00:00Z", "answers": {}})


@pytest.fixture(scope="module")
def stamped_mails(suites):
    folder = suites / "receiver-stamped"
    return {path.name: analyze(path.read_bytes(), dns=GONE) for path in sorted(folder.glob("*.eml"))}


def test_every_dkim_stamp_of_the_receiver_finds_its_signature(stamped_mails):
    found = Counter(
        any(speaks_of_signature(stamp, check) for check in report.authentication.dkim)
        for report in stamped_mails.values()
        for claim in report.authentication.claims
        if claim.standing is Standing.TRUSTED
        for stamp in claim.results
        if stamp.method == "dkim" and stamp.result != "none"
    )
    assert found[False] == 0
    assert found[True] > 210


def test_every_difference_of_the_receivers_stamps_has_its_reason(stamped_mails):
    reasons = Counter(
        (each.method, each.reason.value)
        for report in stamped_mails.values()
        for each in report.authentication.differences
        if each.standing is Standing.TRUSTED
    )
    assert not [reason for _, reason in reasons if reason == "unexplained"]
    assert reasons["dkim", "key-gone"] > 115
    assert reasons["dkim", "copy-altered"] == 0  # the bodies are not there, and the keys come first
    assert reasons["spf", "record-changed-since"] > 500
    assert reasons["dmarc", "policy-word"] > 105


def test_a_verified_signature_whose_key_is_gone_is_named(stamped_mails):
    found = [
        finding.code
        for report in stamped_mails.values()
        for finding in report.findings
        if finding.code == "dkim-key-gone-but-stamped-pass"
    ]
    assert len(found) > 110


def test_stamps_never_decide(stamped_mails):
    """With all records gone nothing is authentic, whatever was stamped; and nothing forged."""
    words = Counter(str(report.verdict.authenticity) for report in stamped_mails.values())
    assert words["authentic"] == words["forged"] == 0


@pytest.mark.parametrize(
    ("stem", "expected"),
    [
        ("rfc6376-A.2-arh-failed", ["unexplained"]),
        ("rfc6376-A.2-arh-failed-no_reason", ["unexplained"]),
        ("rfc6376-A.2-arh-valid", []),
        ("rfc6376-A.2-arh-valid-a_tag", []),
        ("rfc6376-A.2-arh-valid-a_tag_sha1", ["signature-absent"]),  # header.a names another algorithm
        ("rfc6376-A.2-arh-valid-auid", []),
        ("rfc6376-A.2-arh-valid-no_sdid_or_auid", []),
        ("rfc6376-A.2-arh-valid-sdid_and_auid", []),
        ("rfc6376-A.2-arh-valid_relaxed", []),
        ("alignment-auid_not_in_sdid", ["signature-absent"]),
    ],
)
def test_the_interpretation_cases(suites, stem, expected):
    folder = suites / "dkim-lieser"
    raw = (folder / "arh" / f"{stem}.eml").read_bytes()
    report = analyze(raw, dns=load_dns(folder / "dns.json"), trust=("example.net",))
    assert [each.reason.value for each in report.authentication.differences if each.method == "dkim"] == expected


def test_real_arc_chains_that_were_changed_after_their_stamp(suites):
    folder = suites / "real-mail"
    dns = load_dns(folder / "dns.json")
    expected = json.loads((folder / "expected.json").read_text())
    altered = {
        name
        for name in expected
        if "arc" in expected[name]
        for each in analyze((folder / name).read_bytes(), dns=dns).authentication.differences
        if each.method == "arc" and each.reason == "copy-altered"
    }
    assert altered == {name for name in expected if expected[name].get("arc", {}).get("cv", "").startswith("fail")}


def test_real_arc_seals_one_by_one(suites):
    folder = suites / "real-mail"
    dns = load_dns(folder / "dns.json")

    def seals(name):
        sets = analyze((folder / "mailauth" / name).read_bytes(), dns=dns).authentication.arc.sets
        return [(str(one.seal), one.seal_problem, str(one.message_signature)) for one in sets]

    assert seals("arc-fail.eml") == [("pass", None, "pass"), ("fail", "signature-mismatch", "pass")]
    assert [seal for seal, *_ in seals("arc-fail2.eml")] == ["fail", "fail"]
    assert [seal for seal, *_ in seals("arc-pass.eml")] == ["pass", "pass"]


def test_a_real_stamp_that_is_wrong(suites):
    folder = suites / "real-mail"
    raw = (folder / "hamcrest-mail" / "message-outlook.txt").read_bytes()
    report = analyze(raw, dns=load_dns(folder / "dns.json"))
    assert [finding.code for finding in report.findings].count("stamp-fail-but-verifies") == 1
