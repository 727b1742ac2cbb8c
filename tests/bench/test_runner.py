"""The arithmetic of the measurements, under a clock that moves only when work is done."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import arithmetic
from bench.__main__ import MEASUREMENTS, main, tables
from bench.runner import MOST_REPEATS, Comparison, Growth, Skipped, grow, interleave, milliseconds

TIMES = st.floats(min_value=1e-6, max_value=1e3, allow_nan=False)


class Clock:
    """CPU time that passes only in `work`."""

    def __init__(self):
        self.now = 0.0
        self.log = []

    def __call__(self):
        return self.now

    def work(self, name, seconds):
        def run():
            self.now += seconds
            self.log.append(name)

        return run


@pytest.mark.parametrize(("times", "expected"), [([3, 1, 2], 2), ([4, 1, 2, 3], 2.5), ([7], 7)])
def test_median(times, expected):
    assert arithmetic.median(times) == expected


def test_the_ratio_is_taken_inside_a_round():
    """A machine that is ten times slower in one round changes nothing."""
    assert arithmetic.paired_ratio([(1, 2), (10, 20), (3, 6)]) == 0.5


@pytest.mark.parametrize("power", [0, 1, 1.5, 2, 3])
def test_the_fit_finds_the_power(power):
    times = [(n**power, (2 * n) ** power) for n in (10, 100, 1000)]
    assert arithmetic.exponent(times) == pytest.approx(power)


def test_the_fit_for_another_factor():
    assert arithmetic.exponent([(1, 100)], factor=10) == pytest.approx(2)


def test_one_disturbed_round_does_not_move_the_fit():
    assert arithmetic.exponent([(1, 2), (1, 2), (1, 50)]) == pytest.approx(1)


def test_spread():
    assert arithmetic.spread([5, 5, 5]) == 0
    assert arithmetic.spread([5]) == 0
    assert arithmetic.spread([8, 9, 10, 11, 12]) == pytest.approx(0.1)


@given(st.lists(st.tuples(TIMES, TIMES), min_size=1, max_size=9))
def test_the_ratio_lies_between_the_rounds_and_turns_over_with_the_sides(times):
    ratios = [first / second for first, second in times]
    assert min(ratios) <= arithmetic.paired_ratio(times) <= max(ratios)
    if len(times) % 2:
        turned = arithmetic.paired_ratio([(second, first) for first, second in times])
        assert math.isclose(turned * arithmetic.paired_ratio(times), 1)


def test_two_pieces_of_work_are_taken_in_turns():
    clock = Clock()
    times = interleave(clock.work("a", 1.0), clock.work("b", 3.0), rounds=4, clock=clock)
    assert times == ((1.0, 3.0),) * 4
    assert "".join(clock.log) == "ab" + "ab" + "ba" + "ab" + "ba"  # once each to warm up; then who begins alternates


def test_short_work_is_repeated_until_the_clock_sees_it():
    clock = Clock()
    ((first, second),) = interleave(clock.work("a", 0.0001), clock.work("b", 1.0), rounds=1, clock=clock)
    assert (first, second) == (pytest.approx(0.0001), pytest.approx(1.0))
    assert clock.log.count("a") >= 200
    assert clock.log.count("b") == 2


def test_work_that_takes_no_time_ends():
    clock = Clock()
    ((first, second),) = interleave(clock.work("a", 0.0), clock.work("b", 1.0), rounds=1, clock=clock)
    assert 0 < first < second
    assert clock.log.count("a") <= 3 * MOST_REPEATS


def test_growth_builds_its_inputs_once():
    built = []

    def make(size):
        built.append(size)
        return lambda: sum(range(size))

    growth = grow(make, name="sum", size=1000, unit="numbers", rounds=3)
    assert built == [1000, 2000]
    assert len(growth.times) == 3


def test_the_rows():
    comparison = Comparison(name="report", peer="loop", times=((0.001, 0.002), (0.003, 0.006), (0.002, 0.004)))
    growth = Growth(name="scan", size=5000, unit="octets", times=((0.1, 0.2),))
    assert comparison.row() == ("report", "loop", "2", "4", "0.50", "25%", "3")
    assert growth.row() == ("scan", "5,000 octets", "100", "200", "1.00", "0%", "1")


def test_milliseconds():
    assert [milliseconds(seconds) for seconds in (0.00000123, 0.0123, 0.1234, 12.34)] == [
        "0.00123",
        "12.3",
        "123",
        "12340",
    ]


def test_the_tables_are_aligned_and_say_what_was_skipped():
    results = [
        Growth(name="a", size=1, unit="x", times=((1, 2),)),
        Growth(name="a longer name", size=1, unit="x", times=((1, 4),)),
        Skipped(name="report", reason="no samples"),
    ]
    lines = list(tables(results))
    assert lines[-1] == "\nskipped report: no samples"
    assert len({len(line) for line in lines[1:4]}) == 1
    assert lines[3].split() == ["a", "longer", "name", "1", "x", "1000", "4000", "2.00", "0%", "1"]


def test_an_unknown_name_is_refused(capsys):
    assert main(["no-such"]) == 2
    assert "no-such" in capsys.readouterr().err


def test_every_measurement_names_a_function():
    assert all(value.count(":") == 1 and value.startswith("bench.") for value in MEASUREMENTS.values())
