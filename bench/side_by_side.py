"""All peers on one corpus, in turns, and whether each found what the manifest says: a wrong answer does not count."""

import json
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import arithmetic
from bench.figures import Bound, Disagreement, Figure, Table, rounded
from bench.peers import LIMIT, MAILAUTH, NAIVE, OURS, PEERS, MissingPeerError, Peer
from bench.peers.loop import Entry, entries
from bench.runner import Result, Skipped
from bench.scale import Scale

ROOT = Path(__file__).parent.parent
HEADS = ("peer", "CPU ms/message", "messages/s", "MB/s", "S / M / L ms", "peak MiB", "x limit", "x mailtrace", "wrong")
Run = dict[str, Any]


class PeerError(Exception):
    """A peer is installed and did not do its work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """What each peer said, a round each; `missing`: why others are not there."""

    of: Mapping[str, Sequence[Run]]
    missing: Mapping[str, str]


def side_by_side(scale: Scale) -> Iterator[Result]:
    """Run every peer that is installed."""
    place = scale.corpus
    runs = run_peers(place, scale.rounds)
    for name, reason in runs.missing.items():
        yield Skipped(name=f"peer {name}", reason=reason)
    wrong = disagreements(place, runs)
    yield peer_table(f"The library loop over {place.name}, CPU", place, runs, Counter(one.peer for one in wrong))
    yield kind_table(runs)
    yield from ratios(runs)
    ours = [one for one in wrong if one.peer == OURS.name]
    yield Figure(name="verdicts that differ from the manifest", value=len(ours), unit="", bound=Bound(must=0, aim=0))
    yield from wrong


def run_peers(place: Path, rounds: int, peers: Sequence[Peer] = PEERS) -> Runs:
    """Run them one after the other, round by round, so that what disturbs a round disturbs all."""
    commands, missing = {}, {}
    for peer in peers:
        try:
            commands[peer] = [*peer.command(), str(place), str(peer.share), *peer.after]
        except MissingPeerError as reason:
            missing[peer.name] = str(reason)
    found: dict[str, list[Run]] = {peer.name: [] for peer in commands}
    for turn in range(rounds):
        ordered = list(commands.items())
        for peer, command in ordered[turn % len(ordered) :] + ordered[: turn % len(ordered)]:
            found[peer.name].append(run(peer.name, command))
    return Runs(of=found, missing=missing)


def run(name: str, command: Sequence[str]) -> Run:
    """Run one peer once. Raises PeerError with its last line if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        raise PeerError(f"{name}: {(done.stderr.strip().splitlines() or ['it failed'])[-1]}")
    answer: Run = json.loads(done.stdout)
    return answer


def disagreements(place: Path, runs: Runs) -> list[Disagreement]:
    """Hold every verdict of every peer against the manifest."""
    shares = {peer.name: peer.share for peer in PEERS}
    wrong: list[Disagreement] = []
    for name, rounds in runs.of.items():
        messages = entries(place, shares[name])
        for entry, verdicts in zip(messages, rounds[0]["verdicts"], strict=True):
            wrong += differing(name, entry, verdicts)
    return wrong


def differing(peer: str, entry: Entry, verdicts: Mapping[str, Any]) -> Iterator[Disagreement]:
    """Compare what was found of one message with what it was made to be."""
    for method, found in verdicts.items():
        expected = entry["expected"][method]
        same = _unordered(found) == _unordered(expected) if method == "dkim" else found == expected
        if not same:
            yield Disagreement(
                peer=peer,
                file=entry["file"],
                kind=entry["kind"],
                method=method,
                found=_words(found),
                expected=_words(expected),
            )


def _unordered(signatures: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    return sorted(tuple(one) for one in signatures)


def _words(verdict: Any) -> str:
    if isinstance(verdict, str):
        return verdict
    return ", ".join(f"{domain} {'pass' if passed else 'no pass'}" for domain, passed in verdict) or "no signature"


def per_message(run: Run) -> float:
    """CPU seconds of one message."""
    return float(run["cpu"]) / len(run["verdicts"])


def paired(runs: Runs, first: str, second: str) -> float | None:
    """Return the median of the ratios inside a round; None if one of them did not run."""
    if not (runs.of.get(first) and runs.of.get(second)):
        return None
    pairs = zip(runs.of[first], runs.of[second], strict=True)
    return arithmetic.paired_ratio([(per_message(one), per_message(other)) for one, other in pairs])


def ratios(runs: Runs) -> Iterator[Figure]:
    """What must hold of the library's speed."""
    wanted = (
        ("library: mailauth's time / ours", MAILAUTH, OURS, Bound(must=2.5, aim=4, at_least=True)),
        ("library: the naive loop's time / ours", NAIVE, OURS, Bound(must=12, aim=20, at_least=True)),
        ("library: our time / the limit's", OURS, LIMIT, Bound(must=6, aim=3.5)),
    )
    for name, first, second, bound in wanted:
        ratio = paired(runs, first.name, second.name)
        if ratio is not None:
            yield Figure(name=name, value=ratio, unit="x", bound=bound)


def peer_table(name: str, place: Path, runs: Runs, wrong: Mapping[str, int]) -> Table:
    """One line a peer."""
    rows = []
    for peer in PEERS:
        rounds = runs.of.get(peer.name)
        if not rounds:
            continue
        cost = arithmetic.median([per_message(one) for one in rounds])
        chosen = entries(place, peer.share)
        octets = sum(entry["octets"] for entry in chosen) / len(chosen)
        judged = any(rounds[0]["verdicts"])
        rows.append(
            (
                f"{peer.name} ({peer.what}; {versions(rounds[0])})",
                rounded(cost * 1000),
                rounded(1 / cost),
                rounded(octets / cost / 1e6),
                " / ".join(
                    _milliseconds(rounds[0]["classes"][name]) for name in dict.fromkeys(e["class"] for e in chosen)
                ),
                rounded(rounds[0]["rss"] / 2**20),
                _ratio(paired(runs, peer.name, LIMIT.name)),
                _ratio(paired(runs, peer.name, OURS.name)),
                f"{wrong.get(peer.name, 0)} of {len(chosen)}" if judged else "judges nothing",
            )
        )
    return Table(name=name, heads=HEADS, rows=tuple(rows))


def kind_table(runs: Runs) -> Table:
    """What each kind of message costs each peer: what is not as it was signed may cost more than what is."""
    kinds = list(runs.of[OURS.name][0]["kinds"])
    rows = tuple(
        (name, *(_milliseconds(rounds[0]["kinds"].get(kind)) for kind in kinds)) for name, rounds in runs.of.items()
    )
    return Table(name="By kind of message, CPU ms", heads=("peer", *kinds), rows=rows)


def versions(run: Run) -> str:
    """Name what a peer is made of."""
    return ", ".join(f"{name} {version}" for name, version in run["versions"].items())


def _milliseconds(total: Sequence[float] | None) -> str:
    return rounded(total[0] / total[1] * 1000) if total else "-"


def _ratio(value: float | None) -> str:
    return "-" if value is None else rounded(value)
