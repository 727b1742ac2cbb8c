"""The exit table: which word of --fail-on holds for which report, and which status wins."""

import itertools

import pytest

from mailtrace.auth.types import SPFIdentity
from mailtrace.cli.conditions import HOLDS
from mailtrace.cli.exits import CONDITIONS, DEFAULT_CONDITIONS, Status, first, of_report
from mailtrace.records import replace
from mailtrace.results import (
    Authenticity,
    DKIMResult,
    DMARCResult,
    Grade,
    PolicyResult,
    Scope,
    Security,
    SPFResult,
    Standing,
)
from tests.render import reports

ORDER = (130, 70, 74, 69, 66, 10, 65, 11, 0)


def test_the_numbers():
    assert sorted(Status) == sorted((*ORDER, 2))


def test_what_comes_first():
    for one, other in itertools.combinations(ORDER, 2):
        assert first([Status(other), Status(one), Status.DONE]) == one
        assert first([Status(one), Status(other)]) == one
    assert first([]) == 0


def judged(word):
    return reports.authentic(verdict=reports.verdict(authenticity=word, basis=None))


def with_hop(standing=Standing.TRUSTED, scope=Scope.PUBLIC, security=Security.ENCRYPTED, grade=Grade.STRONG):
    report = reports.authentic()
    hops = list(report.path.hops)
    hops[1] = replace(hops[1], standing=standing, transport=reports.transport(security, grade, scope=scope))
    return replace(report, path=replace(report.path, hops=tuple(hops)))


def checked(**changed):
    return reports.authentic(authentication=reports.authentication(**changed))


def held_against(result):
    return reports.authentic(transport_policy=reports.policy(result, "nist-800-52r2"))


FAILED, PASSED = reports.dkim(DKIMResult.FAIL), reports.dkim()
MAIL_FROM_PASS, HELO_FAIL = reports.spf(), reports.spf(SPFResult.FAIL, identity=SPFIdentity.HELO)


@pytest.mark.parametrize(
    ("report", "holding"),
    [
        pytest.param(reports.authentic(), set(), id="authentic"),
        pytest.param(judged(Authenticity.FORGED), {"forged"}, id="forged"),
        pytest.param(judged(Authenticity.SUSPICIOUS), {"suspicious"}, id="suspicious"),
        pytest.param(judged(Authenticity.UNPROVEN), {"unproven"}, id="unproven"),
        pytest.param(judged(Authenticity.INDETERMINATE), {"indeterminate"}, id="indeterminate"),
        pytest.param(with_hop(security=Security.CLEARTEXT), {"cleartext"}, id="cleartext"),
        pytest.param(with_hop(security=Security.CLEARTEXT, scope=Scope.UNKNOWN), {"cleartext"}, id="scope unknown"),
        pytest.param(with_hop(security=Security.CLEARTEXT, scope=Scope.INTERNAL), set(), id="internal"),
        pytest.param(with_hop(security=Security.CLEARTEXT, standing=Standing.CLAIMED), set(), id="claimed"),
        pytest.param(with_hop(security=Security.UNRECORDED), {"unrecorded-tls"}, id="unrecorded"),
        pytest.param(with_hop(security=Security.LOCAL), set(), id="local"),
        pytest.param(with_hop(grade=Grade.WEAK), {"weak-tls"}, id="weak"),
        pytest.param(with_hop(grade=Grade.BROKEN), {"weak-tls"}, id="broken"),
        pytest.param(with_hop(grade=Grade.ACCEPTABLE), set(), id="acceptable"),
        pytest.param(with_hop(grade=None), set(), id="no grade"),
        pytest.param(checked(dmarc=reports.dmarc(DMARCResult.FAIL)), {"dmarc-fail"}, id="dmarc"),
        pytest.param(checked(dmarc=reports.dmarc(DMARCResult.PERMERROR)), set(), id="dmarc permerror"),
        pytest.param(checked(dkim=(FAILED,)), {"dkim-fail"}, id="dkim"),
        pytest.param(checked(dkim=(FAILED, PASSED)), set(), id="dkim fails beside a pass"),
        pytest.param(checked(dkim=()), set(), id="not signed"),
        pytest.param(checked(dkim=(reports.dkim(DKIMResult.TEMPERROR),)), set(), id="dkim temperror"),
        pytest.param(checked(spf=(reports.spf(SPFResult.FAIL),)), {"spf-fail"}, id="spf"),
        pytest.param(checked(spf=(reports.spf(SPFResult.SOFTFAIL),)), set(), id="spf softfail"),
        pytest.param(checked(spf=(MAIL_FROM_PASS, HELO_FAIL)), set(), id="helo fails beside mail from"),
        pytest.param(checked(spf=(HELO_FAIL,)), {"spf-fail"}, id="helo alone"),
        pytest.param(held_against(PolicyResult.NOT_MET), {"policy"}, id="policy not met"),
        pytest.param(held_against(PolicyResult.NO_EVIDENCE), set(), id="policy no evidence"),
    ],
)
def test_conditions(report, holding):
    assert {word for word, holds in HOLDS.items() if holds(report)} == holding
    assert tuple(HOLDS) == CONDITIONS
    for word in CONDITIONS:
        expected = 10 if word in holding else 11 if report.verdict.authenticity == "indeterminate" else 0
        assert of_report(report, (word,)) == expected


def test_indeterminate_is_11_unless_asked_for():
    report = judged(Authenticity.INDETERMINATE)
    assert of_report(report, DEFAULT_CONDITIONS) == 11
    assert of_report(report, ()) == 11
    assert of_report(report, ("forged", "indeterminate")) == 10
