"""The loop of the peers that are Python: every message once, class by class, in CPU time."""

import json
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

Entry = dict[str, Any]
Judge = Callable[[bytes, Entry], dict[str, Any]]


def entries(place: Path, share: float) -> list[Entry]:
    """Return the manifest's messages, the first of each class up to that share of it."""
    messages = json.loads((place / "manifest.json").read_text("utf-8"))["messages"]
    classes: dict[str, list[Entry]] = {}
    for entry in messages:
        classes.setdefault(entry["class"], []).append(entry)
    return [entry for found in classes.values() for entry in found[: max(1, int(len(found) * share + 0.5))]]


def own_peak() -> int:
    """Return the most memory that this process had, in octets."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main(make: Callable[[Path], tuple[Judge, dict[str, str]]]) -> None:
    """Judge the corpus named on the command line; `make` builds the judge from its directory."""
    place, share = Path(sys.argv[1]), float(sys.argv[2])
    judge, versions = make(place)
    found = measure(place, entries(place, share), judge, {"Python": sys.version.split()[0], **versions})
    json.dump(found, sys.stdout)


def measure(
    place: Path,
    chosen: Sequence[Entry],
    judge: Judge,
    versions: Mapping[str, str],
    clock: Callable[[], float] = time.process_time,
    peak: Callable[[], int] = own_peak,
) -> dict[str, Any]:
    """Judge each message once; `clock` tells the CPU seconds, `peak` the octets of memory of what does the work."""
    judge((place / chosen[0]["file"]).read_bytes(), chosen[0])
    verdicts = []
    classes: dict[str, list[float]] = defaultdict(lambda: [0.0, 0])
    kinds: dict[str, list[float]] = defaultdict(lambda: [0.0, 0])
    start, wall = clock(), time.perf_counter()
    before = start
    for entry in chosen:
        with open(place / entry["file"], "rb") as file:  # noqa: PTH123 - what `Path` adds is not the peer's doing
            verdicts.append(judge(file.read(), entry))
        now = clock()
        for total in (classes[entry["class"]], kinds[entry["kind"]]):
            total[0] += now - before
            total[1] += 1
        before = now
    return {
        "versions": versions,
        "cpu": before - start,
        "wall": time.perf_counter() - wall,
        "classes": classes,
        "kinds": kinds,
        "rss": peak(),
        "verdicts": verdicts,
    }
