"""The live resolver where servers misbehave: silence, refusal, nonsense, and little time."""

import threading

import pytest

from mailtrace.errors import ResolverError
from mailtrace.resolver import Outcome, Question, RRType, asking
from mailtrace.resolver.live import MAX_PREFETCHED, _Core, _system_servers, live_resolver
from mailtrace.resolver.recording import RecordingResolver
from tests.resolver.servers import Responder, reply

pytestmark = pytest.mark.server


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def ask(respond, name="example.com", rrtype=RRType.A, timeout=5.0):
    with Responder(respond) as server, live_resolver(server.address, timeout=timeout) as live:
        return live.resolve(name, rrtype), server.asked


def test_nobody_listens(closed_port):
    with live_resolver(f"127.0.0.1:{closed_port}") as live:
        answer = live.resolve("example.com", RRType.A)
        assert (answer.outcome, answer.records) == (Outcome.UNREACHABLE, ())
        assert live.trouble.outcome is Outcome.UNREACHABLE
        assert str(closed_port) in live.trouble.detail


@pytest.mark.parametrize("form", ["tls://127.0.0.1:{}", "https://127.0.0.1:{}"])
def test_nobody_listens_behind_tls(closed_port, form):
    with live_resolver(form.format(closed_port)) as live:
        assert live.resolve("example.com", RRType.A).outcome is Outcome.UNREACHABLE
        assert live.trouble.outcome is Outcome.UNREACHABLE


def test_silence(silent):
    with live_resolver(silent, timeout=0.3) as live:
        view = live.for_message()
        assert view.resolve("example.com", RRType.A).outcome is Outcome.TIMEOUT
        again = view.resolve("example.org", RRType.A)
        assert (again.outcome, again.detail) == (Outcome.TIMEOUT, asking.NO_TIME)
        assert live.trouble.outcome is Outcome.TIMEOUT
        assert silent in live.trouble.detail


def test_silence_behind_tls():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        for form in ("tls://127.0.0.1:{}", "https://127.0.0.1:{}"):
            with live_resolver(form.format(port), timeout=0.3) as live:
                assert live.resolve("example.com", RRType.A).outcome is Outcome.TIMEOUT


def test_a_lost_datagram_is_sent_again(monkeypatch):
    monkeypatch.setattr(asking, "FIRST_ATTEMPT", 0.1)
    seen = []

    def respond(query):
        seen.append(query)
        return reply(query, "A 192.0.2.1") if len(seen) > 2 else None

    answer, asked = ask(respond)
    assert (answer.records, len(asked)) == (("192.0.2.1",), 3)


def test_a_server_without_edns(  # RFC 6891 §7
):
    answer, asked = ask(
        lambda query: reply(query, rcode=1, edns=False) if query.edns >= 0 else reply(query, "A 192.0.2.1", edns=False)
    )
    assert (answer.outcome, answer.records, len(asked)) == (Outcome.ANSWER, ("192.0.2.1",), 2)


@pytest.mark.parametrize(
    ("rcode", "outcome"), [(1, "FORMERR"), (2, "SERVFAIL"), (4, "SERVFAIL"), (5, "REFUSED"), (6, "SERVFAIL")]
)
def test_a_failure_is_a_value(rcode, outcome):
    answer, _ = ask(lambda query: reply(query, rcode=rcode))
    assert (answer.outcome, answer.records, answer.is_temporary) == (outcome, (), True)
    assert answer.detail


def test_the_servers_own_words():
    import dns.edns
    import dns.message

    def respond(query):
        response = dns.message.make_response(query)
        response.set_rcode(2)
        response.use_edns(0, options=[dns.edns.EDEOption(9, "no DNSKEY")])
        return response

    assert "extended error 9 (no DNSKEY)" in ask(respond)[0].detail


@pytest.mark.parametrize(
    "octets", [b"", b"\0", b"\xff" * 12, b"\0" * 400], ids=["empty", "short", "all-ones", "all-zeros"]
)
def test_nonsense_is_not_an_answer(octets):
    answer, _ = ask(lambda _: octets, timeout=0.3)
    assert answer.outcome is Outcome.TIMEOUT


def test_a_response_to_another_question_is_passed_over():
    def respond(query):
        response = reply(query, "A 203.0.113.66")
        response.id ^= 1
        return response

    assert ask(respond, timeout=0.3)[0].outcome is Outcome.TIMEOUT


def test_an_answer_under_nxdomain_is_no_answer():
    answer, _ = ask(lambda query: reply(query, "A 192.0.2.1", rcode=3))
    assert answer.outcome is Outcome.SERVFAIL


def test_the_order_of_a_server_does_not_show():
    lines = [f"TXT {text}" for text in ("c", "a", "b")]
    forward, _ = ask(lambda query: reply(query, *lines), rrtype=RRType.TXT)
    backward, _ = ask(lambda query: reply(query, *reversed(lines)), rrtype=RRType.TXT)
    assert forward == backward


def test_no_search_list():
    answer, asked = ask(lambda query: reply(query, rcode=3), name="intranet")
    assert (answer.outcome, asked) == (Outcome.NXDOMAIN, ["intranet"])


def test_a_name_is_asked_as_it_is():
    _, asked = ask(lambda query: reply(query, rcode=3), name="a\\.b c.example.com")
    assert asked == ["a\\\\.b\\032c.example.com"]


def test_one_question_is_asked_once():
    gate = threading.Event()

    def respond(query):
        gate.wait(5)
        return reply(query, "A 192.0.2.1")

    with Responder(respond) as server, live_resolver(server.address) as live:
        answers = []
        threads = [
            threading.Thread(target=lambda: answers.append(live.for_message().resolve("example.com", RRType.A)))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        gate.set()
        for thread in threads:
            thread.join()
        assert server.asked == ["example.com"]
        assert [answer.records for answer in answers] == [("192.0.2.1",)] * 8


def test_questions_are_asked_at_once():
    together = threading.Barrier(6, timeout=10)  # nobody is answered before six have been asked

    def respond(query):
        together.wait()
        return reply(query, "A 192.0.2.1")

    with Responder(respond, workers=6) as server, live_resolver(server.address) as live:
        questions = [Question(f"{number}.example.com", RRType.A) for number in range(6)]
        assert [answer.name for answer in live.for_message().ask_ahead(questions)] == [q.name for q in questions]


def test_the_sender_does_not_choose_how_much_is_asked():
    with Responder(lambda query: reply(query, rcode=3)) as server, live_resolver(server.address) as live:
        view = live.for_message()
        for base in (0, 60):
            view.prefetch(Question(f"{number}.example.com", RRType.A) for number in range(base, base + 60))
        assert len(server.asked) == len(set(server.asked)) == MAX_PREFETCHED


def test_an_answer_stays_and_a_failure_passes():
    clock, states = Clock(), [2]

    def respond(query):
        return reply(query, rcode=states[0]) if states[0] else reply(query, "A 192.0.2.1")

    with Responder(respond) as server, live_resolver(server.address, clock=clock) as live:
        assert live.for_message().resolve("example.com", RRType.A).outcome is Outcome.SERVFAIL
        states[0] = 0
        assert live.for_message().resolve("example.com", RRType.A).outcome is Outcome.SERVFAIL
        clock.now += 61
        assert live.for_message().resolve("example.com", RRType.A).outcome is Outcome.ANSWER
        states[0] = 2
        clock.now += 100_000
        assert live.for_message().resolve("example.com", RRType.A).outcome is Outcome.ANSWER
        assert len(server.asked) == 2


def test_a_message_that_ran_out_of_time_does_not_speak_for_the_next():
    clock, silent_now = Clock(), [True]

    def respond(query):
        return None if silent_now[0] else reply(query, "A 192.0.2.1")

    with Responder(respond) as server, live_resolver(server.address, timeout=10.0, clock=clock) as live:
        view = live.for_message()
        clock.now += 9.8
        assert view.resolve("example.com", RRType.A).outcome is Outcome.TIMEOUT
        silent_now[0] = False
        assert live.for_message().resolve("example.com", RRType.A).outcome is Outcome.ANSWER


def test_a_recording_run_keeps_to_the_first_answer():
    clock, states = Clock(), [2, 0]

    def respond(query):
        return reply(query, rcode=2) if states.pop(0) else reply(query, "A 192.0.2.1")

    with Responder(respond) as server, live_resolver(server.address, clock=clock) as live:
        recording = RecordingResolver(live)
        assert recording.for_message().resolve("example.com", RRType.A).outcome is Outcome.SERVFAIL
        clock.now += 61
        assert recording.for_message().resolve("Example.com.", RRType.A).outcome is Outcome.SERVFAIL


def test_the_next_server_is_asked(closed_port):
    from mailtrace.resolver.transports import PlainTransport

    with Responder(lambda query: reply(query, "A 192.0.2.1")) as server:
        tally = asking.Tally()
        servers = [PlainTransport("127.0.0.1", closed_port), PlainTransport("127.0.0.1", int(server.address[10:]))]
        asker = asking.Asker(servers=servers, dnssec=False, tally=tally)
        assert asker.ask(Question("example.com", RRType.A), 5.0).answer.outcome is Outcome.ANSWER


def test_a_system_without_configuration(tmp_path):
    from mailtrace.resolver.live import LiveResolver

    servers = _system_servers(str(tmp_path / "resolv.conf"))
    assert servers == ()
    asker = asking.Asker(servers=servers, dnssec=False, tally=asking.Tally())
    live = LiveResolver(_Core(asker, named=False, timeout=5.0, keep_wire=False, clock=Clock()))
    answer = live.resolve("example.com", RRType.A)
    assert (answer.outcome, live.trouble, live.description) == (Outcome.UNREACHABLE, None, None)
    assert "no DNS server is configured" in answer.detail


def test_the_systems_resolver_failing_is_no_trouble_of_the_command(tmp_path):
    (tmp_path / "resolv.conf").write_text("search corp.example\nnameserver 192.0.2.53\nnameserver 2001:db8::53\n")
    labels = [server.label for server in _system_servers(str(tmp_path / "resolv.conf"))]
    assert labels == ["192.0.2.53", "2001:db8::53"]


def test_an_authority_that_is_none(tmp_path):
    with pytest.raises(ResolverError, match=r"nowhere\.pem"):
        live_resolver("tls://192.0.2.1", authority=tmp_path / "nowhere.pem")
    (tmp_path / "text.pem").write_text("no certificate")
    with pytest.raises(ResolverError, match=r"text\.pem"):
        live_resolver("https://192.0.2.1", authority=tmp_path / "text.pem")
