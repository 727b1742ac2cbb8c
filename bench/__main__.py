"""`python -m bench [NAME]...`: measure everything, or what is named."""

import importlib
import sys
from collections.abc import Iterator, Sequence

from bench.machine import machine
from bench.runner import Comparison, Growth, Result, Skipped

MEASUREMENTS = {
    "path": "bench.growth:path_growth",
    "header": "bench.growth:header_growth",
    "report": "bench.report:report",
    "startup": "bench.startup:startup",
}
COMPARED = ("measurement", "against", "ours ms", "peer ms", "ratio", "+-", "rounds")
GROWN = ("measurement", "n", "n ms", "2n ms", "exponent", "+-", "rounds")


def main(names: Sequence[str]) -> int:
    """Measure and print; 2 if a name is not known."""
    unknown = [name for name in names if name not in MEASUREMENTS]
    if unknown:
        print(f"no such measurement: {', '.join(unknown)} (there are: {', '.join(MEASUREMENTS)})", file=sys.stderr)
        return 2
    results = []
    for name in names or MEASUREMENTS:
        for result in measure(name):
            print(f"  {result.name}", file=sys.stderr)
            results.append(result)
    print(machine())
    print("CPU time; ratio = ours / peer, below 1 is faster; exponent 1 = linear in the input")
    for line in tables(results):
        print(line)
    return 0


def measure(name: str) -> Iterator[Result]:
    """Make one measurement. What is not installed or not built is skipped, with its reason."""
    module, _, function = MEASUREMENTS[name].partition(":")
    try:
        yield from getattr(importlib.import_module(module), function)()
    except ImportError as error:
        yield Skipped(name=name, reason=str(error))


def tables(results: Sequence[Result]) -> Iterator[str]:
    """Lay the results out: comparisons, growth, what was skipped."""
    for kind, heads in ((Comparison, COMPARED), (Growth, GROWN)):
        rows = [result.row() for result in results if isinstance(result, kind)]
        if rows:
            yield ""
            yield from _table(heads, rows)
    for result in results:
        if isinstance(result, Skipped):
            yield f"\nskipped {result.name}: {result.reason}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    for row in (heads, *rows):
        words = (
            cell.ljust(w) if at < 2 else cell.rjust(w) for at, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(words).rstrip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
