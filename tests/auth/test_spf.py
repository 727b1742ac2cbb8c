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


def test_rfc7208_4_5_several_records():
    got = mail_from(zone(a_example={"TXT": ["v=spf1 -all", "v=spf1 +all", "v=spf10", "other"]}))
    assert (got.result, got.problem) == ("permerror", "multiple-records")


def test_rfc7208_4_6_4_more_than_ten_exchanges():
    exchanges = [f"{n} mx{n}.a.example" for n in range(11)]
    got = mail_from(zone(a_example={"TXT": ["v=spf1 mx -all"], "MX": exchanges}))
    assert (got.result, got.problem) == ("permerror", "mx-limit")


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        ("v=spf1 include:none.example -all", "include-without-record"),
        ("v=spf1 redirect=none.example", "redirect-without-record"),
        ("v=spf1 ip4:192.0.2 -all", "syntax"),
        ("v=spf1 a/" + "1" * 900, "syntax"),
        ("v=spf1 a:" + "a" * 2000, "record-too-long"),
        ("v=spf1 " + "ip4:192.0.2.9 " * 2000, "record-too-long"),
    ],
)
def test_permanent_errors_are_told_apart(record, problem):
    outcome = check(zone(a_example=record))
    assert (outcome.checks[0].result, outcome.checks[0].problem) == ("permerror", problem)
    assert "spf-permerror" in [finding.code for finding in outcome.findings]


def test_the_term_behind_an_include_is_known():
    inner = "v=spf1 include:c.example ~all"
    dns = zone(a_example="v=spf1 include:b.example -all", b_example=inner, c_example="v=spf1 redirect=d.example",
               d_example="v=spf1 ip4:192.0.0.0/4 -all")  # fmt: skip
    outcome = check(dns)
    assert (outcome.checks[0].mechanism, outcome.checks[0].narrow) == ("include:b.example", False)
    wide = next(finding for finding in outcome.findings if finding.code == "spf-too-wide")
    assert "ip4:192.0.0.0/4 in the record of d.example" in wide.detail


@pytest.mark.parametrize(
    ("record", "narrow"),
    [
        ("v=spf1 exists:%{i}.allow.example -all", True),
        ("v=spf1 exists:allow.example -all", False),  # the answer is the same for every client
        ("v=spf1 exists:%%{i}.allow.example -all", False),  # and so here: RFC 7208 §7.1, no macro
        ("v=spf1 exists:%{p}.allow.example -all", True),
        ("v=spf1 ptr -all", True),
        ("v=spf1 ptr:isp.example -all", False),  # every customer of the provider
        ("v=spf1 mx -all", True),
        ("v=spf1 mx/4 -all", False),
        ("v=spf1 a:a.example/24 -all", True),
    ],
)
def test_whether_a_match_says_something_of_the_client(record, narrow):
    dns = zone(**{
        "a_example": {"TXT": [record], "A": ["192.0.2.1"], "MX": ["10 a.example"]},
        "192.0.2.1.allow.example": {"A": ["127.0.0.2"]},
        "allow_example": {"A": ["127.0.0.2"]},
        "%{i}.allow.example": {"A": ["127.0.0.2"]},
        "a.example.allow.example": {"A": ["127.0.0.2"]},
        "1.2.0.192.in-addr.arpa": {"PTR": ["a.example", "c.isp.example"]},
        "c.isp.example": {"A": ["192.0.2.1"]},
    })  # fmt: skip
    got = mail_from(dns)
    assert (got.result, got.narrow) == ("pass", narrow)


def test_a_client_without_a_name_is_no_client_in_particular():
    """RFC 7208 §7.3: %{p} is "unknown" for all of them."""
    dns = zone(a_example={"TXT": ["v=spf1 exists:%{p}.a.example -all"]}, unknown_a_example={"A": ["127.0.0.2"]})
    got = mail_from(dns)
    assert (got.result, got.narrow) == ("pass", False)


def test_the_library_asks_no_dns_of_its_own():
    import spf

    with pytest.raises(AssertionError, match="past the resolver"):
        spf.DNSLookup("a.example", "TXT", True, 20)


def test_evidence_names_the_question():
    broken = zone(a_example="v=spf1 a:b.example -all", b_example={"A": {"rcode": "TIMEOUT"}})
    finding = next(finding for finding in check(broken).findings if finding.code == "spf-temperror")
    assert finding.evidence[0].source == "dns:A b.example"
    failed = next(f for f in check(zone(a_example="v=spf1 -all")).findings if f.code == "spf-fail")
    assert (failed.evidence[0].source, failed.evidence[0].excerpt) == ("dns:TXT a.example", "v=spf1 -all")


def test_rfc7208_2_4_a_null_reverse_path_is_said_so():
    outcome = check(zone(mail_a_example="v=spf1 -all"), mail_from="<>")
    assert "spf-null-sender" in [finding.code for finding in outcome.findings]


@pytest.mark.parametrize(
    "sender", ["ann@b\u00fccher.example", "<ann@xn--bcher-kva.example>", "ann@XN--BCHER-KVA.example."]
)
def test_rfc7208_4_3_domains_are_compared_in_a_labels(sender):
    assert mail_from(zone(**{"xn--bcher-kva.example": "v=spf1 -all"}), mail_from=sender).result == "fail"


def test_rfc7208_7_2_the_time_macro_is_not_the_clock():
    texts = {"a_example": "v=spf1 -all exp=why.a.example", "why_a_example": "at %{t}"}
    assert mail_from(zone(**texts)).explanation == "at 0"


@pytest.mark.parametrize(
    "record",
    ["v=spf1 " + "a" * 60_000, "v=spf1 " + "a. " * 5_000, "v=spf1 a:%{l}." + "b." * 400, "v=spf1 " + "m=%{s} " * 2_000],
)
def test_hostile_records_end(record):
    assert mail_from(zone(a_example=record), mail_from="x." * 100_000 + "x@a.example").result in {
        "neutral",
        "permerror",
    }


def test_rfc7208_7_3_a_name_too_long_loses_labels_on_the_left():
    kept = ".".join(["l" * 49] * 4) + ".a.example"
    dns = zone(a_example="v=spf1 exists:%{l}.%{d} -all", **{f"{'l' * 40}.{kept}": {"A": ["127.0.0.2"]}})
    local_part = ".".join(["k" * 30, "j" * 30, "l" * 40, *["l" * 49] * 4])
    assert mail_from(dns, mail_from=f"{local_part}@a.example").result == "pass"


def test_rfc7208_6_2_a_long_explanation_is_kept_whole():
    text = "Not from here. " + "Ask us why, at length. " * 15 + "%{d}"
    dns = zone(a_example="v=spf1 -all exp=why.a.example", why_a_example=text)
    assert mail_from(dns).explanation == text.replace("%{d}", "a.example")


def test_the_trace_shows_every_record_and_what_each_cost():
    got = mail_from(
        zone(
            a_example="v=spf1 include:b.example include:c.example -all",
            b_example="v=spf1 a:gone.example -all",
            c_example="v=spf1 redirect=d.example",
            d_example="v=spf1 exists:%{i}.ok.example -all",
            **{"192_0_2_1_ok_example": {"A": ["127.0.0.2"]}},
        )
    )
    top = got.trace
    assert (got.result, got.lookups, got.void_lookups, top.lookups) == ("pass", 5, 1, 2)
    first, second = top.includes
    assert (first.domain, first.result, first.lookups, first.voids) == ("b.example", "fail", 1, ("A gone.example",))
    assert (second.domain, second.lookups) == ("c.example", 1)
    assert (second.redirect.term.text, second.redirect.term.argument) == (
        "exists:%{i}.ok.example",
        "192.0.2.1.ok.example",
    )


def test_the_trace_of_an_error_ends_where_it_was_met():
    got = mail_from(zone(a_example="v=spf1 include:b.example -all", b_example="v=spf1 ipv4:192.0.2.1"))
    assert (got.result, got.trace.result, got.trace.includes[0].result) == ("permerror", None, None)
