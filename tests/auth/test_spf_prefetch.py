"""Looking ahead for SPF: rounds, bounds, and that it decides and counts nothing."""

from mailtrace.auth.spf import check_spf
from mailtrace.auth.spf_prefetch import MAX_NAMES, prefetch
from mailtrace.auth.types import Session
from mailtrace.resolver import Mode, Question, RRType
from mailtrace.resolver.ledger import Ledger
from mailtrace.resolver.recorded import from_mapping


class Rounds:
    """A recording that notes which questions were asked together."""

    mode = Mode.LIVE
    recorded_at = None

    def __init__(self, **texts):
        names = {name.replace("_", "."): entry for name, entry in texts.items()}
        answers = {name: {"TXT": [entry]} if isinstance(entry, str) else entry for name, entry in names.items()}
        self._zone = from_mapping({"mailtrace_dns": 1, "default": "NXDOMAIN", "answers": answers})
        self.rounds = []

    def resolve(self, name, rrtype):
        return self._zone.resolve(name, rrtype)

    def prefetch(self, questions):
        self.rounds.append([f"{rrtype} {name}" for name, rrtype in questions])

    def for_message(self):
        return self


SESSION = Session(client_ip="192.0.2.1", helo="mail.a.example", mail_from="ann@a.example")


def rounds(session=SESSION, **texts):
    dns = Rounds(**texts)
    ledger = Ledger(dns)
    prefetch(session, (), ledger)
    assert ledger.answers == ()  # looking ahead is not asking
    return dns.rounds


def test_breadth_first():
    assert rounds(
        a_example="v=spf1 include:b.example a mx:c.example exists:%{i}.d.example -all redirect=e.example",
        b_example="v=spf1 +A:f.example/24 ?mx/24 -all",
        c_example={"MX": ["10 mx.c.example", "0 ."]},
    ) == [
        ["TXT a.example", "TXT mail.a.example"],
        ["TXT b.example", "A a.example", "MX c.example", "TXT e.example"],
        ["A f.example", "MX b.example", "A mx.c.example"],
    ]


def test_what_else_is_needed_goes_with_the_first_round():
    dns = Rounds(a_example="v=spf1 a -all")
    others = [Question("s1._domainkey.a.example", RRType.TXT), Question("a.example", RRType.TXT)]
    prefetch(SESSION, others, Ledger(dns))
    assert dns.rounds == [
        ["TXT a.example", "TXT mail.a.example", "TXT s1._domainkey.a.example"],
        ["A a.example"],
    ]
    dns.rounds.clear()
    prefetch(Session(client_ip=None, helo=None, mail_from=None), others, Ledger(dns))
    assert dns.rounds == [["TXT s1._domainkey.a.example", "TXT a.example"]]


def test_the_client_s_family():
    session = Session(client_ip="2001:db8::1", helo=None, mail_from="ann@a.example")
    assert rounds(session, a_example="v=spf1 a -all")[1] == ["AAAA a.example"]


def test_nothing_without_a_client_or_a_name():
    assert rounds(Session(client_ip=None, helo="a.example", mail_from="<>")) == []
    assert rounds(Session(client_ip="192.0.2.1", helo="[192.0.2.1]", mail_from="<>")) == []


def test_a_loop_ends():
    assert len(rounds(a_example="v=spf1 include:b.example", b_example="v=spf1 include:a.example")) == 2


def test_the_sender_does_not_choose_how_much_is_asked():
    wide = "v=spf1 " + " ".join(f"include:i{n}.example" for n in range(500))
    asked = rounds(a_example=wide, **{f"i{n}_example": wide for n in range(500)})
    assert sum(map(len, asked)) == MAX_NAMES


def test_what_was_looked_for_is_what_the_evaluation_needs():
    dns = Rounds(a_example="v=spf1 include:b.example mx -all", b_example="v=spf1 a:c.example -all",
                 c_example={"A": ["192.0.2.9"]})  # fmt: skip
    ledger = Ledger(dns)
    prefetch(SESSION, (), ledger)
    check_spf(SESSION, dns=ledger)
    ahead = {question for together in dns.rounds for question in together}
    assert {f"{answer.rrtype} {answer.name}" for answer in ledger.answers} <= ahead
