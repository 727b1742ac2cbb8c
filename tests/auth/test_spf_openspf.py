"""The openspf suite for RFC 7208, through our adapter: 203 of 203."""

import pytest
import yaml

from mailtrace.auth.spf import check_spf
from mailtrace.auth.types import Session
from mailtrace.resolver.recorded import from_mapping

pytestmark = pytest.mark.suite


def zone_of(data):
    """Convert a zone: names not listed do not exist, `error.*` times out, type SPF counts where there is no TXT."""
    answers = {}
    for name, records in data.items():
        types = answers.setdefault(name.lower().rstrip("."), {})
        has_text = any(isinstance(record, dict) and "TXT" in record for record in records)
        for record in records:
            if not isinstance(record, dict):
                for kind in ("TXT", "A", "AAAA", "MX", "PTR"):
                    types.setdefault(kind, {"rcode": "TIMEOUT"})
                continue
            for kind, value in record.items():
                add(types, "TXT" if kind == "SPF" and not has_text else kind, value)
    for types in answers.values():
        for kind in [kind for kind, entry in types.items() if entry == []]:
            del types[kind]
        types.setdefault("SOA", ["exists"])
    return from_mapping({"mailtrace_dns": 1, "default": "NXDOMAIN", "answers": answers})


def add(types, kind, value):
    if kind in ("SPF", "TIMEOUT", "SERVFAIL") or value == "NONE":
        return
    if kind == "TXT":
        value = "".join(value) if isinstance(value, list) else value
        value = "".join(c if 32 <= ord(c) < 127 and c != "\\" else f"\\{ord(c):03d}" for c in value)
    elif kind == "MX":
        value = f"{value[0]} {value[1].rstrip('.')}"
    elif kind in ("CNAME", "PTR"):
        value = value.rstrip(".")
    types.setdefault(kind, []).append(str(value))


class Erring:
    """The suite's rule that every name beginning with `error.` times out."""

    def __init__(self, zone):
        self.zone = zone
        self.mode, self.recorded_at = zone.mode, zone.recorded_at

    def resolve(self, name, rrtype):
        if name.lower().startswith("error."):
            return from_mapping({name.lower(): {rrtype.value: {"rcode": "TIMEOUT"}}}).resolve(name, rrtype)
        return self.zone.resolve(name, rrtype)


def test_all_of_it(suites):
    wrong, count = [], 0
    for scenario in yaml.safe_load_all((suites / "spf-openspf" / "rfc7208-tests.yml").read_text("utf-8")):
        dns = Erring(zone_of(scenario["zonedata"]))
        for name, case in scenario["tests"].items():
            count += 1
            session = Session(client_ip=case["host"], helo=case["helo"], mail_from=case["mailfrom"] or "<>")
            result = str(check_spf(session, dns=dns).checks[0].result)
            if result not in ([case["result"]] if isinstance(case["result"], str) else case["result"]):
                wrong.append((name, result, case["result"]))
    assert (wrong, count) == ([], 203)
