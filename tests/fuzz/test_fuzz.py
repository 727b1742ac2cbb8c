"""A short run of every fuzz target on each test run; `make fuzz` runs them for longer."""

import contextlib
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailtrace.errors import MailtraceError
from tests.fuzz.targets import TARGETS, spell

EXAMPLES = int(os.environ.get("MAILTRACE_FUZZ_EXAMPLES", "0"))

short = settings(
    max_examples=EXAMPLES or 40,
    derandomize=not EXAMPLES,  # a normal run is the same each time; the long one goes looking
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
targets = pytest.mark.parametrize("name", sorted(TARGETS))


def survive(name, octets):
    with contextlib.suppress(MailtraceError):
        TARGETS[name].feed(octets)


@targets
@short
@given(octets=st.binary(max_size=2000))
def test_any_octets(name, octets):
    survive(name, octets)


@targets
@short
@given(octets=st.binary(max_size=300))
def test_tokens_of_the_grammar(name, octets):
    survive(name, spell(octets, TARGETS[name].alphabet))


@targets
def test_long_runs_of_one_token(name):
    """What is linear finishes; what nests does not overflow the stack."""
    for token in TARGETS[name].alphabet:
        survive(name, token * 5_000)
