"""--policy: a transport profile is chosen, its answer printed in every format, and never more said than is recorded."""

import json
import pathlib

import pytest

from mailtrace.cli.options import FORMATS, POLICIES
from mailtrace.render import json as as_json
from mailtrace.render.text import render
from mailtrace.report import analyze
from mailtrace.resolver.offline import OfflineResolver
from mailtrace.transport import PROFILES

DNS = ("--dns", "dns.json")
SAMPLES = sorted((pathlib.Path(__file__).parents[2] / "samples").glob("*.eml"))


def test_the_options_name_the_profiles_there_are():
    assert tuple(PROFILES) == POLICIES


@pytest.mark.parametrize("name", POLICIES)
def test_the_report_says_which_profile_was_in_force(run, name):
    report = json.loads(run("analyze", *DNS, "--json", "--policy", name, "good.eml").stdout)
    policy = report["transport_policy"]
    assert report["inputs"]["profile"] == policy["profile"] == name
    assert policy["source"] == PROFILES[name].source
    # ESMTPS alone says neither version nor suite.
    assert [(hop["index"], hop["result"]) for hop in policy["hops"]] == [(0, "no-evidence")]


def test_the_text_has_a_line_for_a_profile_that_was_chosen(run):
    assert "Policy " not in run("analyze", *DNS, "good.eml").stdout
    assert "Policy    RFC 9325 (BCP 195): no evidence, at hop 0." in run("analyze", *DNS, "-v", "good.eml").stdout
    chosen = run("analyze", *DNS, "--policy", "nist-800-52r2", "good.eml").stdout
    assert "Policy    NIST SP 800-52 Rev. 2: no evidence, at hop 0." in chosen


def test_fail_on_policy_is_for_what_is_not_met_alone(run, folder):
    message = (folder / "good.eml").read_bytes()
    (folder / "old.eml").write_bytes(
        message.replace(b"\r\n\tby", b"\r\n\t(using TLSv1 with cipher AES128-SHA)\r\n\tby")
    )
    options = ("analyze", *DNS, "--fail-on", "policy", "--policy", "bsi-tr-03108")
    assert run(*options, "good.eml").exit_code == 0
    assert run(*options, "old.eml").exit_code == 10


def outputs(raw, name):
    """Return what every format prints of a message under a profile."""
    report = analyze(raw, dns=OfflineResolver(), profile=PROFILES[name])
    yield from (render(report, verbose=verbose, width=width) for verbose in (False, True) for width in (80, 200))
    yield as_json.dumps(report)
    yield as_json.dumps(report, indent=2)


def speaks_of_compliance(raw):
    """Tell whether an output says the word although the message does not."""
    if b"complian" in raw.lower():
        return False
    return any("complian" in " ".join(text.lower().split()) for text in outputs(raw, "hipaa"))


def test_there_is_no_format_that_the_next_tests_do_not_print():
    assert set(FORMATS) == {"text", "json", "jsonl"}


def test_hipaa_never_says_compliant():
    assert len(SAMPLES) > 15
    assert [sample.name for sample in SAMPLES if speaks_of_compliance(sample.read_bytes())] == []


@pytest.mark.suite
@pytest.mark.parametrize("folder", ["real-mail", "robustness", "dsn-mdn", "receiver-stamped"])
def test_hipaa_never_says_compliant_of_other_people_s_mail(suites, folder):
    messages = sorted(path for path in (suites / folder).rglob("*") if path.suffix in (".eml", ".msg", ".txt", ""))
    messages = [path for path in messages if path.is_file() and path.stat().st_size < 100_000][:60]
    assert messages
    assert [path.name for path in messages if said(path)] == []


def said(path):
    from mailtrace.errors import MailtraceError

    try:
        return speaks_of_compliance(path.read_bytes())
    except MailtraceError:
        return False


def test_what_hipaa_says_in_its_stead():
    clear = (
        b"Received: from a.example (a.example [192.0.2.1]) by mx.example.net (Postfix) with %s id 1;"
        b" Fri, 1 May 2026 10:00:01 +0000\r\nFrom: a@a.example\r\n\r\n"
    )
    tls = b"ESMTPS (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))"
    for protocol, words in (
        (tls, "encryption in transmission is recorded"),
        (b"ESMTP", "transmission is recorded without the encryption that the guidance names"),
        (b"ESMTPS", "no evidence of the encryption that the guidance names"),
    ):
        report = analyze(clear % protocol, dns=OfflineResolver(), profile=PROFILES["hipaa"])
        assert words in report.transport_policy.summary
        assert any("addressable" in one for one in report.transport_policy.not_shown)
