"""The transport verdict, by DESIGN."""

import pytest

from mailtrace.records import replace
from mailtrace.results import Scope, Security, Standing
from mailtrace.verdict.transport import answer, answer_claimed
from tests.verdict.build import a_hop, a_message, a_path, a_transport

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
