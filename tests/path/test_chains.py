"""The rows of providers and of services in between: each name once, and every network and pattern one that can be read."""

import ipaddress
import re
from collections import Counter

from mailtrace.names.organisation import organisation_of
from mailtrace.path.chains import PROVIDERS, networks_of, provider_named, provider_of_host
from mailtrace.path.intermediaries import APPLIANCES, INTERMEDIARIES, intermediary_named
from mailtrace.path.kinds import is_customers_line
from mailtrace.path.recognition import TABLE


def test_every_name_is_one_organisation_and_stands_once():
    names = [domain for row in (*PROVIDERS, *INTERMEDIARIES) for domain in row.domains]
    assert [name for name in names if organisation_of(name) != name] == []
    assert [name for name, times in Counter(names).items() if times > 1] == []
    assert all(row.name in row.domains for row in PROVIDERS)


def test_networks_and_patterns():
    assert all(ipaddress.ip_network(text) in networks_of(row) for row in PROVIDERS for text in row.networks)
    assert all(re.compile(pattern) for row in PROVIDERS for pattern in (row.edge, row.hosts) if pattern)


def test_a_name_leads_to_its_row():
    assert provider_named("outlook.cn").name == "outlook.com"
    assert provider_named("example.net") is None
    assert provider_named(None) is None
    assert provider_of_host("p00-icloudmta-smtpin-us-west-3a").name == "icloud.com"
    assert provider_of_host("p00-icloudmta-smtpin.evil.example") is None
    assert intermediary_named("ppops.net").title == "Proofpoint"
    assert intermediary_named("example.net") is None


def test_filters_known_by_their_form_are_software_of_the_table():
    assert set(APPLIANCES) - {row.software for row in TABLE} == set()


def test_a_customers_line_spells_its_address():
    for name, address in (
        ("c-203-0-113-66.hsd1.isp.example", "203.0.113.66"),
        ("66.113.0.203.dyn.isp.example", "203.0.113.66"),
        ("host203-0-113.66.isp.example", "203.0.113.66"),
        ("203000113066.isp.example", "203.0.113.66"),
        ("pcb007142.dip.isp.example", "203.0.113.66"),
        ("2001-db8-0-1-0-ff-fe00-66.isp.example", "2001:db8:0:1:0:ff:fe00:66"),
        ("200200db8000100000000000000ff0066.isp.example", "2002:db8:1::ff:66"),
    ):
        assert is_customers_line(name, address), name
    for name, address in (
        ("mx66.isp.example", "203.0.113.66"),
        ("a27-5.out.isp.example", "203.0.27.5"),
        ("mail-qk1-f174.isp.example", "203.0.113.174"),
        ("mx.isp.example", "2001:db8::1"),
    ):
        assert not is_customers_line(name, address), name
