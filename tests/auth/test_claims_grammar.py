"""RFC 8601 §2.2 and RFC 7208 §9.1: from a field's value to claims."""

import json
import pathlib
import tomllib
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtrace.auth import claims_tokens
from mailtrace.auth.claims import parse_received_spf, parse_results
from mailtrace.auth.claims_grammar import METHODS
from mailtrace.message import parse

CORPUS = pathlib.Path(__file__).parents[1] / "corpus" / "claims"


def cases(*names):
    tables = [tomllib.loads((CORPUS / f"{name}.toml").read_text("utf-8")) for name in names]
    return [pytest.param(case, id=case["id"]) for table in tables for case in table["case"]]


@pytest.mark.parametrize("case", cases("rfc8601", "wild"))
def test_authentication_results(case):
    value = case["value"].replace("\\udcfc", "\udcfc") if case.get("surrogates") else case["value"]
    parsed = parse_results(value)
    found = [[claim.method, claim.result, dict(claim.properties)] for claim in parsed.results]
    assert found == case["results"]
    assert parsed.authserv_id == case.get("authserv_id")
    assert parsed.version == case.get("version")
    assert parsed.instance == case.get("instance")


@pytest.mark.parametrize("case", cases("received-spf"))
def test_received_spf(case):
    parsed = parse_received_spf(case["value"])
    assert [(claim.method, claim.result) for claim in parsed.results] == [("spf", case["result"])]
    assert dict(parsed.results[0].properties) == case["properties"]
    assert parsed.authserv_id == case.get("authserv_id")


def test_received_spf_without_anything_makes_no_claim():
    assert parse_received_spf(" ").results == ()


HOSTILE = ["(", '"', '"\\', "(\\", "(a)", "a=b ", ". ", "=", ";", "x=y;", "=?utf-8?q?", "header.i=1 ", "\\", "w "]


@pytest.mark.parametrize("unit", HOSTILE)
def test_work_grows_with_the_input_alone(unit):
    """A hostile value of any size is read; quadratic work would not come to an end here."""
    for size in (10_000, 100_000):
        parse_results("mx.example.com; dkim=pass " + unit * size)
        parse_received_spf("pass " + unit * size)


alphabet = st.text(alphabet='ab.=;:/()"\\ <>@1\u00fc\udcfc?', max_size=80)
words = st.text(alphabet="abcdefgh0123456789-", min_size=1, max_size=8).filter(lambda word: word[0].isalpha())


@settings(max_examples=200)
@given(alphabet)
def test_any_value_is_read(value):
    for parsed in (parse_results(value), parse_received_spf(value)):
        assert all(claim.result == claim.result.lower() for claim in parsed.results)


@settings(max_examples=100)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(METHODS)), words, st.lists(words, max_size=3)), max_size=6),
    st.sampled_from(["; ", ";", " ;\r\n\t", " (a comment) ; "]),
    st.booleans(),
)
def test_no_pair_is_ever_lost(results, separator, final):
    """Whatever stands between them, every `method=result` comes back, in order."""
    written = [f"{method}={word}" + "".join(f" x.{key}=1" for key in keys) for method, word, keys in results]
    value = separator.join(["mx.example.com", *written]) + (";" if final else "")
    assert [(claim.method, claim.result) for claim in parse_results(value).results] == [r[:2] for r in results]


def summary(message):
    """What the suite of stamped mail records of the receiver's stamps: the topmost field that holds each method."""
    found = {}
    for field in message.all("Authentication-Results"):
        for claim in parse_results(field.value).results:
            found.setdefault(claim.method, []).append(claim)
    return found


@pytest.mark.suite
def test_every_stamp_of_the_stamped_mails_is_read(suites):
    folder = suites / "receiver-stamped"
    rows = [json.loads(line) for line in (folder / "facts.jsonl").read_text("utf-8").splitlines()]
    stamped = [row for row in rows if "dmarc" in row]
    assert len(stamped) == 390
    wrong = [
        difference
        for row in stamped
        for difference in differences(row, summary(parse((folder / row["file"]).read_bytes())))
    ]
    assert wrong == []


def signer(claim):
    domain = claim.properties.get("header.d") or claim.properties.get("header.i", "").rpartition("@")[2]
    return domain.lower()


def differences(facts, found):
    """Every fact that is read otherwise. The facts have From domains and signers in lower case; they leave out SPF
    where the stamp names no envelope sender, and the `dkim=none` of a receiver that names no domain there."""

    def first(method, key=None):
        claim = found[method][0] if method in found else None
        return None if claim is None else claim.result if key is None else claim.properties.get(key)

    pairs = {
        "dmarc": (facts["dmarc"], first("dmarc")),
        "header.from": (facts["header_from"] or "", (first("dmarc", "header.from") or "").lower()),
        "action": (facts.get("action"), first("dmarc", "action")),
        "compauth": (facts.get("compauth"), first("compauth")),
        "compauth reason": (facts.get("compauth_reason"), first("compauth", "reason")),
        "dkim": (
            [(d["result"], d["domain"]) for d in facts["dkim"]],
            [(claim.result, signer(claim)) for claim in found.get("dkim", []) if signer(claim)],
        ),
    }
    if spf := facts.get("spf"):
        client = (first("spf", "comment") or "").partition(" IP is ")[2]
        pairs["spf"] = (spf["result"], first("spf"))
        pairs["mailfrom"] = (spf["mailfrom"], first("spf", "smtp.mailfrom"))
        pairs["ip"] = (spf["ip"] or "", client[: len(spf["ip"] or "")])  # one was cut by its collector
    return [(facts["file"], what, fact, read) for what, (fact, read) in pairs.items() if fact != read]


@pytest.mark.suite
def test_the_interpretation_cases_are_read(suites):
    """The counts and domains that the add-on's cases speak of."""
    folder = suites / "dkim-lieser" / "arh"

    def read(name):
        message = parse((folder / f"{name}.eml").read_bytes())
        return [parse_results(field.value) for field in message.all("Authentication-Results")]

    assert [claim.properties["header.d"] for claim in read("multiple_dkim_results")[0].results] == [
        "example.com", "unrelated.org", "example.com", "example.com", "unrelated.org", "example.com", "example.org",
    ]  # fmt: skip
    assert [len(parsed.results) for parsed in read("multiple_spf_and_dmarc_results")] == [13]
    assert [parsed.authserv_id for parsed in read("multiple_arh-newest_no_authserv")] == [None, "unrelated.com", None]
    assert read("multiple_arh-newest_parsing_error_02")[0].authserv_id == "example/net"
    assert read("multiple_arh-newest_parsing_error_01")[0].results[0].properties["header.b"] == "/d5r"
    assert read("multiple_arh-newest_no_result")[0].results == ()
    assert read("multiple_arh-newest_unknown_method")[0].results[0].method == "foo"
    assert read("dkim-unknown_result")[0].results[0].result == "timeout"
    failed = read("rfc6376-A.2-arh-failed")[0].results
    assert [(claim.method, claim.result) for claim in failed] == [("spf", "pass"), ("dkim", "fail")]
    assert failed[1].properties["reason"] == "bad signature"
    assert len(list(folder.glob("*.eml"))) == 21


@given(st.lists(st.sampled_from(["a", "=", ";", " ", "(", ")", "x.y", "/", '"', "\\", "dkim=pass", "header.d", "1"])))
def test_segments_read_alone_are_those_of_the_whole(pieces):
    value = "".join(pieces)
    alone = claims_tokens.readable(value)
    with mock.patch.object(claims_tokens, "_stand_alone", return_value=False):
        assert claims_tokens.readable(value) == alone
