"""What sort of time passed: clocks that are off told from waiting, and no more claimed than a field shows."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtrace.message import parse
from mailtrace.path import rebuild
from mailtrace.path.clocks import Stamp, read_clocks
from mailtrace.results import Confidence
from tests.path.build import codes, postfix

NOON = datetime(2026, 10, 20, 12, tzinfo=UTC)
SERVERS = ("a", "b", "c", "d", "e", "f")


def stamps(*seconds, servers=SERVERS, trusted=()):
    return [
        Stamp(
            at=None if second is None else NOON + timedelta(seconds=second),
            server=servers[number % len(servers)],
            is_trusted=number in trusted,
        )
        for number, second in enumerate(seconds)
    ]


def ahead(*seconds, **more):
    return [clock.ahead for clock in read_clocks(stamps(*seconds, **more))]


def at(second):
    return (NOON + timedelta(seconds=second)).strftime("%a, %d %b %Y %H:%M:%S +0000")


def chain(*seconds, date=None, extra=None):
    """Hops at these seconds, oldest first; the newest is the border. `extra`: fields above the hop of that index."""
    last = len(seconds) - 1
    names = [f"mx{number}.sender.example" for number in range(last)] + ["mx.example.net"]
    lines = []
    for number in range(last, -1, -1):
        lines += (extra or {}).get(number, [])
        before = names[number - 1] if number else "pc"
        lines.append(
            f"Received: {postfix(before, before, f'192.0.2.{number + 1}', names[number], date=at(seconds[number]))}"
        )
    lines += [f"Date: {at(date)}"] if date is not None else []
    return rebuild(parse("\r\n".join([*lines, "From: ann@example.com", "", ""]).encode()))


class TestClocks:
    """A clock is off where the servers around it agree with each other."""

    @pytest.mark.parametrize(
        ("seconds", "expected"),
        [
            ((0, 300, 1), [0, 299, 0]),  # ahead, and undone
            ((0, 1, -300, 2), [0, 0, -301, 0]),  # behind
            ((300, 1, 2), [299, 0, 0]),  # the sender's own, against two
            ((0, 3600, 2, 3), [0, 3598, 0, 0]),
            ((0, 500, 200, 201, 202), [0, 300, 0, 0, 0]),  # a wait beside it: two later ones agree
            ((0, 300, 1, 301), [0, 0, 0, 0]),  # two against two
            ((0, 300, 1, 900), [0, 299, 0, 0]),  # the last one waited
            ((0, 1, 2, 3), [0, 0, 0, 0]),
            ((0, 60, 0), [0, 0, 0]),  # within what nobody needs to know of
            ((300, 1), [0, 0]),  # nobody can say which of two is right
            ((0, 5000, 200), [0, 0, 0]),  # the neighbours do not agree either
            ((0, 300, 600), [0, 0, 0]),
            ((0, 1, -300), [0, 0, 0]),  # nothing behind it
            ((0, None, 300, 1), [0, 0, 299, 0]),
            ((None, None), [0, 0]),
            ((), []),
        ],
    )
    def test_whose(self, seconds, expected):
        assert ahead(*seconds) == expected

    def test_hops_of_one_server_share_its_clock(self):
        assert ahead(0, 300, 301, 302, 2, servers=("a", "b", "b", "b", "c")) == [0, 300, 300, 300, 0]

    def test_claimed_hops_do_not_put_a_trusted_clock_in_doubt(self):
        assert ahead(0, 300, 1, trusted={1}) == [0, 0, 0]
        assert ahead(0, 300, 1, trusted={1, 2}) == [0, 299, 0]

    def test_what_lies_between_two_that_agree_happened_between_them(self):
        """Two servers under different names, more than an hour slow, between a sender and a border that agree."""
        assert ahead(4000, 10, 11, 4003, trusted={3}) == [0, -3990, -3989, 0]
        assert ahead(0, 4000, 4001, 3, trusted={3}) == [0, 3997, 3998, 0]
        assert ahead(4000, 10, 11, 4003) == [0, 0, 0, 0]
        assert ahead(0, 20, 40, 50, trusted={3}) == [0, 0, 0, 0]

    def test_how_sure(self):
        assert read_clocks(stamps(0, 300, 1))[1].confidence is Confidence.LOW
        assert read_clocks(stamps(0, 300, 1, trusted={2}))[1].confidence is Confidence.MEDIUM

    @given(st.lists(st.none() | st.integers(-100_000, 100_000), max_size=30), st.sets(st.integers(0, 29)))
    def test_every_stamp_has_a_clock_and_only_dated_ones_are_corrected(self, seconds, trusted):
        clocks = read_clocks(stamps(*seconds, trusted=trusted))
        assert len(clocks) == len(seconds)
        for clock, second in zip(clocks, seconds, strict=True):
            assert (clock.at is None) == (second is None)
            if second is not None and clock.ahead:
                # Never corrected by what nobody needs to know of.
                assert abs(clock.ahead) > 60

    @given(st.lists(st.integers(0, 1000), max_size=20))
    def test_clocks_that_agree_are_left_alone(self, steps):
        seconds = [sum(steps[:number]) for number in range(len(steps))]
        assert not any(ahead(*seconds))


class TestWaits:
    """The kind, and the confidence it is claimed with."""

    def test_five_minutes_that_a_later_hop_undoes_are_no_wait(self):
        found = chain(0, 300, 1, 2)
        assert [hop.wait and (hop.wait.kind, hop.wait.seconds) for hop in found.hops[1:]] == [
            ("clock", 1.0),
            ("clock", 0.0),
            ("transfer", 1.0),
        ]
        assert (found.waited_seconds, found.total_seconds) == (2.0, 2.0)
        assert codes(found) == ["clock-off"]
        assert "mx1.sender.example is about 4 min 59 s ahead" in found.findings[0].detail

    def test_two_slow_servers_in_a_row_are_both_named(self):
        found = chain(4000, 10, 11, 4003)
        assert codes(found) == ["clock-off", "clock-off"]
        assert (found.waited_seconds, found.total_seconds) == (3.0, 3.0)

    def test_whole_hours_are_a_zone(self):
        found = chain(0, 7200, 1, 2)
        assert found.hops[1].wait.kind == "zone"
        assert codes(found) == ["hop-zone-wrong"]

    def test_two_clocks_that_differ(self):
        found = chain(0, 1, -300)
        assert [hop.wait.kind for hop in found.hops[1:]] == ["transfer", "clock"]
        assert codes(found) == ["hop-clocks-differ"]
        assert (found.waited_seconds, found.total_seconds, found.slowest) == (1.0, None, 1)

    @pytest.mark.parametrize(
        ("seconds", "kind", "confidence", "code"),
        [
            ((0, 1, 2), "transfer", "high", []),
            ((0, 1, 61), "greylisting", "low", []),
            ((0, 1, 60), "transfer", "high", []),
            ((0, 1, 901), "greylisting", "low", ["hop-greylisted"]),
            ((0, 1, 3601), "greylisting", "low", ["hop-greylisted"]),
            ((0, 1, 3603), "queue", "low", ["hop-queued"]),
            ((0, 1, 7200), "waiting", "high", ["hop-delayed"]),
        ],
    )
    def test_at_the_border(self, seconds, kind, confidence, code):
        found = chain(*seconds)
        wait = found.hops[-1].wait
        assert (wait.kind, wait.confidence) == (kind, confidence)
        assert codes(found) == code

    @pytest.mark.parametrize(
        ("second", "kind", "code"),
        [(905, "queue", ["hop-queued"]), (700, "waiting", ["hop-delayed"]), (300, "queue", []), (400, "waiting", [])],
    )
    def test_before_the_border(self, second, kind, code):
        found = chain(0, second, second + 1)
        assert (found.hops[1].wait.kind, found.hops[1].wait.confidence) == (kind, "low")
        assert codes(found) == code

    def test_what_lay_on_one_machine_was_held_there(self):
        out = postfix("out.example.com", "out.example.com", "192.0.2.1", "mx.example.net", date=at(0))
        back = postfix("localhost", "localhost", "127.0.0.1", "mx.example.net", date=at(1000))
        found = rebuild(parse(f"Received: {back}\r\nReceived: {out}\r\nFrom: a@example.com\r\n\r\n".encode()))
        assert (found.hops[1].wait.kind, found.hops[1].wait.confidence) == ("held", "medium")
        assert codes(found) == ["hop-delayed"]

    def test_quarantine_of_exchange_online(self):
        again = (
            "from A1.prod.outlook.com (2603:10a6:1::1) by A1.prod.outlook.com (2603:10a6:1::1) with MailboxResubmission "
            f"by AntispamTT id 15.20.1.1; {at(5000)}"
        )
        edge = f"from a.example (192.0.2.1) by X1.mail.protection.outlook.com (10.0.0.1) with Microsoft SMTP Server id 15.20.1.1 via Frontend Transport; {at(0)}"
        found = rebuild(parse(f"Received: {again}\r\nReceived: {edge}\r\nFrom: a@example.com\r\n\r\n".encode()))
        assert (found.hops[1].wait.kind, found.hops[1].wait.confidence) == ("held", "medium")

    def test_what_is_fetched_lay_in_a_mailbox(self):
        given = postfix("out.example.com", "out.example.com", "192.0.2.1", "mx.example.net", date=at(0))
        fetched = f"from mx.example.net [192.0.2.9] by localhost with IMAP (fetchmail-6.4) for b@localhost; {at(300)}"
        found = rebuild(parse(f"Received: {fetched}\r\nReceived: {given}\r\nFrom: a@example.com\r\n\r\n".encode()))
        assert (found.hops[1].wait.kind, found.hops[1].wait.confidence) == ("held", "medium")
        assert "in the mailbox until it was fetched" in found.hops[1].wait.why

    def test_from_the_date_to_the_first_hop(self):
        assert chain(10, 11, 12, date=0).hops[0].wait.seconds == 10.0
        assert chain(10, 11, 12, date=0).hops[0].wait.kind == "submission"
        assert chain(10, 11, 12).hops[0].wait is None
        late = chain(10, 11, 12, date=1000).hops[0].wait
        assert (late.kind, late.seconds, late.clock_seconds) == ("clock", 0.0, -990.0)

    def test_where_the_time_went(self):
        found = chain(0, 5, 500, 505)
        assert (found.slowest, found.waited_seconds) == (2, 505.0)
        assert chain(0, 0, 0).slowest is None
        assert (chain(0).waited_seconds, chain(0).slowest) == (None, None)

    @given(st.lists(st.integers(-10_000, 10_000), min_size=2, max_size=12))
    def test_sums(self, seconds):
        found = chain(*seconds)
        waits = [hop.wait for hop in found.hops[1:]]
        assert all(wait.seconds >= 0 for wait in waits)
        assert found.waited_seconds == pytest.approx(sum(wait.seconds for wait in waits))
        for hop in found.hops[1:]:
            assert hop.wait.seconds + hop.wait.clock_seconds == pytest.approx(hop.delay_seconds)
            assert hop.wait.why


POSTGREY = "X-Greylist: delayed 307 seconds by postgrey-1.37 at mx.example.net; Tue, 20 Oct 2026 12:05:08 +0000"


class TestGreylisting:
    """Stated by a field: as true as its writer."""

    @pytest.mark.parametrize(
        ("field", "stated"),
        [
            (POSTGREY, "5 min 7 s"),
            (
                "X-Greylist: Delayed for 00:05:12 by milter-greylist-4.6 (mx.example.net [192.0.2.9]); today",
                "5 min 12 s",
            ),
            (
                "X-Greylist: Delayed for 1 day, 00:05:12 by milter-greylist-4.6 (mx.example.net [192.0.2.9])",
                "1 d 5 min",
            ),
            ("X-Greylist: delayed 307 seconds by SQLgrey-1.8", "5 min 7 s"),
        ],
    )
    def test_by_the_receiving_side(self, field, stated):
        found = chain(0, 1, 310, extra={2: [field]})
        wait = found.hops[2].wait
        assert (wait.kind, wait.confidence, wait.seconds) == ("greylisting", "high", 309.0)
        assert stated in wait.why
        finding = next(one for one in found.findings if one.code == "hop-greylisted")
        assert finding.evidence[0].source == "header:X-Greylist[0]"

    @pytest.mark.parametrize(
        "field",
        [
            "X-Greylist: Sender IP whitelisted, not delayed by milter-greylist-4.6 (mx.example.net [192.0.2.9])",
            "X-Greylist: Sender passed SPF test, not delayed by milter-greylist-4.6",
            "X-Greylist: delayed forever",
        ],
    )
    def test_a_field_that_states_no_delay(self, field):
        assert chain(0, 1, 310, extra={2: [field]}).hops[2].wait.confidence == "low"

    def test_below_the_border_s_field_anyone_can_have_written_it(self):
        found = chain(0, 1, 310, extra={1: [POSTGREY]})
        assert (found.hops[2].wait.kind, found.hops[2].wait.confidence) == ("greylisting", "low")

    def test_it_does_not_speak_of_another_host(self):
        other = POSTGREY.replace("mx.example.net", "mx.elsewhere.example")
        assert "states" not in chain(0, 1, 310, extra={2: [other]}).hops[2].wait.why

    def test_nothing_waited(self):
        assert chain(0, 1, 2, extra={2: [POSTGREY]}).hops[2].wait.kind == "transfer"
