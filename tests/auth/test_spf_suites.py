"""The openspf suite for RFC 7208, through our adapter: 203 of 203."""

import pytest
import yaml

from mailtrace.auth.spf import check_spf
from mailtrace.auth.types import Session, SPFIdentity
from mailtrace.resolver import Answer, Mode, Outcome, RRType
from mailtrace.resolver.recorded import from_mapping

pytestmark = pytest.mark.suite


class Zone:
    """A suite's zone: a name that begins `error.`, or one marked TIMEOUT, does not answer where it has no records."""

    mode = Mode.RECORDED
    recorded_at = None

    def __init__(self, zonedata):
        self._timeouts = set()
        self._recorded = from_mapping({"mailtrace_dns": 1, "default": "NXDOMAIN", "answers": self._read(zonedata)})

    def _read(self, zonedata):
        answers = {}
        for name, records in zonedata.items():
            types = answers.setdefault(str(name).lower().rstrip("."), {})
            for record in records:
                if record == "TIMEOUT" or set(record) & {"TIMEOUT", "SERVFAIL"}:
                    self._timeouts.add(str(name).lower())
                else:
                    _add(types, *next(iter(record.items())))
            published = types.pop("SPF", None)
            texts = types.pop("TXT", published)  # records of the old type count where there is no TXT
            if texts:
                types["TXT"] = [text for text in texts if text != "NONE"]
        return answers

    def resolve(self, name, rrtype):
        answer = self._recorded.resolve(name, rrtype)
        asked = answer.cname[-1] if answer.cname else name
        if answer.outcome is not Outcome.ANSWER and (asked in self._timeouts or asked.startswith("error.")):
            return Answer(name=name, rrtype=rrtype, outcome=Outcome.TIMEOUT)
        return answer

    def prefetch(self, questions):
        raise AssertionError(questions)

    def for_message(self):
        return self


def _add(types, rrtype, value):
    if rrtype == "MX":
        value = f"{value[0]} {value[1]}".strip()
    elif rrtype in {"TXT", "SPF"} and isinstance(value, list):
        value = [str(part) for part in value]
    value = [_octets(part) for part in value] if isinstance(value, list) else _octets(str(value))
    types.setdefault(rrtype, []).append((value.rstrip(".") or ".") if rrtype in {"PTR", "CNAME"} else value)


def _octets(text):
    """YAML's text stands for octets, RFC 7208 speaks of octets: Latin-1 keeps them one to one."""
    return "".join(c if c.isascii() and c.isprintable() and c != "\\" else f"\\{ord(c) & 255:03d}" for c in text)


def _run(test, zone):
    mail_from = test["mailfrom"] or "<>"
    session = Session(client_ip=str(test["host"]), helo=str(test.get("helo", "")), mail_from=mail_from)
    outcome = check_spf(session, dns=zone)
    [check] = [check for check in outcome.checks if check.identity is SPFIdentity.MAILFROM]
    return check


def _cases(path):
    scenarios = [scenario for scenario in yaml.safe_load_all(path.read_text("utf-8")) if scenario]
    for scenario in scenarios:
        zone = Zone(scenario["zonedata"])
        for name, test in scenario["tests"].items():
            yield name, test, zone


def _fits(check, test):
    expected = test["result"] if isinstance(test["result"], list) else [test["result"]]
    if check.result not in expected:
        return False
    explanation = test.get("explanation")
    return explanation is None or check.explanation == (None if explanation == "DEFAULT" else explanation)


def test_rfc7208(suites):
    cases = list(_cases(suites / "spf-openspf" / "rfc7208-tests.yml"))
    wrong = [(name, test["result"], check) for name, test, zone in cases if not _fits(check := _run(test, zone), test)]
    assert wrong == []
    assert len(cases) == 203


def test_zone_is_what_the_suite_means():
    zone = Zone({"a.test": [{"SPF": "v=spf1 -all"}, "TIMEOUT"]})
    assert zone.resolve("a.test", RRType.TXT).outcome is Outcome.ANSWER
    assert zone.resolve("a.test", RRType.A).outcome is Outcome.TIMEOUT
    assert zone.resolve("b.test", RRType.A).outcome is Outcome.NXDOMAIN
