"""`python -m bench [NAME]... [--size smoke|small|full] [--write]`: measure everything, or what is named.

It ends with 1 if a verdict of ours differs from the manifest, and never by the clock.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Iterator, Sequence

from bench.figures import Disagreement, Figure, Table
from bench.machine import interpreter, machine
from bench.peers import OURS
from bench.runner import Comparison, Growth, Result, Skipped
from bench.scale import SCALES, Scale
from bench.written import RESULTS, WRONG, changes, grouped, write

MEASUREMENTS = {
    "peers": "bench.side_by_side:side_by_side",
    "hops": "bench.slopes:hops",
    "cli": "bench.command_line:command_line",
    "instructions": "bench.command_line:instructions",
    "memory": "bench.command_line:memory",
    "mailboxes": "bench.many:mailboxes",
    "workers": "bench.many:workers",
    "grep": "bench.grep:grep",
    "dns": "bench.live:live",
    "slopes": "bench.slopes:slopes",
    "path": "bench.growth:path_growth",
    "header": "bench.growth:header_growth",
    "hostile": "bench.hostile:hostile",
    "autopsy": "bench.autopsies:autopsies",
    "report": "bench.report:report",
    "startup": "bench.startup:startup",
}
NOT_IN_SMOKE = ("memory", "slopes", "path", "header", "hostile", "autopsy", "report", "startup")
COMPARED = ("measurement", "against", "ours ms", "peer ms", "ratio", "+-", "rounds")
GROWN = ("measurement", "n", "n ms", "2n ms", "exponent", "+-", "rounds")
CHANGED = ("figure", "measured", "must [aim]", "", "written", "change", "note")


def main(arguments: Sequence[str]) -> int:
    """Measure and print; 1 if a verdict is wrong, 2 if a name is not known."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure mailtrace, beside its peers.")
    parser.add_argument("names", nargs="*", help=f"of {', '.join(MEASUREMENTS)}")
    parser.add_argument("--size", choices=SCALES, default="full")
    parser.add_argument("--write", action="store_true", help="write bench/RESULTS.md")
    given = parser.parse_args(arguments)
    unknown = [name for name in given.names if name not in MEASUREMENTS]
    if unknown:
        print(f"no such measurement: {', '.join(unknown)} (there are: {', '.join(MEASUREMENTS)})", file=sys.stderr)
        return 2
    # A program that is installed finds its bytecode; without it every start would compile everything anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    scale = SCALES[given.size]
    results: list[Result] = []
    for name in given.names or [name for name in MEASUREMENTS if not (scale.is_smoke and name in NOT_IN_SMOKE)]:
        print(f"  {name}", file=sys.stderr)
        results.extend(measure(name, scale))
    where = f"{machine()}; corpus {scale.size}"
    print(where)
    print("CPU time; ratio = ours / peer, below 1 is faster; exponent 1 = linear in the input")
    for line in tables(results):
        print(line)
    if given.write:
        write(results, where)
    return 1 if any(isinstance(result, Disagreement) and result.peer == OURS.name for result in results) else 0


def measure(name: str, scale: Scale) -> Iterator[Result]:
    """Make one measurement. What is not installed or not built is skipped, with its reason."""
    module, _, function = MEASUREMENTS[name].partition(":")
    try:
        yield from getattr(importlib.import_module(module), function)(scale)
    except ImportError as error:
        yield Skipped(name=name, reason=str(error))


def tables(results: Sequence[Result]) -> Iterator[str]:
    """Lay the results out: figures beside those written down, comparisons, growth, disagreements, what was skipped."""
    if any(isinstance(result, Figure) for result in results):
        text = RESULTS.read_text("utf-8") if RESULTS.is_file() else ""
        yield ""
        yield from _table(CHANGED, list(changes(results, text)))
        if text and interpreter() not in text:
            yield "What is written down was measured with another interpreter: the changes are of both."
    for kind, heads in ((Comparison, COMPARED), (Growth, GROWN)):
        rows = [result.row() for result in results if isinstance(result, kind)]
        if rows:
            yield ""
            yield from _table(heads, rows)
    for table in results:
        if isinstance(table, Table):
            yield from ("", table.name)
            yield from _table(table.heads, table.rows)
    wrong = [result for result in results if isinstance(result, Disagreement)]
    if wrong:
        yield from ("", "Verdicts that differ from the manifest")
        yield from _table(WRONG, grouped(wrong))
    for result in results:
        if isinstance(result, Skipped):
            yield f"\nskipped {result.name}: {result.reason}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    for row in (heads, *rows):
        words = (
            cell.ljust(w) if at < 2 or heads[at] == "note" else cell.rjust(w)
            for at, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(words).rstrip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
