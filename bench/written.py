"""bench/RESULTS.md: what was measured, as a page; and how today's figures differ from those on it."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bench.figures import Disagreement, Figure, Series, Table
from bench.plots import plot
from bench.runner import Comparison, Growth, Result, Skipped

HERE = Path(__file__).parent
RESULTS = HERE / "RESULTS.md"
FIGURES = ("figure", "measured", "must [aim]", "", "note")
COMPARED = ("measurement", "against", "ours ms", "peer ms", "ratio", "±", "rounds")
GROWN = ("measurement", "n", "n ms", "2n ms", "exponent", "±", "rounds")
WRONG = ("peer", "method", "kind", "times", "such as", "found", "expected")
_NUMBER = re.compile(r"-?[\d.,]+(e[+-]?\d+)?")


def write(results: Sequence[Result], machine: str) -> None:
    """Write the page and its plots."""
    for series in results:
        if isinstance(series, Series):
            (HERE / f"{_file(series)}.svg").write_text(plot(series), "utf-8")
    RESULTS.write_text("\n".join(page(results, machine)) + "\n", "utf-8")


def page(results: Sequence[Result], machine: str) -> Iterator[str]:
    """Make the page, line by line."""
    yield "# What was measured"
    yield ""
    yield f"Made by `make bench`; not written by hand. {machine}."
    yield ""
    yield "CPU time is user and system time of the loop or of the child process; medians of rounds taken in turns, and"
    yield "ratios taken inside a round. The corpus is generated (bench/corpus); DNS is answered from a recording, the"
    yield "same for all (Rspamd asks a server on loopback that answers from it). Peers are told the client's address,"
    yield "HELO and MAIL FROM; mailtrace is told the same. Rspamd keeps records and keys between messages and reads"
    yield "text parts as well: its verdicts are compared, its time is not."
    yield "A distribution's Python is built with profiles of what programs do; one that pyenv built is not, and takes a"
    yield "quarter more. PYTHON=/usr/bin/python3 VENV=.venv-system make bench measures with the system's."
    for kind, heads, title in (
        (Figure, FIGURES, "Figures"),
        (Comparison, COMPARED, "Against a peer"),
        (Growth, GROWN, "Growth"),
    ):
        rows = [result.row() for result in results if isinstance(result, kind)]
        if rows:
            yield from ("", f"## {title}", "", *markdown(heads, rows))
    for table in results:
        if isinstance(table, Table):
            yield from ("", f"## {table.name}", "", *markdown(table.heads, table.rows))
    wrong = [result for result in results if isinstance(result, Disagreement)]
    yield from ("", "## Verdicts that differ from the manifest", "")
    yield from markdown(WRONG, grouped(wrong)) if wrong else ["None."]
    for series in results:
        if isinstance(series, Series):
            yield from ("", f"## {series.name}", "", f"![{series.name}]({_file(series)}.svg)")
    missing = [f"- {result.name}: {result.reason}" for result in results if isinstance(result, Skipped)]
    if missing:
        yield from ("", "## Not measured", "", *missing)


def grouped(wrong: Sequence[Disagreement]) -> list[tuple[str, ...]]:
    """Put disagreements of one sort on one line."""
    groups: dict[tuple[str, str, str], list[Disagreement]] = defaultdict(list)
    for one in wrong:
        groups[one.peer, one.method, one.kind].append(one)
    return [(*key, str(len(found)), found[0].file, found[0].found, found[0].expected) for key, found in groups.items()]


def markdown(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lay a table out."""
    yield f"| {' | '.join(heads)} |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '/') for cell in row)} |"


def written_figures(text: str) -> Mapping[str, float]:
    """Read the figures of a page."""
    found = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        number = _NUMBER.match(cells[1]) if line.startswith("|") and len(cells) == len(FIGURES) else None
        if number:
            found[cells[0]] = float(number[0].replace(",", ""))
    return found


def changes(results: Sequence[Result], text: str) -> Iterator[tuple[str, ...]]:
    """Set today's figures beside the page's: name, measured, then, change."""
    before = written_figures(text)
    for figure in results:
        if isinstance(figure, Figure):
            then = before.get(figure.name)
            change = f"{figure.value / then - 1:+.1%}" if then else ""
            yield (*figure.row()[:4], "" if then is None else f"{then:g}", change, figure.note)


def _file(series: Series) -> str:
    return re.sub(r"[^a-z]+", "-", series.name.lower()).strip("-")
