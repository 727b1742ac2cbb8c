"""Two processes of the tests never get the same port: a server that could not start would be taken for the other one."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests import ports

OTHER = """
from tests import ports
ports.PORTS = range({first}, {first} + 4)
print([ports.free_port() for _ in range(3)], flush=True)
input()
"""


def test_another_process_has_others(monkeypatch):
    first = ports.free_port()
    monkeypatch.setattr(ports, "_claims", ports._claims | {first: None})
    call = [sys.executable, "-c", OTHER.format(first=first)]
    root = Path(__file__).parent.parent
    with subprocess.Popen(call, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        theirs = other.stdout.readline()
        monkeypatch.setattr(ports, "PORTS", range(first, first + 4))
        with pytest.raises(RuntimeError):
            ports.free_port()
        other.communicate("\n", timeout=60)
    assert str(first) not in theirs
