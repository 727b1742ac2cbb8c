"""Mailboxes: two workers against one, and memory that does not grow with the mailbox."""

import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from bench import arithmetic
from bench.command_line import program
from bench.figures import Bound, Figure, Series
from bench.peers.loop import entries
from bench.runner import Result, Skipped
from bench.scale import Scale
from bench.usage import use

FROM = b"From MAILER-DAEMON Fri May  1 06:00:00 2026\r\n"
BOXES = {"smoke": (2, 8), "small": (5, 20, 80), "full": (10, 100, 500, 2_000)}
"""Megabytes of the mailboxes."""
WORKED = {"smoke": 8, "small": 80, "full": 160}
"""Megabytes of the mailbox that the workers share."""
GIVEN = ("--jsonl", "--fail-on", "none")


def mailbox(corpus: Path, path: Path, megabytes: int) -> int:
    """Write an mbox of about that size from the corpus's messages, again and again; return how many."""
    messages = sorted(entries(corpus, 1), key=lambda entry: hashlib.sha256(entry["file"].encode()).digest())
    count = 0
    with path.open("wb") as box:
        while True:
            for entry in messages:
                if box.tell() >= megabytes * 1_000_000:
                    return count
                raw = (corpus / entry["file"]).read_bytes()
                box.write(FROM + raw.replace(b"\r\nFrom ", b"\r\n>From ") + b"\r\n")
                count += 1


def workers(scale: Scale) -> Iterator[Result]:
    """Two processes against one, in wall time, and the same output."""
    helped = subprocess.run([*program(), "analyze", "--help"], capture_output=True, text=True, check=True).stdout
    if "--jobs" not in helped:
        yield Skipped(name="workers", reason="this mailtrace has no --jobs")
        return
    path = scale.place / "workers.mbox"
    count = mailbox(scale.corpus, path, WORKED[scale.size])
    cores = sorted({1, 2, os.cpu_count() or 2})
    commands = [_command(path, scale, "--jobs", str(number)) for number in cores]
    rounds = [[use(command) for command in commands] for _ in range(scale.rounds)]
    outputs = {subprocess.run(command, capture_output=True, check=True).stdout for command in commands}
    path.unlink()
    gain = arithmetic.paired_ratio([(one[0].wall, one[1].wall) for one in rounds])
    same = "output identical" if len(outputs) == 1 else "output DIFFERENT"
    yield Figure(
        name="workers: two against one",
        value=gain,
        unit="x",
        bound=Bound(must=1.7, aim=1.85, at_least=True),
        note=f"wall time, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; {same}",
    )
    speeds = [(number, arithmetic.median([count / one[at].wall for one in rounds])) for at, number in enumerate(cores)]
    yield Series(
        name="Messages a second by workers",
        across="worker processes",
        up="messages/s",
        lines={"mailtrace": speeds},
        logarithmic=False,
    )


def _command(path: Path, scale: Scale, *options: str) -> list[str]:
    return [*program(), "analyze", str(path), "--dns", str(scale.corpus / "zone.json"), *GIVEN, *options]


def mailboxes(scale: Scale) -> Iterator[Result]:
    """Peak memory over the size of a mailbox, and how soon the first line comes."""
    peaks: list[tuple[float, float]] = []
    sizes = BOXES[scale.size]
    for megabytes in sizes:
        path = scale.place / "memory.mbox"
        mailbox(scale.corpus, path, megabytes)
        used = use(_command(path, scale))
        path.unlink()
        peaks.append((megabytes, used.peak / 2**20))
    yield Figure(
        name="memory: a mailbox, peak",
        value=peaks[-1][1],
        unit="MiB",
        bound=Bound(must=120, aim=80),
        note=f"{sizes[-1]} MB; {sizes[-1] / used.wall:.1f} MB/s wall; first line after {used.first:.2f} s",
    )
    yield Figure(
        name="memory: the largest mailbox / the smallest",
        value=peaks[-1][1] / peaks[0][1],
        unit="x",
        note=f"{sizes[-1]} MB and {sizes[0]} MB",
    )
    yield Series(
        name="Peak memory by mailbox",
        across="MB of the mailbox",
        up="MiB",
        lines={"mailtrace": peaks},
        logarithmic=False,
    )
