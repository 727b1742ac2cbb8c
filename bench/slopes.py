"""Cost against size, hops and signatures, one peer a line; and the header section with its hop chain alone."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import arithmetic
from bench.corpus.series import Point, series
from bench.figures import Bound, Figure, Series
from bench.peers import LIMIT, MAILAUTH, NAIVE, OURS, PERL, MissingPeerError
from bench.peers.loop import entries
from bench.runner import Result, compare
from bench.scale import Scale
from bench.side_by_side import disagreements, run, run_peers
from mailtrace.message import parse
from mailtrace.path import hop_chain, rebuild

SIZES = [Point(octets=octets) for octets in (5_000, 20_000, 100_000, 500_000, 2_000_000, 8_000_000)]
HOPS = [Point(hops=count) for count in (4, 8, 16, 32, 64, 128)]
SIGNATURES = [Point(signatures=count) for count in (1, 2, 4, 8, 16, 20)]
"""Twenty are evaluated, and the rest are named as not checked."""
DRAWN = (LIMIT, OURS, MAILAUTH, PERL, NAIVE)


def slopes(scale: Scale) -> Iterator[Result]:
    """Run the peers over three corpora of one dimension each."""
    jobs = (
        ("Cost by size", "octets of the body", "sizes", SIZES, [point.octets for point in SIZES]),
        ("Cost by hops", "Received fields", "hops", HOPS, [point.hops for point in HOPS]),
        ("Cost by signatures", "signatures", "signatures", SIGNATURES, [point.signatures for point in SIGNATURES]),
    )
    for title, across, name, points, values in jobs:
        yield from _slope(series(scale.place, name, points), title, across, values, scale)


def _slope(place: Path, title: str, across: str, values: Sequence[int], scale: Scale) -> Iterator[Result]:
    runs = run_peers(place, scale.rounds, DRAWN)
    labels = list(dict.fromkeys(entry["class"] for entry in entries(place, 1)))
    lines = {}
    for name, rounds in runs.of.items():
        costs = [
            arithmetic.median([one["classes"][label][0] / one["classes"][label][1] * 1000 for one in rounds])
            for label in labels
        ]
        lines[name] = [(float(value), max(cost, 0.01)) for value, cost in zip(values, costs, strict=True)]
    yield Series(name=title, across=across, up="CPU ms a message", lines=lines)
    yield from disagreements(place, runs)


def hops(scale: Scale) -> Iterator[Result]:
    """Header section and hop chain, in this process, over the corpus's headers; mailauth's parseReceived in its own."""
    place = scale.corpus
    messages = entries(place, 1)
    headers = [(place / entry["file"]).read_bytes().partition(b"\r\n\r\n")[0] + b"\r\n\r\n" for entry in messages]

    def chained() -> None:
        for header in headers:
            hop_chain(parse(header), ())

    def only_parsed() -> None:
        for header in headers:
            parse(header)

    def observed() -> None:
        for header in headers:
            rebuild(parse(header), ())

    times = compare(chained, only_parsed, name="hops", peer="parse", rounds=scale.rounds).times
    mine, parsed = (arithmetic.median(side) / len(headers) * 1000 for side in zip(*times, strict=True))
    note = f"header section alone {parsed:.3f} ms; mailauth's parseReceived alone {_parse_received(place)}"
    yield Figure(
        name="header section and hop chain", value=mine, unit="ms", bound=Bound(must=0.25, aim=0.15), note=note
    )
    more = [one for one, _ in compare(observed, only_parsed, name="path", peer="parse", rounds=scale.rounds).times]
    note = "with clocks and waits, other readings of the border, related fields, signs of forgery, findings"
    yield Figure(
        name="header section and the whole path",
        value=arithmetic.median(more) / len(headers) * 1000,
        unit="ms",
        note=note,
    )


def _parse_received(place: Path) -> str:
    try:
        found = run(MAILAUTH.name, [*MAILAUTH.command(), str(place), "0", *MAILAUTH.after])
    except MissingPeerError as reason:
        return str(reason)
    return f"{found['cpu'] / found['messages'] * 1000:.3f} ms"
