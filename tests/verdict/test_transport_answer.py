"""The transport verdict, by DESIGN."""

import pytest

from mailtrace.records import replace
from mailtrace.resolver import Mode
from mailtrace.results import Confidence, Scope, Security, Standing, TLSBasis, TransportAnswer
from mailtrace.transport.types import TLSInfo
from mailtrace.verdict.authenticity import DNSTime, decide
from mailtrace.verdict.transport import answer, answer_claimed
from mailtrace.verdict.words import next_steps, summary
from tests.verdict.build import a_hop, a_message, a_path, a_transport, an_authentication

E, C, U, L = Security.ENCRYPTED, Security.CLEARTEXT, Security.UNRECORDED, Security.LOCAL


def path_of(count, standing):
    message = a_message()
    return a_path(message, *(a_hop(message, index, standing=standing) for index in range(count)))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((E,), "encrypted"),
        ((E, E, L), "encrypted"),
        ((C, C), "cleartext"),
        ((U,), "unrecorded"),
        ((E, C), "partly-encrypted"),
        ((E, U), "partly-encrypted"),
        ((C, U), "partly-encrypted"),
        ((L,), "local"),
    ],
)
def test_answer(words, expected):
    assert answer(path_of(len(words), Standing.TRUSTED), a_transport(*words)) == expected
    assert answer_claimed(path_of(len(words), Standing.CLAIMED), a_transport(*words)) == expected


NO_TLS = TLSInfo(
    version=None, cipher=None, bits=None, forward_secrecy=None, peer_verified=None, basis=TLSBasis.COMMENT
)  # fmt: skip
SURE, UNSURE = Confidence.HIGH, Confidence.MEDIUM


@pytest.mark.parametrize(
    ("hops", "sentence"),
    [
        ([(E, SURE)], "It was handed over encrypted, as recorded by mx0.example.net."),
        ([(C, SURE)], "It was handed over without encryption, as recorded by mx0.example.net."),
        (
            [(C, UNSURE)],
            "It was probably handed over without encryption: mx0.example.net recorded none, but may not write it down.",
        ),
        ([(C, UNSURE), (C, SURE)], "It was handed over without encryption, as recorded by mx1.example.net."),
        (
            [(E, SURE), (C, SURE)],
            "Only a part of the way is recorded as encrypted: the hop to mx1.example.net was not encrypted.",
        ),
        (
            [(E, SURE), (C, UNSURE)],
            "Only a part of the way is recorded as encrypted: the hop to mx1.example.net was probably not encrypted.",
        ),
        (
            [(U, SURE), (E, SURE)],
            "Only a part of the way is recorded as encrypted: the hop to mx0.example.net is not recorded as encrypted.",
        ),
        (
            [(U, SURE), (C, SURE)],
            "No part of the way is recorded as encrypted: the hop to mx1.example.net was not encrypted.",
        ),
    ],
)
def test_the_sentence_says_no_more_than_the_hops(hops, sentence):
    message = a_message()
    facts = a_transport(*(word for word, _ in hops))
    received = a_hop(message).received
    told = tuple(
        (a_hop(message, n, received=replace(received, by=f"mx{n}.example.net")), replace(one, confidence=confidence))
        for n, (one, (_, confidence)) in enumerate(zip(facts.hops, hops, strict=True))
    )
    path = a_path(message, *(hop for hop, _ in told))
    word = answer(path, facts)
    decision = decide(message, path, an_authentication(), DNSTime(mode=Mode.RECORDED, at=None))
    assert summary(message, path, told, an_authentication(), decision, word).endswith(f" {sentence}")


@pytest.mark.parametrize(
    ("hops", "step"),
    [
        (
            [(C, SURE)],
            "Ask the administrators of the server that handed it over (192.0.2.1) why it did not use TLS; ",
        ),
        ([(C, UNSURE)], "Ask the administrators of the server that handed it over (192.0.2.1) whether it used TLS; "),
        ([(E, SURE), (C, SURE)], "Ask the administrators of the server that handed it over (203.0.113.8) why it did "),
        ([(U, SURE), (E, SURE)], "The log of mx0.example.net would say whether TLS was used."),
        ([(U, SURE)], "The log of mx0.example.net would say whether TLS was used."),
    ],
)
def test_the_step_asks_those_who_can_know(hops, step):
    """Whoever handed over on the hop that the sentence names, and only where it is sure that TLS was not used: why."""
    message = a_message()
    facts = a_transport(*(word for word, _ in hops))
    received = a_hop(message).received
    told = tuple(
        (
            a_hop(message, n, received=replace(received, by=f"mx{n}.example.net", client_ip=f"203.0.113.{9 - n}")),
            replace(one, confidence=confidence),
        )
        for n, (one, (_, confidence)) in enumerate(zip(facts.hops, hops, strict=True))
    )
    path = a_path(message, *(hop for hop, _ in told))
    word = answer(path, facts)
    decision = decide(message, path, an_authentication(), DNSTime(mode=Mode.RECORDED, at=None))
    assert next_steps(message, path, told, an_authentication(), decision, word)[-1].startswith(step)


@pytest.mark.parametrize(("version", "words"), [("TLSv1", "TLS 1.0"), ("TLSv1.3", "TLS 1.3"), ("SSLv3", "SSL 3")])
def test_the_version_is_named_as_people_do(version, words):
    message = a_message()
    (facts,) = a_transport(E).hops
    told = ((a_hop(message), replace(facts, tls=replace(NO_TLS, version=version))),)
    decision = decide(message, a_path(message), an_authentication(), DNSTime(mode=Mode.RECORDED, at=None))
    said = summary(message, a_path(message), told, an_authentication(), decision, TransportAnswer.ENCRYPTED)
    assert said.endswith(f" It was handed over with {words}, as recorded by mx.example.net.")


def test_internal_hops_do_not_decide():
    assert answer(path_of(1, Standing.TRUSTED), a_transport(C, scope=Scope.INTERNAL)) == "local"


def test_no_hops():
    message = a_message()
    empty = replace(a_path(message, border=None), hops=())
    assert answer(empty, replace(a_transport(), hops=())) == "unrecorded"
    assert answer_claimed(path_of(1, Standing.TRUSTED), a_transport(E)) is None


def test_claimed_and_contradicted_hops_do_not_decide():
    message = a_message()
    hops = (a_hop(message, 0, standing=Standing.CONTRADICTED), a_hop(message, 1, standing=Standing.TRUSTED))
    path = a_path(message, *hops)
    assert answer(path, a_transport(C, E)) == "encrypted"
    assert answer_claimed(path, a_transport(C, E)) is None


@pytest.mark.parametrize("standing", [Standing.CONTRADICTED, Standing.CLAIMED])
def test_it_is_local_only_if_no_hop_says_otherwise(standing):
    """A border whose clock is wrong is no trusted record; that it took the message over from outside stands there."""
    message = a_message()
    path = a_path(message, a_hop(message, standing=standing), a_hop(message, 1))
    transport = a_transport(E, L)
    inside = replace(transport, hops=(transport.hops[0], replace(transport.hops[1], scope=Scope.INTERNAL)))
    assert answer(path, inside) == "unrecorded"
