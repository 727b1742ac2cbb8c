"""The live resolver against real servers on loopback: nsd over UDP and TCP, unbound over TLS and HTTPS."""

import json
import sys

import pytest

from mailtrace.resolver import Outcome, Question, RRType
from mailtrace.resolver.live import live_resolver
from mailtrace.resolver.recorded import from_mapping, load_dns
from mailtrace.resolver.recording import RecordingResolver
from tests.ports import has_ipv6

pytestmark = pytest.mark.server

# name, type, outcome, records, cname
TABLE = [
    ("example.com", "A", "ANSWER", ["192.0.2.1", "192.0.2.7"], []),
    ("Example.COM.", "AAAA", "ANSWER", ["2001:db8::1"], []),
    ("example.com", "MX", "ANSWER", ["10 mail.example.com", "5 backup.example.org"], []),
    ("null.example.com", "MX", "ANSWER", ["0 ."], []),
    ("example.com", "TXT", "ANSWER", ["v=spf1 ip4:192.0.2.0/24 -all"], []),
    ("example.com", "NS", "ANSWER", ["ns.example.com"], []),
    ("example.com", "SOA", "ANSWER", ["ns.example.com hostmaster.example.com 1 7200 3600 86400 300"], []),
    ("octets.example.com", "TXT", "ANSWER", ['caf\\195\\169 \\092 "quoted" \\000'], []),
    ("_25._tcp.mail.example.com", "TLSA", "ANSWER", ["3 1 1 " + "ab" * 32], []),
    ("alias.example.com", "A", "ANSWER", ["192.0.2.80"], ["alias2.example.com", "www.example.com"]),
    ("alias.example.com", "CNAME", "ANSWER", ["alias2.example.com"], []),
    ("empty.example.com", "TXT", "NODATA", [], ["www.example.com"]),
    ("lost.example.com", "TXT", "NXDOMAIN", [], ["gone.example.com"]),
    ("abroad.example.com", "A", "ANSWER", ["192.0.2.81"], ["www.example.org"]),
    ("example.com", "PTR", "NODATA", [], []),
    ("tree.example.com", "A", "NODATA", [], []),
    ("nothing.example.com", "A", "NXDOMAIN", [], []),
    ("foreign.example.com", "A", "REFUSED", [], ["www.example.net"]),
    ("www.example.net", "A", "REFUSED", [], []),
    ("a..example.com", "A", "BADNAME", [], []),
    ("x" * 64 + ".example.com", "A", "BADNAME", [], []),
    (".".join(["x" * 60] * 5), "A", "BADNAME", [], []),
    ("b\u00fccher.example", "A", "BADNAME", [], []),
]


def check(dns, row):
    name, rrtype, outcome, records, cname = row
    answer = dns.resolve(name, RRType(rrtype))
    assert (answer.outcome, list(answer.records), list(answer.cname)) == (outcome, records, cname), answer.detail
    return answer


@pytest.fixture
def plain(nsd):
    with live_resolver(nsd.address) as dns:
        yield dns


def test_table_over_udp(plain):
    for row in TABLE:
        answer = check(plain, row)
        assert (answer.detail is None) == (answer.outcome in {"ANSWER", "NODATA", "NXDOMAIN"})
    assert plain.trouble is None


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 loopback here")
def test_table_over_ipv6(nsd):
    with live_resolver(nsd.address6) as dns:
        for row in TABLE:
            check(dns, row)


def test_a_truncated_answer_is_asked_for_over_tcp(plain):
    answer = plain.resolve("big.example.com", RRType.TXT)
    assert answer.outcome is Outcome.ANSWER
    assert [text[:3] for text in answer.texts] == [b"%02d " % number for number in range(40)]


def test_a_loop_of_cnames_ends(plain):
    answer = plain.resolve("loop1.example.com", RRType.A)
    assert (answer.outcome, answer.is_temporary) == (Outcome.SERVFAIL, True)


def test_a_referral_is_not_an_answer(plain):
    answer = plain.resolve("www.sub.example.com", RRType.A)
    assert answer.outcome is Outcome.SERVFAIL
    assert "referral" in answer.detail


def test_ttl_and_ad_bit_are_kept(plain):
    answer = plain.resolve("alias.example.com", RRType.A)
    assert (answer.ttl, answer.authenticated) == (120, False)


def test_prefetch_then_resolve(plain):
    dns = plain.for_message()
    dns.prefetch(Question(name, RRType(rrtype)) for name, rrtype, *_ in TABLE)
    for row in TABLE:
        check(dns, row)


def test_a_server_that_refuses_every_question(nsd):
    with live_resolver(nsd.address) as dns:
        assert dns.trouble is None
        assert dns.resolve("example.net", RRType.A).outcome is Outcome.REFUSED
        assert dns.trouble.outcome is Outcome.REFUSED
        assert nsd.address in dns.trouble.detail
        dns.resolve("nothing.example.com", RRType.A)
        assert dns.trouble is None


def test_what_is_recorded_is_replayed(nsd, tmp_path):
    path = tmp_path / "dns.json"
    questions = [Question(name, RRType(rrtype)) for name, rrtype, *_ in TABLE]
    questions.append(Question("big.example.com", RRType.TXT))
    with live_resolver(nsd.address, keep_wire=True) as live:
        recording = RecordingResolver(live)
        dns = recording.for_message()
        dns.prefetch(questions[:9])
        answers = [dns.resolve(*question) for question in questions]
        recording.save(path)
    replayed = load_dns(path)
    assert [replayed.resolve(*question) for question in questions] == answers
    written = json.loads(path.read_text())
    assert written["resolver"] == nsd.address
    assert list(written["answers"]) == sorted(written["answers"])
    check_wire(written["answers"]["example.com"]["MX"]["wire"])
    assert "wire" not in written["answers"]["a..example.com"]["A"]


def check_wire(encoded):
    import base64

    import dns.message

    octets = base64.b64decode(encoded)
    assert octets[:2] == b"\0\0"
    response = dns.message.from_wire(octets)
    assert response.question[0].name.to_text() == "example.com."
    assert len(response.answer[0]) == 2


def test_a_recording_holds_what_was_only_prefetched(nsd):
    with live_resolver(nsd.address) as live:
        recording = RecordingResolver(live)
        recording.for_message().prefetch([Question("example.com", RRType.A), Question("no.example.com", RRType.A)])
        assert [answer.outcome for answer in recording.answers.values()] == ["ANSWER", "NXDOMAIN"]


# The resolver's table differs where an authoritative server would refuse, or point elsewhere.
RESOLVED = [row for row in TABLE if row[0] != "foreign.example.com"]


@pytest.mark.parametrize("form", ["tls://127.0.0.1:{dot}", "tls://127.0.0.1:{dot}#dns.test", "tls://localhost:{dot}"])
def test_dns_over_tls(unbound, certificates, form):
    with live_resolver(form.format(dot=unbound.dot), authority=certificates / "ca.pem") as dns:
        dns.prefetch(Question(name, RRType(rrtype)) for name, rrtype, *_ in RESOLVED)
        for row in RESOLVED:
            check(dns, row)
        assert len(dns.resolve("big.example.com", RRType.TXT).records) == 40
        assert dns.trouble is None


@pytest.mark.parametrize("form", ["https://127.0.0.1:{doh}", "https://localhost:{doh}/dns-query{{?dns}}"])
def test_dns_over_https(unbound, certificates, form):
    with live_resolver(form.format(doh=unbound.doh), authority=certificates / "ca.pem") as dns:
        dns.prefetch(Question(name, RRType(rrtype)) for name, rrtype, *_ in RESOLVED)
        for row in RESOLVED:
            check(dns, row)
        assert len(dns.resolve("big.example.com", RRType.TXT).records) == 40
        assert dns.trouble is None


def test_many_threads_ask_over_https_at_once(unbound, certificates):
    """httpcore's HTTP/2 compresses header fields without a lock: a client of its own for each thread."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        # Threads that are switched all the time are slow: the deadline is not what is tried here.
        with live_resolver(f"https://127.0.0.1:{unbound.doh}", timeout=120, authority=certificates / "ca.pem") as dns:
            names = [f"{'n' * (at % 40)}{at}.example.com" for at in range(70)]
            dns.prefetch(Question(name, RRType.A) for name in names)
            assert {dns.resolve(name, RRType.A).outcome for name in names} == {Outcome.NXDOMAIN}
    finally:
        sys.setswitchinterval(interval)


@pytest.mark.parametrize(
    ("form", "authority"),
    [
        ("tls://127.0.0.1:{dot}", "other.pem"),
        ("tls://127.0.0.1:{dot}", None),
        ("tls://127.0.0.1:{dot}#another.test", "ca.pem"),
        ("https://127.0.0.1:{doh}", "other.pem"),
        ("https://127.0.0.1:{doh}", None),
    ],
)
def test_a_certificate_that_does_not_hold_is_refused(unbound, certificates, form, authority):
    ports = {"dot": unbound.dot, "doh": unbound.doh}
    ca = certificates / authority if authority else None
    with live_resolver(form.format(**ports), authority=ca) as dns:
        answer = dns.resolve("example.com", RRType.A)
        assert (answer.outcome, "certificate" in answer.detail.lower()) == (Outcome.UNREACHABLE, True)
        assert dns.trouble.outcome is Outcome.UNREACHABLE


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 loopback here")
@pytest.mark.parametrize("form", ["tls://[::1]:{dot}", "https://[::1]:{doh}"])
def test_a_certificate_for_another_address_is_refused(unbound, certificates, form):
    with live_resolver(form.format(dot=unbound.dot, doh=unbound.doh), authority=certificates / "ca.pem") as dns:
        answer = dns.resolve("example.com", RRType.A)
        assert (answer.outcome, "certificate" in answer.detail.lower()) == (Outcome.UNREACHABLE, True)


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 loopback here")
def test_dns_over_tls_by_address_with_a_name(unbound, certificates):
    with live_resolver(f"tls://[::1]:{unbound.dot}#dns.test", authority=certificates / "ca.pem") as dns:
        assert dns.resolve("example.com", RRType.A).outcome is Outcome.ANSWER


def test_a_path_that_is_no_doh_service(unbound, certificates):
    with live_resolver(f"https://127.0.0.1:{unbound.doh}/elsewhere", authority=certificates / "ca.pem") as dns:
        answer = dns.resolve("example.com", RRType.A)
        assert (answer.outcome, "HTTP status 404" in answer.detail) == (Outcome.UNREACHABLE, True)


def test_a_connection_is_used_again(unbound, certificates):
    with live_resolver(f"tls://127.0.0.1:{unbound.dot}", authority=certificates / "ca.pem") as dns:
        dns.resolve("example.com", RRType.A)
        server = dns._core.asker.servers[0]
        (idle,) = server._idle
        dns.resolve("example.com", RRType.MX)
        assert server._idle == [idle]
        idle.close()  # as a server does after a while
        assert dns.resolve("example.com", RRType.TXT).outcome is Outcome.ANSWER


def test_replay_of_a_recording_needs_no_server(nsd):
    with live_resolver(nsd.address) as live:
        heard = live.resolve("alias.example.com", RRType.A)
    again = from_mapping({"alias.example.com": {"A": {"records": ["192.0.2.80"], "cname": list(heard.cname)}}})
    assert again.resolve("alias.example.com", RRType.A).cname == heard.cname
