"""The messages that the search for a change is measured with: signed by their author, altered, and searched to the end."""

import pytest

from bench.autopsies import BUILDERS, evaluations
from mailtrace.auth.autopsy.budget import Budget
from mailtrace.auth.autopsy.examiner import examine
from mailtrace.auth.autopsy.types import Outcome
from mailtrace.message import parse


@pytest.mark.parametrize("name", BUILDERS)
def test_each_is_searched_in_vain_and_within_what_is_allowed(name):
    message = parse(BUILDERS[name]())
    budget = Budget()
    found = examine(message, evaluations(message), None, budget)
    assert {each.outcome for each in found.values()} == {Outcome.UNKNOWN}
    assert len(found) == (20 if name.startswith("20 ") else 1)
    assert budget.hashes >= 0
    assert budget.octets >= 0
