"""Live DNS at 30 ms a question: how many round trips a message waits for."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench import arithmetic
from bench.corpus.domains import SPF
from bench.figures import Bound, Figure, Table, rounded
from bench.peers.loop import Entry, entries
from bench.peers.mailtrace_loop import session
from bench.runner import Result
from bench.scale import Scale
from mailtrace.report import analyze
from mailtrace.resolver.live import live_resolver

DELAY = 0.030
SLOW = 0.300
"""So long that our own time does not count: what is measured is the number of rounds."""
TREE = next(shape for shape, _ in SPF if "_tree" in shape)
"""An include of an include, twice: SPF's tree is two levels deep."""


def live(scale: Scale) -> Iterator[Result]:
    """Analyse one message of each shape of SPF, each with a memory of its own."""
    chosen: dict[str, Entry] = {}
    for entry in entries(scale.corpus, 1):
        number = int("".join(char for char in entry["author"] if char.isdigit()) or 0)
        if entry["kind"] == "valid" and entry["class"] == "S":
            chosen.setdefault(SPF[number % len(SPF)][0], entry)
    trips, rounds = (_trips(scale, chosen, delay) for delay in (DELAY, SLOW))
    rows = tuple(
        (shape.format(d="example", ip="192.0.2.1", net="2001:db8"), rounded(count), f"{rounds[shape]:.1f}")
        for shape, count in trips.items()
    )
    yield Table(
        name="Live DNS, wall time in round trips of 30 ms", heads=("SPF record", "round trips", "at 300 ms"), rows=rows
    )
    if TREE in trips:
        yield Figure(
            name="live DNS: two levels of include, DKIM, DMARC",
            value=trips[TREE],
            unit="round trips",
            bound=Bound(must=4, aim=3),
            note=f"wall time, our own in it; at 300 ms: {rounds[TREE]:.1f}",
        )
    note = f"at 300 ms: {arithmetic.median(list(rounds.values())):.1f}"
    middle = arithmetic.median(list(trips.values()))
    yield Figure(name="live DNS: median of the shapes", value=middle, unit="round trips", note=note)


def _trips(scale: Scale, chosen: Mapping[str, Entry], delay: float) -> dict[str, float]:
    with server(scale.corpus / "zone.json", delay) as address:
        _waited(scale.corpus, next(iter(chosen.values())), address)  # what is imported on first use
        return {
            shape: arithmetic.median([_waited(scale.corpus, entry, address) for _ in range(scale.rounds)]) / delay
            for shape, entry in chosen.items()
        }


def _waited(corpus: Path, entry: Entry, address: str) -> float:
    raw = (corpus / entry["file"]).read_bytes()
    start = time.perf_counter()
    analyze(raw, dns=live_resolver(address), session=session(entry))
    return time.perf_counter() - start


@contextmanager
def server(zone: Path, delay: float) -> Iterator[str]:
    """Run the slow server; give its address."""
    command = [sys.executable, "-m", "bench.dns_server", str(zone), str(delay * 1000)]
    root = Path(__file__).parent.parent
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield f"127.0.0.1:{process.stdout.readline().strip()}"
        process.stdin.close()
