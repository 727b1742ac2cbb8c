"""What a command uses: CPU time, wall time, peak memory; run by a small process between, which has no large past.

A child's ru_maxrss begins with what its parent had in memory when it was forked: so the parent is an interpreter that
has loaded next to nothing.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# Reads and counts what the command writes; `terminal`: through a pseudo-terminal, as a person would see it.
LAUNCHER = """
import json, os, pty, sys, time
out, terminal, *command = sys.argv[1:]
reader, writer = pty.openpty() if terminal == "terminal" else os.pipe()
start = time.perf_counter()
actions = [(os.POSIX_SPAWN_DUP2, writer, 1), (os.POSIX_SPAWN_CLOSE, reader)]
pid = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
os.close(writer)
first, written = None, 0
while True:
    try:
        read = os.read(reader, 65536)
    except OSError:
        break
    if not read:
        break
    first = first or time.perf_counter() - start
    written += len(read)
_, status, used = os.wait4(pid, 0)
wall = time.perf_counter() - start
found = {"cpu": used.ru_utime + used.ru_stime, "wall": wall, "first": first or wall, "peak": used.ru_maxrss * 1024,
    "written": written, "status": os.waitstatus_to_exitcode(status)}
with open(out, "w") as file:
    json.dump(found, file)
"""


class FailedError(Exception):
    """The command ended otherwise than it should."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Seconds and octets."""

    cpu: float
    wall: float
    first: float
    """Seconds until its first octet of output."""
    peak: int
    written: int
    status: int


def use(
    command: Sequence[str],
    *,
    terminal: bool = False,
    environment: Mapping[str, str] | None = None,
    well: Sequence[int] = (0,),
) -> Usage:
    """Run it. Raises FailedError with its last line if it does not end well."""
    with tempfile.TemporaryDirectory() as place:
        out = Path(place) / "usage.json"
        launcher = [sys.executable, "-I", "-S", "-c", LAUNCHER, str(out), "terminal" if terminal else "pipe"]
        done = subprocess.run(
            [*launcher, *command],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env={**os.environ, **(environment or {})},
        )
        if done.returncode == 0:
            used = Usage(**json.loads(out.read_text("utf-8")))
            if used.status in well:
                return used
    raise FailedError(f"{' '.join(command[:4])}: {(done.stderr.strip().splitlines() or ['it failed'])[-1]}")
