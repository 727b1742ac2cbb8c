"""A sentence for a hop: every kind, every answer on encryption, every standing; hostile names shown harmless."""

import itertools
import pathlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtrace.path.types import HopKind, Wait, WaitKind
from mailtrace.records import replace
from mailtrace.render.text import words
from mailtrace.render.text.sentences import sentence
from mailtrace.results import Confidence, Grade, Security, Standing
from tests.render import reports

GOLDEN = pathlib.Path(__file__).parent / "golden"
ALL = list(itertools.product(HopKind, Security, Standing))


def hop(kind=HopKind.SMTP, security=Security.ENCRYPTED, standing=Standing.TRUSTED, **changed):
    login = kind is HopKind.SUBMISSION or None
    given = {
        "helo": "relay.example",
        "client_name": "relay.example",
        "client_ip": "203.0.113.9",
        "by": "mx.example.net",
    }
    shown = reports.transport(security, submission=login)
    return reports.hop(1, 3, kind=kind.value, standing=standing, transport=shown, **(given | changed))


def test_every_combination(golden):
    """Read them all: tests/render/golden/sentences.txt."""
    lines = []
    for kind, security, standing in ALL:
        lines.append(f"{kind.value}, {security.value}, {standing.value}\n  {sentence(hop(kind, security, standing))}\n")
    golden(GOLDEN / "sentences.txt", "".join(lines))


@pytest.mark.parametrize(("kind", "security", "standing"), ALL)
@pytest.mark.parametrize("bare", [False, True])
def test_every_combination_is_plain(kind, security, standing, bare):
    nothing = {"helo": None, "client_name": None, "client_ip": None, "received_at": None, "software": None, "by": None}
    one = hop(kind, security, standing)
    text = sentence(replace(one, **nothing) if bare else one, is_border=standing is Standing.TRUSTED)
    assert text.endswith(".")
    assert not re.search(r"None|  |\(\)|\[\]|,\.|;\.| ,| \.|\.\.|, ,|secure", text)
    assert all(part[0].isupper() or part.startswith("mx.") for part in text.split(". "))
    # Whose word it is, and what it says of encryption, is never left out.
    assert ("receiving side's own record" in text) is (standing is Standing.TRUSTED)
    assert ("the sender's side" in text) is (standing is Standing.CLAIMED) or kind is HopKind.SUBMISSION or bare
    assert ("cannot be as it is written" in text) is (standing is Standing.CONTRADICTED)
    assert ("was encrypted with" in text) is (security is Security.ENCRYPTED)
    assert ("was not encrypted" in text) is (security is Security.CLEARTEXT)
    assert ("is not recorded" in text) is (security is Security.UNRECORDED)


def test_the_border_is_said():
    assert sentence(hop(), is_border=True) == (
        "At 10:00:00 UTC, mx.example.net (Postfix) took the message from relay.example [203.0.113.9]; it was encrypted "
        "with TLS 1.3. That is the receiving side's own record, made when it took the message over."
    )


def test_several_days_are_said():
    assert sentence(hop(), dated=True).startswith("On Tue 20 Oct at 10:00:00 UTC, mx.example.net")


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"client_name": None}, "from [203.0.113.9], which called itself relay.example;"),
        ({"client_name": None, "client_ip": None}, "from a machine that called itself relay.example;"),
        ({"client_name": None, "client_ip": None, "helo": None}, "from a machine that it does not name;"),
        ({"helo": "[203.0.113.9]"}, "from relay.example [203.0.113.9];"),
        ({"helo": "bank.example"}, "from relay.example [203.0.113.9], which called itself bank.example;"),
        ({"by": None, "software": None}, "a server that does not name itself took"),
        ({"received_at": None}, "At a time that is not known, mx.example.net"),
        ({"delay_seconds": 720.0}, "That was 12 min after the step before."),
        ({"delay_seconds": -720.0}, "12 min before the step before: one of the two clocks is wrong."),
        ({"kind": "to-come"}, "noted the message, from relay.example [203.0.113.9];"),
    ],
)
def test_what_a_field_says_and_does_not_say(changed, part):
    assert part in sentence(replace(hop(), **changed))


def waited(kind, seconds=720.0, clock=0.0, confidence=Confidence.MEDIUM):
    wait = Wait(kind=kind, seconds=seconds, clock_seconds=clock, corrected=False, confidence=confidence, why="so")
    return replace(hop(), delay_seconds=seconds + clock, wait=wait)


@pytest.mark.parametrize("kind", WaitKind)
@pytest.mark.parametrize("confidence", Confidence)
def test_every_sort_of_time_is_a_sentence(kind, confidence):
    text = sentence(waited(kind, 720.0, -300.0, confidence))
    assert not re.search(r"None|[{}]|  |\.\.", text)
    if kind in (WaitKind.CLOCK, WaitKind.ZONE):
        assert ("a time zone is wrong by about" if kind is WaitKind.ZONE else "is wrong by 5 min") in text
    else:
        assert "That was 12 min after" in text
    assert ("perhaps" in text) is (
        kind in (WaitKind.GREYLISTING, WaitKind.QUEUE, WaitKind.HELD) and confidence is not Confidence.HIGH
    )


@pytest.mark.parametrize(
    ("kind", "part"),
    [
        (WaitKind.GREYLISTING, "perhaps it was turned away at first, and let in later (greylisting), or"),
        (WaitKind.QUEUE, "perhaps it was waiting in a queue there"),
        (WaitKind.HELD, "perhaps it was held on that machine"),
        (WaitKind.WAITING, "nothing says what it waited for."),
        (WaitKind.SUBMISSION, "after the time that the message itself bears."),
        (WaitKind.ZONE, "a time zone is wrong by"),
    ],
)
def test_what_is_known_of_a_wait_is_said(kind, part):
    assert part in sentence(waited(kind, clock=3600.0))


def test_a_zone_is_wrong_by_whole_hours():
    """RFC 5322 §3.3: what the clocks differ by besides is not the zone's."""
    assert "a time zone is wrong by about 1 h." in sentence(waited(WaitKind.ZONE, 0.0, -3598.0))


def test_a_short_wait_is_not_told():
    assert "step before" not in sentence(waited(WaitKind.TRANSFER, 59.0))


def test_a_clock_that_is_off_is_said_where_the_time_is():
    ahead = sentence(replace(waited(WaitKind.CLOCK, 1.0, 300.0), clock_ahead_seconds=300.0))
    assert ahead.startswith("At 10:00:00 UTC (by a clock that is about 5 min ahead), mx.example.net")
    assert "wrong" not in ahead
    assert "5 min behind)" in sentence(replace(hop(), clock_ahead_seconds=-300.0))


def test_the_hop_behind_a_clock_that_is_off_is_not_blamed():
    behind = waited(WaitKind.CLOCK, 1.0, -300.0)
    assert "wrong" in sentence(behind)
    assert "wrong" not in sentence(replace(behind, wait=replace(behind.wait, corrected=True)))


def test_a_first_hop_that_is_dated_before_the_message_is_held_against_its_own_date():
    first = replace(waited(WaitKind.CLOCK, 0.0, -300.0), index=0, delay_seconds=None)
    assert (
        "The time that the message itself bears is 5 min later: a clock is wrong, or that time was made up."
        in sentence(first)
    )


def test_greylisting_that_the_receiver_states_is_sure():
    grey = waited(WaitKind.GREYLISTING, 300.0)
    stated = replace(grey, wait=replace(grey.wait, confidence=Confidence.HIGH))
    assert "step before: it was turned away at first, and let in later (greylisting)." in sentence(stated)


def test_nothing_is_said_of_what_unknown_software_usually_does():
    unknown = hop(security=Security.CLEARTEXT, software=None)
    assert "as far as can be told, it was not encrypted. It recorded no TLS; whether" in sentence(unknown)
    assert "usually" not in sentence(unknown)


def test_exchange_takes_from_a_mailbox_of_its_own():
    assert "from a mailbox of its own (relay.example" in sentence(hop(HopKind.LOCAL, Security.LOCAL, protocol="mapi"))


def test_what_lay_in_a_mailbox_was_not_held_by_a_filter():
    fetched = replace(waited(WaitKind.HELD), kind=HopKind.RETRIEVAL.value)
    assert "That was 12 min after the step before: it lay in the mailbox until it was fetched." in sentence(fetched)


def test_webmail_crossed_a_network_whatever_its_field_says():
    assert "Nothing crossed" not in sentence(hop(HopKind.HTTP, Security.LOCAL))


def test_cleartext_that_is_only_likely_is_said_to_be_that():
    sure = hop(security=Security.CLEARTEXT)
    likely = replace(sure, transport=replace(sure.transport, confidence=Confidence.MEDIUM))
    assert "; as far as can be told, it was not encrypted. It recorded no TLS" in sentence(likely)
    assert "; it was not encrypted. Its software writes down when TLS is used" in sentence(sure)


def test_a_claim_is_told_no_surer_than_the_same_field_of_the_receiving_side():
    """A stranger's qmail may be silent on TLS as much as one's own."""
    claimed = hop(security=Security.CLEARTEXT, standing=Standing.CLAIMED)
    silent = replace(claimed.transport, confidence=Confidence.LOW, at_its_word=Confidence.MEDIUM)
    assert "; as far as can be told, it was not encrypted. It recorded no TLS" in sentence(
        replace(claimed, transport=silent)
    )
    assert "; it was not encrypted" in sentence(
        replace(claimed, transport=replace(silent, at_its_word=Confidence.HIGH))
    )


def test_a_machine_that_is_a_number_is_the_providers():
    numbered = hop(HopKind.INTERNAL, Security.LOCAL, by="2002:a05:6a10::1", software="Gmail")
    assert ", a machine of Gmail [2002:a05:6a10::1] took the message over" in sentence(numbered)


@pytest.mark.parametrize("seconds", [None, 0.0, 59.0, -59.0])
def test_short_times_are_not_told(seconds):
    assert "step before" not in sentence(replace(hop(), delay_seconds=seconds))


@pytest.mark.parametrize(
    ("grade", "version", "part"),
    [
        (Grade.BROKEN, "SSLv3", "with SSL 3, which is broken."),
        (Grade.WEAK, "TLSv1", "with TLS 1.0, which is outdated."),
        (Grade.BROKEN, "TLSv1.2", "with TLS 1.2, with a cipher that is broken."),
        (Grade.BROKEN, None, "(the version is not stated), with a cipher that is broken."),
        (Grade.ACCEPTABLE, "TLSv1.2", "with TLS 1.2."),
        (None, None, "with TLS (the version is not stated)."),
    ],
)
def test_how_it_was_encrypted(grade, version, part):
    info = reports.tls(version=version, cipher=None, bits=None)
    assert part in sentence(replace(hop(), transport=reports.transport(grade=grade, info=info)))


def test_what_is_not_tls_is_not_called_tls():
    """Google's machines hand over to each other by ALTS, which has no version of TLS, nor is one."""
    alts = hop()
    tls = replace(alts.transport.tls, version=None, cipher=None, protocol="Google Transport Security")
    alts = replace(alts, transport=replace(alts.transport, tls=tls, grade=None))
    assert "; it was encrypted with Google Transport Security. " in sentence(alts)
    assert words.protection(alts) == "Google Transport Security"


def test_a_login_is_said_once():
    assert sentence(hop(HopKind.SUBMISSION)).count("login") == 1
    later = replace(hop(), transport=reports.transport(submission=True))
    assert sentence(later).count("login") == 1


@given(st.text(min_size=1, max_size=300))
def test_hostile_names_are_harmless_and_short(text):
    one = replace(hop(), helo=text, client_name=text, client_ip=text, by=text, software=text)
    said = sentence(one)
    assert said.isprintable()
    assert len(said) < 900
