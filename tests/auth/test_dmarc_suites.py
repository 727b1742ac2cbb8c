"""DMARC cases that other projects wrote, from MAILTRACE_SUITES."""

import json

import pytest

from tests.auth.test_dmarc import check, sent, signed, zone

pytestmark = pytest.mark.suite

# RFC 9989 §4.7: what is no tag is ignored; that project calls such a record a permanent error.
EXCLUDED = {"malformed.example"}


def test_mox(suites):
    data = json.loads((suites / "dmarc-facts" / "mox-cases.json").read_text("utf-8"))
    dns = zone(data["zone_txt"])
    for case in data["cases"]:
        author = case["header_from"]
        if author in EXCLUDED:
            continue
        spf = sent(*case["spf"]) if case["spf"] else None
        got = check(author, dns, spf=spf, dkim=[signed(*one) for one in case["dkim"]]).check
        assert got.result == case["expect"]["result"], case
        refused = got.result == "fail" and got.policy in ("reject", "quarantine")
        assert refused == case["expect"]["reject"], case


def test_stalwart(suites):
    for case in json.loads((suites / "dmarc-facts" / "stalwart-cases.json").read_text("utf-8")):
        author = case["header_from"].rpartition("@")[2]
        spf = sent(case["spf"]["domain"] or "none.example", case["spf"]["result"])
        dkim = [signed(one["domain"], one["result"]) for one in case["dkim"]]
        got = check(author, zone(case["dns"], case["existing_names"]), spf=spf, dkim=dkim).check
        expect = case["expect"]
        if "policy" in expect:
            assert (got.policy or "no-record") == expect["policy"], case["desc"]
        if "spf_aligned" in expect:
            assert got.aligned_spf == (expect["spf_aligned"] == "pass"), case["desc"]
        if "dkim_aligned" in expect:
            assert got.aligned_dkim == (expect["dkim_aligned"] == "pass"), case["desc"]
