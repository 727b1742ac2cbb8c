"""Signs of made-up hops: every one by a case that shows it and by one near by that does not (tests/corpus/forgery)."""

import pathlib
import re
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtrace.message import parse
from mailtrace.path import rebuild
from mailtrace.path.forgery import forms, ids
from mailtrace.path.recognition import TABLE
from mailtrace.results import Confidence, Severity, Standing
from tests.path.build import message

CORPUS = pathlib.Path(__file__).parent.parent / "corpus" / "forgery"
CASES = [case for file in sorted(CORPUS.glob("*.toml")) for case in tomllib.loads(file.read_text("utf-8"))["case"]]
BORDER = (
    "from mail.sender.example (mail.sender.example [203.0.113.9]) by mx.example.net (Postfix) with ESMTPS "
    "id 4CA80EAC9119; Tue, 20 Oct 2026 10:00:00 +0000"
)
SIGNS = frozenset({
    "border-not-continuous", "hop-address-documentation", "hop-address-private", "hop-address-reserved",
    "hop-before-message", "hop-by-odd", "hop-contradicted", "hop-dialects-mixed", "hop-id-impossible",
    "hop-id-time-differs", "hop-not-provider-form", "hop-protocol-odd", "hop-repeated", "hop-without-client",
    "hop-zone-name-differs", "mail-loop",
})  # fmt: skip


def path_of(case):
    chain = case.get("received") or [BORDER, *case["below"]]
    lines = [*case.get("header", ()), *(f"Received: {value}" for value in chain), "From: ann@sender.example", "", ""]
    return rebuild(parse("\r\n".join(lines).encode()), case.get("trust", ()))


def signs(path):
    return [finding for finding in path.findings if finding.code in SIGNS]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case):
    found = signs(path_of(case))
    assert sorted({finding.code for finding in found}) == sorted(case.get("codes", []))
    assert case.get("near") not in case.get("codes", [])


def test_every_sign_has_a_case_and_one_near_by():
    shown = {code for case in CASES for code in case.get("codes", ())}
    near = {case["near"] for case in CASES if "near" in case}
    assert shown == near == SIGNS


def test_names_of_cases_are_their_own():
    names = [case["name"] for case in CASES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_sign_is_an_observation(case):
    """None above notice below the border, none certain, none that changes what is vouched for."""
    path = path_of(case)
    for finding in signs(path):
        assert finding.severity in (Severity.INFO, Severity.NOTICE)
        assert finding.confidence is not Confidence.HIGH
        assert finding.evidence
    if "hop-contradicted" not in case.get("codes", ()):
        assert all(hop.standing is not Standing.CONTRADICTED for hop in path.hops)


def test_rows_of_ids_are_of_software_that_the_dialects_know():
    known = {row.software for row in TABLE}
    assert {form.software for form in ids.FORMS} <= known


def test_every_provider_form_has_a_case():
    details = [finding.detail for case in CASES for finding in signs(path_of(case))]
    named = {form.provider for form in forms.FORMS if any(f"server of {form.provider}" in detail for detail in details)}
    assert {"Gmail", "Exchange Online", "Yahoo"} <= named


@pytest.mark.parametrize(
    ("by", "value"),
    [
        ("gmailapi.google.com", "from 1 named unknown by {} with HTTPREST; Tue, 20 Oct 2026 02:59:59 -0700"),
        ("mailin001.protonmail.ch", "from a.example (a.example [192.0.2.1]) by {} (Postfix) with ESMTPS id 4CA80EAC9119; Tue, 20 Oct 2026 10:00:00 +0000"),
        ("inbound-smtp.eu-west-1.amazonaws.com", "from a.example (a.example [192.0.2.1]) by {} with SMTP id d6 for b@example.com; Tue, 20 Oct 2026 10:00:00 +0000 (UTC)"),
    ],
)  # fmt: skip
def test_other_providers(by, value):
    assert not [one for one in signs(rebuild(message(value.format(by)))) if one.code == "hop-not-provider-form"]
    fake = f"from a.example (a.example [192.0.2.1]) by {by} (fake) with LMTP id 1; Tue, 20 Oct 2026 10:00:00 +0000"
    assert [one for one in signs(rebuild(message(fake))) if one.code == "hop-not-provider-form"]


words = st.sampled_from(
    ["from", "by", "with", "id", "for", "(Postfix)", "(Exim 4.98)", "LOCAL", "mx.google.com", "a@b.example", "[240.0.0.1]",
     "4j87FD3wK2z7QQ5", "1xJ6dU-000000001Xy-2Abc", "69KA01xY012345", ";", "Tue, 20 Oct 2026 10:00:00 +0000", "(", ")", "é", "\x1b[31m"]
)  # fmt: skip


@given(st.lists(st.lists(words, max_size=12).map(" ".join), max_size=6))
def test_anything_may_stand_in_a_field(values):
    path = rebuild(message(*values))
    for finding in path.findings:
        assert finding.evidence
        assert finding.detail.isprintable()
        assert all(one.excerpt.isprintable() for one in finding.evidence)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=90), st.sampled_from(ids.FORMS), st.datetimes())
def test_no_id_is_too_odd(text, form, at):
    assert all(isinstance(time, float) for time in ids.times_of(form, text, at))


@given(st.sampled_from(ids.FORMS), st.data())
def test_ids_of_the_form_are_read(form, data):
    from datetime import UTC, datetime

    text = data.draw(st.from_regex(re.compile(*form.timed._given), fullmatch=True))
    times = ids.times_of(form, text, datetime(2026, 10, 20, tzinfo=UTC))
    assert all(isinstance(time, float) for time in times)
    # Of these two the pattern lets days through that no calendar has.
    assert times or form.software in ("Sendmail", "Gmail")
