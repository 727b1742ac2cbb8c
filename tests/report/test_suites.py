"""Real messages through the whole pipeline."""

import json

import pytest

from mailtrace.errors import MailtraceError
from mailtrace.names.domain import a_labels
from mailtrace.render.json import dumps
from mailtrace.report import analyze
from mailtrace.resolver.offline import OfflineResolver
from mailtrace.resolver.recorded import load_dns

pytestmark = pytest.mark.suite

# Signatures that this program judges otherwise than the label, each with its reason; see tests/auth/test_dkim_suites.py.


def test_real_mail_is_never_forged_and_authentic_where_the_author_signed(suites):
    folder = suites / "real-mail"
    dns = load_dns(folder / "dns.json")
    authentic = 0
    for name in json.loads((folder / "expected.json").read_text("utf-8")):
        report = analyze((folder / name).read_bytes(), dns=dns)
        assert report.verdict.authenticity != "forged", name
        if any(c.result == "pass" and c.sdid == report.message.author_domain for c in report.authentication.dkim):
            assert (report.verdict.authenticity, report.verdict.basis) == ("authentic", "dkim"), name
            authentic += 1
    assert authentic >= 15


def test_received_mail_is_read_alike_twice(suites):
    folder = suites / "receiver-stamped"
    for path in sorted(folder.glob("*.eml")):
        raw = path.read_bytes()
        assert dumps(analyze(raw, dns=OfflineResolver())) == dumps(analyze(raw, dns=OfflineResolver())), path.name


def test_author_domain_is_what_the_receiver_stamped(suites):
    folder = suites / "receiver-stamped"
    compared = 0
    for line in (folder / "facts.jsonl").read_text("utf-8").splitlines():
        facts = json.loads(line)
        stamped = facts.get("header_from")
        raw = (folder / facts["file"]).read_bytes()
        # The collectors wrote `@pot` for recipients; such a From is not what the receiver saw.
        if not stamped or b"@pot" in raw.partition(b"\nFrom:")[2].partition(b"\nTo:")[0][:2000]:
            continue
        report = analyze(raw, dns=OfflineResolver())
        assert report.message.author_domain == (a_labels(stamped) or stamped.lower()), facts["file"]
        compared += 1
    assert compared > 320


def outcome(raw):
    """Return the first reason of a report, or what is wrong with the input."""
    try:
        return analyze(raw, dns=OfflineResolver()).verdict.reasons[0]
    except MailtraceError as fault:
        return str(fault)


def test_every_file_gives_a_report_or_a_clear_error(suites):
    outcomes = {p.name: outcome(p.read_bytes()) for p in sorted((suites / "robustness").rglob("*")) if p.is_file()}
    assert len(outcomes) > 50
    for name, word in outcomes.items():
        assert word, name
        assert "\n" not in word, name
