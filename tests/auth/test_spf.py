"""SPF, RFC 7208: both identities, and the corrections of the library, each by the section that it breaks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtrace.auth.spf import check_spf
from mailtrace.auth.types import Session
from mailtrace.resolver import Question, RRType, escape_octets
from mailtrace.resolver.ledger import Ledger
from mailtrace.resolver.offline import OfflineResolver
from mailtrace.resolver.recorded import from_mapping


def zone(**answers):
    """A closed zone; `a_example` means a.example."""
    names = {name.replace("_", "."): entry for name, entry in answers.items()}
    names = {name: {"TXT": [entry]} if isinstance(entry, str) else entry for name, entry in names.items()}
    return from_mapping({"mailtrace_dns": 1, "default": "NXDOMAIN", "answers": names})


def check(dns, mail_from="ann@a.example", helo="mail.a.example", client="192.0.2.1"):
    return check_spf(Session(client_ip=client, helo=helo, mail_from=mail_from), dns=dns)


def mail_from(dns, **session):
    return check(dns, **session).checks[0]


@pytest.mark.parametrize(
    ("record", "result", "mechanism"),
    [
        ("v=spf1 ip4:192.0.2.1 -all", "pass", "ip4:192.0.2.1"),
        ("v=spf1 ip4:198.51.100.1 -all", "fail", "-all"),
        ("v=spf1 ~all", "softfail", "~all"),
        ("v=spf1 ?all", "neutral", "?all"),
        ("v=spf1", "neutral", None),
        ("v=spf10 -all", "none", None),
        ("v=spf1 ipv4:192.0.2.1 -all", "permerror", None),
        ("v=spf1 include:none.example -all", "permerror", None),
    ],
)
def test_result(record, result, mechanism):
    got = mail_from(zone(a_example=record))
    assert got.result == result
    assert mechanism is None or got.mechanism == mechanism
    assert (got.problem is None) == (result not in ("permerror", "temperror", "not-checked"))


def test_both_identities():
    outcome = check(zone(a_example="v=spf1 -all", mail_a_example="v=spf1 ip4:192.0.2.1 -all"))
    assert [(c.identity, c.domain, str(c.result)) for c in outcome.checks] == [
        ("mailfrom", "a.example", "fail"),
        ("helo", "mail.a.example", "pass"),
    ]


def test_rfc7208_2_4_a_null_reverse_path_is_judged_by_helo():
    got = mail_from(zone(mail_a_example="v=spf1 ip4:192.0.2.1 -all"), mail_from="<>")
    assert (got.identity, got.domain, got.result) == ("mailfrom", "mail.a.example", "pass")


@pytest.mark.parametrize("helo", ["[192.0.2.1]", "localhost", "192.0.2.1"])
def test_rfc7208_2_3_a_helo_that_is_no_name_is_none(helo):
    assert check(zone(), helo=helo).checks[1].result == "none"


@pytest.mark.parametrize(
    ("session", "problem"),
    [
        ({"client": None}, "no-client"),
        ({"mail_from": None}, "no-mail-from"),
        ({"mail_from": "<>", "helo": None}, "no-helo"),
    ],
)
def test_what_the_file_lacks(session, problem):
    got = mail_from(zone(a_example="v=spf1 -all"), **session)
    assert (got.result, got.problem) == ("not-checked", problem)


def test_rfc5321_4_1_2_the_last_at_counts():
    dns = zone(a_example="v=spf1 ip4:192.0.2.1 -all")
    assert mail_from(dns, mail_from='"x@b.example"@a.example').domain == "a.example"


def test_rfc7208_5_5_an_error_behind_ptr_is_passed_over():
    reverse = "1.2.0.192.in-addr.arpa"
    failing = from_mapping(
        {
            "mailtrace_dns": 1,
            "default": "NXDOMAIN",
            "answers": {"a.example": {"TXT": ["v=spf1 ptr -all"]}, reverse: {"PTR": {"rcode": "SERVFAIL"}}},
        }
    )
    assert mail_from(failing).result == "fail"
    skipped = from_mapping(
        {
            "mailtrace_dns": 1,
            "default": "NXDOMAIN",
            "answers": {
                "a.example": {"TXT": ["v=spf1 ptr -all"]},
                reverse: {"PTR": ["broken.a.example", "good.a.example"]},
                "broken.a.example": {"A": {"rcode": "SERVFAIL"}},
                "good.a.example": {"A": ["192.0.2.1"]},
            },
        }
    )
    assert mail_from(skipped).result == "pass"


def test_rfc7208_6_2_the_explanation_is_fetched_after_a_fail_only():
    dns = Ledger(zone(a_example="v=spf1 ip4:192.0.2.1 -all exp=why.a.example", why_a_example="not %{i}"))
    assert mail_from(dns).explanation is None
    assert Question("why.a.example", RRType.TXT) not in {Question(a.name, a.rrtype) for a in dns.answers}
    assert mail_from(dns, client="198.51.100.1").explanation == "not 198.51.100.1"


def test_rfc7208_6_1_an_unused_redirect_costs_nothing():
    includes = {f"i{n}_example": "v=spf1 -all" for n in range(10)}
    terms = " ".join(f"include:i{n}.example" for n in range(10))
    got = mail_from(zone(a_example=f"v=spf1 {terms} ip4:192.0.2.1 redirect=r.example", **includes))
    assert (got.result, got.lookups) == ("pass", 10)


def test_rfc7208_4_6_4_eleven_lookups_are_too_many():
    includes = {f"i{n}_example": "v=spf1 -all" for n in range(11)}
    terms = " ".join(f"include:i{n}.example" for n in range(11))
    got = mail_from(zone(a_example=f"v=spf1 {terms} -all", **includes))
    assert (got.result, got.problem) == ("permerror", "lookup-limit")


def test_rfc7208_4_6_4_void_limit():
    record = "v=spf1 a:x.a.example a:y.a.example a:z.a.example ip6:2001:db8::/32 -all"
    outcome = check(zone(a_example=record), client="2001:db8::1")
    assert (outcome.checks[0].result, outcome.checks[0].problem) == ("permerror", "void-limit")
    finding = next(finding for finding in outcome.findings if finding.code == "spf-void-limit")
    assert "pass" in finding.detail


@pytest.mark.parametrize("client", ["999.1.1.1", "x", "", "192.0.2"])
def test_a_client_that_is_no_address(client):
    assert mail_from(zone(a_example="v=spf1 -all"), client=client).result == "not-checked"


@pytest.mark.parametrize("client", ["IPv6:2001:db8::1", "2001:db8::1%eth0", "2001:DB8:0::1"])
def test_forms_of_an_address(client):
    assert mail_from(zone(a_example="v=spf1 ip6:2001:db8::1 -all"), client=client).result == "pass"


def test_what_is_not_recorded_is_not_checked():
    open_ = from_mapping({"a.example": {"TXT": ["v=spf1 include:b.example -all"]}})
    got = mail_from(open_)
    assert (got.result, got.problem) == ("not-checked", "not-recorded")
    assert mail_from(OfflineResolver()).problem == "offline"


@pytest.mark.parametrize("rcode", ["SERVFAIL", "TIMEOUT", "REFUSED"])
def test_a_failure_of_dns_is_temporary(rcode):
    got = mail_from(zone(a_example={"TXT": {"rcode": rcode}}))
    assert (got.result, got.problem) == ("temperror", "dns-failure")


@pytest.mark.parametrize(
    ("record", "client", "narrow"),
    [
        ("v=spf1 ip4:192.0.2.0/24 -all", "192.0.2.1", True),
        ("v=spf1 +all", "192.0.2.1", False),
        ("v=spf1 ip4:0.0.0.0/0 -all", "192.0.2.1", False),
        ("v=spf1 ip4:192.0.0.0/8 -all", "192.0.2.1", False),
        ("v=spf1 ip4:192.0.0.0/9 -all", "192.0.2.1", True),
        ("v=spf1 ip6:2001:db8::/16 -all", "2001:db8::1", False),
        ("v=spf1 ip6:2001:db8::/32 -all", "2001:db8::1", True),
        ("v=spf1 include:b.example -all", "192.0.2.1", False),
    ],
)
def test_a_wide_match_proves_little(record, client, narrow):
    got = mail_from(zone(a_example=record, b_example="v=spf1 +all"), client=client)
    assert (got.result, got.narrow) == ("pass", narrow)


@given(st.text(max_size=80) | st.text(alphabet="v=spf1 +-~?alincudeptrmx:./%{}1246", max_size=80))
def test_any_record_gives_a_result(text):
    record = escape_octets(("v=spf1 " + text).encode("utf-8", "surrogatepass"))
    assert str(mail_from(zone(a_example=record)).result)
