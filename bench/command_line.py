"""Whole processes: one message as JSON and as text, help, 25 MB, memory, and instructions, which repeat exactly."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import arithmetic
from bench.corpus.series import Point, series
from bench.figures import Bound, Figure
from bench.peers import PLACE, MissingPeerError, node
from bench.runner import Result, Skipped
from bench.scale import Scale
from bench.usage import Usage, use

ONE = Point(octets=17_000)
LARGE = Point(octets=25_000_000)
SOME = (Point(octets=4_000), LARGE, Point(octets=100_000_000))
HASH = {"PYTHONHASHSEED": "0"}
_COUNTED = re.compile(r"Collected : (\d+)")


def analyze(place: Path, name: str, *options: str) -> list[str]:
    """Return our command for one message of a corpus."""
    words = ["analyze", str(place / name), "--dns", str(place / "zone.json"), "--fail-on", "none", *options]
    return [*program(), *words]


def program() -> list[str]:
    """Return the command that is installed."""
    return [str(Path(sys.executable).with_name("mailtrace"))]


def mailauth(place: Path, name: str) -> list[str]:
    """Return mailauth's command for the same. Raises MissingPeerError."""
    script = PLACE / "node_modules/mailauth/bin/mailauth.js"
    return [node(), str(script), "report", "-n", str(place / "zone.mailauth.json"), str(place / name)]


def command_line(scale: Scale) -> Iterator[Result]:
    """Time one message of 19 KB and one of 25 MB, against mailauth's command."""
    place = series(scale.place, "one", [ONE], copies=1)
    name = f"{ONE.label}0000.eml"
    terminal = analyze(place, name, "--color", "always")
    jobs = [
        (
            "CLI: 19 KB, JSON, our CPU / mailauth report's",
            analyze(place, name, "--json"),
            False,
            Bound(must=0.3, aim=0.15),
        ),
        ("CLI: 19 KB, text on a terminal, our CPU / mailauth report's", terminal, True, Bound(must=0.45, aim=0.25)),
    ]
    for title, ours, at_terminal, bound in jobs:
        yield from _against(title, ours, place, name, bound, scale, terminal=at_terminal)
    large = series(scale.place, "large", [LARGE], copies=1)
    name = f"{LARGE.label}0000.eml"
    title = "CLI: 25 MB, JSON, our CPU / mailauth report's"
    yield from _against(title, analyze(large, name, "--json"), large, name, Bound(must=0.3, aim=0.15), scale)
    helped = arithmetic.median([use([*program(), "--help"]).cpu for _ in range(scale.starts)])
    nothing = arithmetic.median([use([sys.executable, "-c", "pass"]).cpu for _ in range(scale.starts)])
    note = f"python -c pass: {nothing * 1000:.0f} ms"
    yield Figure(name="CLI: --help, CPU", value=helped * 1000, unit="ms", bound=Bound(must=60, aim=40), note=note)


def _against(
    title: str,
    ours: Sequence[str],
    place: Path,
    name: str,
    bound: Bound,
    scale: Scale,
    *,
    terminal: bool = False,
) -> Iterator[Result]:
    try:
        peer = mailauth(place, name)
    except MissingPeerError as reason:
        yield Skipped(name=title, reason=f"mailauth: {reason}")
        return
    pairs: list[tuple[Usage, Usage]] = [(use(ours, terminal=terminal), use(peer)) for _ in range(scale.starts)]
    ratio = arithmetic.paired_ratio([(one.cpu, other.cpu) for one, other in pairs])
    mine, other = (arithmetic.median([pair[at].cpu for pair in pairs]) * 1000 for at in (0, 1))
    peak = max(one.peak for one, _ in pairs) / 2**20
    note = f"{mine:.0f} ms, {peak:.0f} MiB; mailauth {other:.0f} ms, {max(o.peak for _, o in pairs) / 2**20:.0f} MiB"
    yield Figure(name=title, value=ratio, unit="x", bound=bound, note=note)


def memory(scale: Scale) -> Iterator[Result]:
    """Peak memory of one large message, above that of a small one."""
    place = series(scale.place, "memory", SOME, copies=1)
    small, *large = (use(analyze(place, f"{point.label}0000.eml", "--json")) for point in SOME)
    for point, used in zip(SOME[1:], large, strict=True):
        yield Figure(
            name=f"memory: {point.octets // 10**6} MB message, above a small one",
            value=(used.peak - small.peak) / 2**20,
            unit="MiB",
            bound=Bound(must=45, aim=30),
            note=f"small one {small.peak / 2**20:.0f} MiB, {used.cpu:.2f} s CPU",
        )


def instructions(scale: Scale) -> Iterator[Result]:
    """Count the instructions: exact to the last digit on one machine with one interpreter."""
    if shutil.which("valgrind") is None:
        yield Skipped(name="instructions", reason="no valgrind here")
        return
    place = series(scale.place, "one", [ONE], copies=1)
    name = f"{ONE.label}0000.eml"
    jobs = {
        "--help": [*program(), "--help"],
        "19 KB, JSON": analyze(place, name, "--json"),
        "19 KB, text": analyze(place, name, "--color", "never"),
    }
    for title, command in jobs.items():
        yield Figure(name=f"instructions: {title}", value=_count(command) / 1e6, unit="million")


def _count(command: Sequence[str]) -> int:
    environment = {**os.environ, **HASH, "LC_ALL": "C.UTF-8", "COLUMNS": "80"}
    use(command)  # so that its bytecode is there
    with tempfile.TemporaryDirectory() as place:
        tool = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={place}/out", sys.executable]
        done = subprocess.run([*tool, *command], capture_output=True, text=True, check=True, env=environment)
    return sum(int(number) for number in _COUNTED.findall(done.stderr))
