"""A server's log: `find` against as many passes of `grep -F` as its join needs, and the memory that it takes.

Following one message takes three passes, since each names what the next one looks for: what is asked for; the queue
ids in those lines (with a filter on the same machine there are two); the ids that the replies name, under which the
next server would have it (and, where an address was asked for, the Message-ID). `find` makes the same three, and reads
what the lines say. The passes run in turns with it, on the same file, with LC_ALL=C; packed logs are not measured.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import arithmetic
from bench.command_line import program
from bench.corpus.maillog import WANTED, maillog
from bench.figures import Bound, Figure, Table
from bench.runner import Result, Skipped
from bench.scale import Scale
from bench.usage import Usage, use

SIZES = {"smoke": 8, "small": 100, "full": 1_000}
"""Megabytes of the log."""
AS_C = {"LC_ALL": "C"}
_QUEUE = re.compile(rb"postfix/\w+\[\d+\]: ([0-9A-Za-z]{10,16}): ")
_NEXT = re.compile(rb"queued as ([0-9A-Za-z]{6,16})|\(250 2\.0\.0 <[^>]*> (\S+) Saved")
_MESSAGE_ID = re.compile(rb"message-id=<([^>]*)>")


def grep(scale: Scale) -> Iterator[Result]:
    """Ask for one message by its Message-ID, and by sender, recipient and time."""
    tool = shutil.which("grep")
    if tool is None:
        yield Skipped(name="grep", reason="no grep here")
        return
    megabytes = SIZES[scale.size]
    path = maillog(scale.place / f"mail-{megabytes}.log", megabytes * 1_000_000, scale.seed)
    people = ("--from", WANTED.sender, "--to", WANTED.local, "--around", WANTED.time)
    first = [tool, "-iF", "-e", WANTED.sender, "-e", WANTED.local]
    jobs = {
        "--message-id": (("--message-id", WANTED.message_id), [tool, "-F", "-e", WANTED.message_id], False),
        "--from, --to, --around": (people, first, True),
    }
    rows = []
    for title, (question, asked, by_people) in jobs.items():
        find = [*program(), "find", *question, "--fail-on", "none", "--json", str(path)]
        passes = _passes(tool, asked, path, by_people=by_people)
        _check(find)
        rounds = [
            (use(find, well=(0, 11)), [use([*words, str(path)], environment=AS_C) for words in passes])
            for _ in range(scale.rounds)
        ]
        yield from _figures(title, megabytes, rounds, is_bound=scale.size == "full")
        for number, words in enumerate(passes):
            took = arithmetic.median([used[number].cpu for _, used in rounds])
            rows.append((title, str(number + 1), " ".join(["grep", *words[1:]]), f"{took * 1000:.0f}"))
    yield from _forced(path, megabytes)
    yield Table(name="The passes of grep", heads=("question", "pass", "command", "CPU ms"), rows=tuple(rows))


def _figures(
    title: str, megabytes: int, rounds: Sequence[tuple[Usage, Sequence[Usage]]], *, is_bound: bool
) -> Iterator[Figure]:
    """Say how it went. Over a small log starting outweighs the work: only the large one is held to the bound."""
    pairs = [(ours.cpu, sum(one.cpu for one in theirs)) for ours, theirs in rounds]
    mine, other = (arithmetic.median([pair[at] for pair in pairs]) for at in (0, 1))
    wall = arithmetic.paired_ratio([(ours.wall, sum(one.wall for one in theirs)) for ours, theirs in rounds])
    yield Figure(
        name=f"log of {megabytes:,} MB: find {title}, our CPU / {len(rounds[0][1])} passes of grep -F",
        value=arithmetic.paired_ratio(pairs),
        unit="x",
        bound=Bound(must=3, aim=2) if is_bound else None,
        note=f"{mine:.2f} s against {other:.2f} s; {wall:.2g} x in wall time, load {os.getloadavg()[0]:.1f}",
    )
    yield Figure(
        name=f"log of {megabytes:,} MB: find {title}, peak memory",
        value=max(ours.peak for ours, _ in rounds) / 2**20,
        unit="MiB",
        # 100 MB, in MiB
        bound=Bound(must=95, aim=60),
    )


def _forced(path: Path, megabytes: int) -> Iterator[Figure]:
    """Report on the transfers to three domains: every line on a connection is looked at, and the log is read twice."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as domains:
        domains.write("site001.example\nsite002.example verify\npartner.example\n")
        domains.flush()
        used = use([*program(), "find", "--forced-tls", domains.name, "--csv", str(path)], well=(10, 11))
    yield Figure(
        name=f"log of {megabytes:,} MB: find --forced-tls, peak memory",
        value=used.peak / 2**20,
        unit="MiB",
        bound=Bound(must=95, aim=60),
        note=f"{used.cpu:.1f} s CPU",
    )


def _passes(tool: str, first: list[str], path: Path, *, by_people: bool) -> list[list[str]]:
    """Return the commands: what each looks for stands in what the one before has printed."""
    found = _output(first, path)
    own = sorted({match[1] for match in _QUEUE.finditer(found)})
    second = [tool, "-F", *_patterns(own)]
    found = _output(second, path)
    named = {match[1] or match[2] for match in _NEXT.finditer(found)} - set(own)
    if by_people:
        named |= {match[1] for match in _MESSAGE_ID.finditer(found)}
    return [first, second, [tool, "-F", *_patterns(sorted(named))]]


def _output(words: list[str], path: Path) -> bytes:
    return subprocess.run([*words, str(path)], capture_output=True, check=True, env={**os.environ, **AS_C}).stdout


def _patterns(needles: Sequence[bytes]) -> list[str]:
    return [word for needle in needles for word in ("-e", needle.decode("ascii"))]


def _check(find: list[str]) -> None:
    """See that it finds what there is, before it is timed."""
    done = subprocess.run(find, capture_output=True, check=False)
    outcomes = {one["address"]: one["outcome"] for one in json.loads(done.stdout)["recipients"]}
    expected = {WANTED.local: "delivered", WANTED.remote: "handed-over"}
    assert outcomes, "nothing found"
    assert outcomes.items() <= expected.items(), outcomes
