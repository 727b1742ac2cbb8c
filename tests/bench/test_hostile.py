"""What is made to cost, costs in proportion: the calls that a report takes are counted, and no time is."""

import sys

import pytest

from bench import hostile
from bench.hostile import BUILDERS
from mailtrace.report import analyze
from mailtrace.resolver.recorded import from_mapping

DNS = from_mapping(hostile.DNS)


def calls(raw):
    """Count the calls, of Python's functions and of C's, that the report on a message takes."""
    counted = 0

    def count(_frame, event, _argument):
        nonlocal counted
        counted += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        analyze(raw, dns=DNS)
    finally:
        sys.setprofile(before)
    return counted


@pytest.mark.parametrize("name", BUILDERS)
def test_twice_as_much_costs_no_more_than_twice(name):
    size, build = BUILDERS[name]
    n = max(size // 200, 200)
    analyze(build(2 * n), dns=DNS)  # what is compiled or looked up once, is
    once, twice = calls(build(n)), calls(build(2 * n))
    assert twice <= 2.2 * once, (once, twice)


@pytest.mark.parametrize("name", BUILDERS)
def test_it_grows_where_it_says(name):
    _, build = BUILDERS[name]
    assert len(build(2000)) > 1.5 * len(build(1000)) - 1000
