"""What is made of the times: medians, paired ratios, and how work grows with its input."""

import math
import statistics
from collections.abc import Sequence


def median(times: Sequence[float]) -> float:
    """Return the middle one (the mean of the two middle ones)."""
    return statistics.median(times)


def paired_ratio(times: Sequence[tuple[float, float]]) -> float:
    """Return the median of first/second, each ratio taken inside one round.

    What slows a round down slows both halves of it, so the ratio survives where the medians of the two would not.
    """
    return median([first / second for first, second in times])


def exponent(times: Sequence[tuple[float, float]], factor: float = 2.0) -> float:
    """Fit `time ~ n ** exponent` to rounds of (time at n, time at factor*n): 1 is linear, 2 quadratic."""
    return median([math.log(larger / smaller, factor) for smaller, larger in times])


def spread(times: Sequence[float]) -> float:
    """Return how far the rounds lie apart: half the distance of the quartiles, as a share of the median."""
    if len(times) < 2:
        return 0.0
    lower, _, upper = statistics.quantiles(times, n=4, method="inclusive")
    return (upper - lower) / 2 / median(times)
