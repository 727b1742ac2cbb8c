"""Community suites of ARC chains. What is not as upstream says stands beside the reason."""

import json

import dkim
import pytest
import yaml

from mailtrace.auth.arc import check_arc
from mailtrace.errors import MessageError
from mailtrace.message import parse
from mailtrace.resolver.recorded import from_mapping, load_dns

pytestmark = pytest.mark.suite

# The suite's "" is a chain that a sealer ended with cv=fail: RFC 8617 §5.2, step 2, calls its status "fail".
VALIMAIL = {None: "none", "None": "none", "Pass": "pass", "Fail": "fail", "": "fail"}


def closed(answers):
    return from_mapping({"mailtrace_dns": 1, "default": "NXDOMAIN", "answers": answers})


def result(raw, dns):
    try:
        return str(check_arc(parse(raw), dns=dns, received_at=None).check.result)
    except MessageError:
        return "none"  # nothing, or a body without a header: there is no message, and so no chain


def dkimpy_result(raw, texts):
    """Return what the reference says; it has no word for a chain that a sealer ended."""
    said, _, _ = dkim.arc_verify(raw, dnsfunc=lambda at, **_: texts.get(at.decode().rstrip(".")))
    return (said or b"fail").decode()


def test_valimail_171_of_171_and_dkimpy_beside_it(suites):
    scenarios = list(yaml.safe_load_all((suites / "arc-valimail" / "arc-draft-validation-tests.yml").read_text()))
    held = 0
    for scenario in scenarios:
        texts = scenario["txt-records"]
        dns = closed({name: {"TXT": [text]} for name, text in texts.items()})
        for name, case in scenario["tests"].items():
            raw = case["message"].encode()
            assert result(raw, dns) == VALIMAIL[case["cv"]], name
            assert dkimpy_result(raw, texts) == VALIMAIL[case["cv"]], name
            held += 1
    assert held == 171


def test_stalwart(suites):
    folder = suites / "dkim-arc-stalwart"
    dns = load_dns(folder / "dns.json")
    for stem, expected in json.loads((folder / "expected.json").read_text()).items():
        assert result((folder / f"{stem}.eml").read_bytes(), dns) == expected.get("arc", "none").split()[0], stem


def test_rspamd(suites):
    folder = suites / "dkim-rspamd"
    extra = json.loads((folder / "dns-arc-extra.json").read_text())
    expected = {"ARC_ALLOW": "pass", "ARC_INVALID": "fail"}
    checked = 0
    for case in json.loads((folder / "cases.json").read_text()):
        symbols = [symbol for symbol in case["expect"] if symbol.startswith("ARC")]
        for symbol in symbols:
            dns = closed({**json.loads((folder / case["dns"]).read_text()), **extra})
            assert result((folder / case["message"]).read_bytes(), dns) == expected[symbol], case["name"]
            checked += 1
    assert checked == 2


def test_real_mail(suites):
    folder = suites / "real-mail"
    dns = load_dns(folder / "dns.json")
    checked = 0
    for name, expected in json.loads((folder / "expected.json").read_text()).items():
        if "arc" in expected:
            wanted = expected["arc"]["cv"].split()[0]
            assert result((folder / name).read_bytes(), dns) == wanted, name
            checked += 1
    assert checked == 11
