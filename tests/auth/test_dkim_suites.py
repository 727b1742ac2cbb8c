"""Community suites of DKIM messages. What is not as upstream says stands in a list, with the reason."""

import json
from datetime import UTC, datetime

import pytest

from mailtrace.auth.dkim import check_dkim
from mailtrace.message import parse
from mailtrace.resolver.recorded import from_mapping, load_dns

pytestmark = pytest.mark.suite

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def closed(answers):
    """A test zone: NODATA is spelled NOREC in one suite."""
    spelled = json.loads(json.dumps(answers).replace('"NOREC"', '"NOERROR"'))
    return from_mapping({"mailtrace_dns": 1, "default": "NXDOMAIN", "answers": spelled})


def outcome(path, dns, received_at=None):
    return check_dkim(parse(path.read_bytes()), dns=dns, received_at=received_at)


def words(check):
    return str(check.body_hash), str(check.header_signature)


# --- RFC 6376 A.2 and RFC 8463 A.3, and the cases of dkim_verifier -----------------------------------------------------

# dkim_verifier's error -> our problem.
LIESER = {
    "DKIM_SIGERROR_MISSING_V": "signature-malformed",
    "DKIM_SIGERROR_KEY_REVOKED": "key-revoked",
    "DKIM_SIGERROR_KEY_HASHNOTINCLUDED": "key-unusable",
    "DKIM_SIGERROR_KEY_MISMATCHED_K": "key-type-mismatch",
    "DKIM_SIGERROR_KEY_NOTEMAILKEY": "key-unusable",
    "DKIM_SIGERROR_DOMAIN_I": "key-strict",
    "DKIM_SIGERROR_CORRUPT_BH": "body-altered",
    "DKIM_SIGERROR_BADSIG": "header-altered",
}
# dkim_verifier refuses a message with a second From, Subject, Date or To. The signature is valid by RFC 6376 §5.4.2; we
# say so, and warn of the copy (RFC 6376 §8.15).
LIESER_COPIES = "DKIM_POLICYERROR_UNSIGNED_HEADER_ADDED"


def test_rfc6376_a_2_rfc8463_a_3_and_dkim_verifier(suites):
    folder = suites / "dkim-lieser"
    answers = json.loads((folder / "dns.json").read_text())
    cases = json.loads((folder / "expected.json").read_text())
    for case in cases:
        override = {name: {"TXT": [text]} for name, text in (case["dns_override"] or {}).items()}
        found = outcome(folder / case["file"], closed({**answers, **override}))
        # The add-on sorts its signatures and one case names only the first; all of a message have one result here.
        expected = list(case["signatures"].values())
        expected *= len(found.checks) // len(expected)
        for check, wanted in zip(found.checks, expected, strict=True):
            error = wanted.get("errorType")
            if error == LIESER_COPIES:
                assert check.result == "pass", case["test"]
                assert "dkim-unsigned-copy" in [finding.code for finding in found.findings], case["test"]
            elif wanted["result"] == "SUCCESS":
                assert check.result == "pass", case["test"]
            else:
                assert (check.result != "pass", check.problem) == (True, LIESER[error]), case["test"]
            if wanted["result"] == "SUCCESS" and "auid" in wanted:
                assert (check.sdid, check.auid) == (wanted["sdid"], wanted["auid"]), case["test"]
    assert len(cases) >= 30


def test_rfc6376_a_2_and_rfc8463_a_3_examples(suites):
    folder = suites / "dkim-lieser"
    dns = closed(json.loads((folder / "dns.json").read_text()))
    (check,) = outcome(folder / "rfc6376-A.2.eml", dns).checks
    assert (check.result, words(check), check.algorithm) == ("pass", ("match", "match"), "rsa-sha256")
    first, second = outcome(folder / "rfc8463-A.3.eml", dns).checks
    assert {first.algorithm, second.algorithm} == {"rsa-sha256", "ed25519-sha256"}
    assert (first.result, second.result) == ("pass", "pass")


# --- Stalwart ----------------------------------------------------------------------------------------------------------


def test_stalwart(suites):
    folder = suites / "dkim-arc-stalwart"
    dns = load_dns(folder / "dns.json")
    at = datetime.fromtimestamp(1667843664, tz=UTC)
    for stem, expected in json.loads((folder / "expected.json").read_text()).items():
        checks = outcome(folder / f"{stem}.eml", dns, at).checks
        wanted = expected.get("dkim") or expected["dkim_at_time_1667843664"]
        assert [str(check.result) for check in checks] == [word.split()[0] for word in wanted], stem
        for check, word in zip(checks, wanted, strict=True):
            assert (check.body_hash == "mismatch") == ("body hash" in word), stem
        if "dkim_now" in expected:
            assert [check.problem for check in outcome(folder / f"{stem}.eml", dns, NOW).checks] == ["expired"]


# --- rspamd --------------------------------------------------------------------------------------------------------------

RSPAMD = {
    "R_DKIM_ALLOW": {"pass"},
    "R_DKIM_REJECT": {"fail"},
    "R_DKIM_PERMFAIL": {"permerror", "neutral"},
    "R_DKIM_TEMPFAIL": {"temperror"},
}
RSPAMD_SKIPPED = {
    "DKIM Unparseable Signatures Count Towards Limit": "rspamd stops after five signatures, we after twenty",
}


def test_rspamd(suites):
    folder = suites / "dkim-rspamd"
    checked = 0
    for case in json.loads((folder / "cases.json").read_text()):
        symbols = [symbol for symbol in case["expect"] if symbol.startswith("R_DKIM")]
        refused = [symbol for symbol in case["not_expect"] if symbol.startswith("R_DKIM")]
        if not (symbols or refused) or case["name"] in RSPAMD_SKIPPED:
            continue
        dns = closed(json.loads((folder / case["dns"]).read_text()))
        results = {str(check.result) for check in outcome(folder / case["message"], dns).checks}
        for symbol in symbols:
            expected = RSPAMD.get(symbol)
            assert (results & expected) if expected else not results, case["name"]
        assert not any(results & RSPAMD[symbol] for symbol in refused), case["name"]
        checked += 1
    assert checked >= 18


# --- Mail::DKIM ----------------------------------------------------------------------------------------------------------

MAIL_DKIM_OTHER = {
    "badkey_8.txt": "RFC 6376 dropped g=: an unknown tag, ignored",
    "badkey_9.txt": "RFC 6376 dropped g=: an unknown tag, ignored",
    "badkey_12.txt": "RFC 6376 dropped g=: an unknown tag, ignored",
    "badkey_13.txt": "RFC 6376 dropped g=: an unknown tag, ignored",
}


def test_mail_dkim(suites):
    folder = suites / "dkim-mail-dkim"
    dns = closed(json.loads((folder / "dns.json").read_text()))
    checked = 0
    for name, case in json.loads((folder / "expected.json").read_text()).items():
        checks = outcome(folder / "corpus" / name, dns, NOW).checks
        if case["class"].startswith("domainkeys"):
            assert checks == (), name
            continue
        if not case["class"].startswith(("rfc6376", "g=")):
            # Signatures of drafts before RFC 4871, some beside one that verifies: never a pass of their own.
            assert "pass" not in {str(check.result) for check in checks if check.problem}, name
            continue
        checked += 1
        verified = [
            check for check in checks if words(check) == ("match", "match") and check.result in ("pass", "policy")
        ]
        if case["upstream_expected"] == "pass" or name in MAIL_DKIM_OTHER:
            assert verified, name
            for check in verified:
                counts = check.algorithm != "rsa-sha1" and check.key_bits is not None
                counts = counts and (check.key_bits >= 1024 or check.algorithm == "ed25519-sha256")
                assert check.result == ("pass" if counts else "policy"), name
        else:
            # x= in the past (ignore_7) verifies and does not count; all others do not verify.
            assert not [check for check in verified if name != "ignore_7.txt"], name
            assert "pass" not in {str(check.result) for check in checks}, name
    assert checked >= 39


# --- real mail -------------------------------------------------------------------------------------------------------------

REAL_OTHER = {
    ("jdkim/FAIL_illegalargumentexception.eml", 0): ("permerror", "its i= is not quoted-printable (RFC 6376 §2.11)"),
    ("kumomta-arc/arc-example-2.eml", 1): ("pass", "it verifies with the recorded key, by dkimpy at its own time too"),
}
REAL = {
    "pass": ("pass", "match", "match"),
    "fail-body-hash": ("fail", "mismatch", "match"),
    "fail-signature": ("fail", None, "mismatch"),
    "no-key": ("not-checked", None, "not-checked"),
}


def test_real_mail(suites):
    folder = suites / "real-mail"
    dns = load_dns(folder / "dns.json")
    checked = 0
    for name, expected in json.loads((folder / "expected.json").read_text()).items():
        checks = outcome(folder / name, dns).checks
        for index, (check, wanted) in enumerate(zip(checks, expected.get("dkim", ()), strict=True)):
            result, body, header = REAL[wanted["expect"]]
            if (name, index) in REAL_OTHER:
                result, _ = REAL_OTHER[name, index]
            else:
                assert check.header_signature == header, (name, index)
            if result == "pass" and check.algorithm == "rsa-sha1":
                result = "policy"
            assert check.result == result, (name, index)
            assert body is None or check.body_hash == body, (name, index)
            assert wanted.get("body_hash") in (None, check.body_hash), (name, index)
            checked += 1
    assert checked >= 45


def test_robustness(suites):
    from mailtrace.auth.arc import check_arc
    from mailtrace.errors import MessageError

    dns = from_mapping({"mailtrace_dns": 1, "default": "NXDOMAIN"} | {"answers": {}})
    read = 0
    for path in sorted((suites / "robustness").rglob("*")):
        if not path.is_file():
            continue
        try:
            mail = parse(path.read_bytes())
        except MessageError:
            continue
        first = (check_dkim(mail, dns=dns, received_at=NOW), check_arc(mail, dns=dns, received_at=NOW))
        assert first == (check_dkim(mail, dns=dns, received_at=NOW), check_arc(mail, dns=dns, received_at=NOW)), path
        read += 1
    assert read > 50
