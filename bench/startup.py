"""What it costs to start: whole processes, in the CPU time of the children."""

import resource
import subprocess
import sys
from collections.abc import Iterator

from bench.runner import Comparison, Result, Skipped, Work, interleave
from bench.scale import Scale

COMMANDS = {
    "start: mailtrace --help": ["-c", "from mailtrace.cli import main; main(['--help'])"],
    "start: import mailtrace": ["-c", "import mailtrace"],
    "start: import mailtrace.report": ["-c", "import mailtrace.report"],
}


def startup(scale: Scale) -> Iterator[Result]:
    """Start each, against an interpreter that does nothing."""
    for name, arguments in COMMANDS.items():
        tried = _run(arguments)
        if tried.returncode:
            yield Skipped(name=name, reason=(tried.stderr.strip().splitlines() or ["it failed"])[-1])
            continue
        times = interleave(_start(arguments), _start(["-c", "pass"]), rounds=scale.starts, clock=_children)
        yield Comparison(name=name, peer="python -c pass", times=times)


def _run(arguments: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False, timeout=60)


def _start(arguments: list[str]) -> Work:
    return lambda: _run(arguments)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
