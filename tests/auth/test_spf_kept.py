"""An SPF result is used again only with the answers it was made of, and then asks for each of them again."""

import pytest

from mailtrace.auth import spf_kept
from mailtrace.resolver.ledger import Ledger
from tests.auth.test_spf import check, zone


@pytest.fixture(autouse=True)
def _nothing_is_kept(monkeypatch):
    monkeypatch.setattr(spf_kept, "_kept", type(spf_kept._kept)())


@pytest.fixture
def evaluations(monkeypatch):
    """Count what is really evaluated."""
    found = []
    evaluate = spf_kept.evaluate

    def counted(client, **options):
        found.append(options["domain"])
        return evaluate(client, **options)

    monkeypatch.setattr(spf_kept, "evaluate", counted)
    return found


def outcome(dns, **session):
    ledger = Ledger(dns)
    return check(ledger, **session).checks, ledger.answers


def test_the_same_question_is_evaluated_once_and_counts_the_same_answers(evaluations):
    dns = zone(a_example="v=spf1 include:b.example -all", b_example="v=spf1 ip4:192.0.2.1 -all")
    first = outcome(dns)
    assert outcome(dns) == first
    assert outcome(dns, mail_from="bob@a.example")[0][0] == first[0][0]
    assert evaluations == ["a.example", "mail.a.example"]


def test_another_answer_is_another_result(evaluations):
    include = "v=spf1 include:b.example -all"
    passed, _ = outcome(zone(a_example=include, b_example="v=spf1 ip4:192.0.2.1 -all"))
    failed, asked = outcome(zone(a_example=include, b_example="v=spf1 -all"))
    assert [one[0].result for one in (passed, failed)] == ["pass", "fail"]
    assert [answer.name for answer in asked][:2] == ["a.example", "b.example"]
    assert evaluations.count("a.example") == 2


@pytest.mark.parametrize("macro", ["%{l}", "%{h}", "%{o}", "%{i}"])
def test_a_macro_makes_the_sender_a_part_of_the_question(macro, evaluations):
    dns = zone(a_example=f"v=spf1 exists:{macro}.b.example -all", ann_b_example={"A": ["127.0.0.2"]})
    first, second = (outcome(dns, mail_from=f"{who}@a.example")[0][0] for who in ("ann", "bob"))
    assert evaluations.count("a.example") == 2
    assert (first.result, second.result) == (("pass", "fail") if macro == "%{l}" else ("fail", "fail"))


def test_no_more_is_kept_than_is_said(monkeypatch):
    monkeypatch.setattr(spf_kept, "MOST", 3)
    for number in range(9):
        outcome(zone(a_example="v=spf1 -all"), client=f"192.0.2.{number}")
    assert len(spf_kept._kept) == 3


def test_what_is_large_is_not_kept():
    texts = [f"{number:03}{'x' * 250}" for number in range(90)]
    dns = zone(a_example={"TXT": ["v=spf1 -all", *texts]}, mail_a_example="v=spf1 -all")
    assert outcome(dns)[0][0].result == "fail"
    assert [key[1] for key in spf_kept._kept] == ["mail.a.example"]
