"""`--engine dask`: a cluster writes what one process writes, and a worker that is lost costs nothing."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.cli.test_jobs import LINE as SEPARATOR
from tests.cli.test_jobs import MESSAGE, gzip, message
from tests.ports import free_port

pytest.importorskip("distributed")
pytestmark = pytest.mark.server
OPTIONS = ("analyze", "--dns", "dns.json", "--jsonl")
CLUSTERED = (*OPTIONS, "--engine", "dask")


@pytest.fixture(autouse=True)
def mail(folder):
    (folder / "box").write_bytes(b"".join(SEPARATOR + message(n) + b"\r\n" for n in range(150)))
    (folder / "big.gz").write_bytes(gzip.compress(MESSAGE + b"a line of the body\r\n" * 20_000))


@pytest.fixture
def cluster(folder):
    """A scheduler and two workers on loopback, all of them processes of their own."""
    address = f"tcp://127.0.0.1:{free_port()}"
    quiet = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    scheduler = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", address, "--no-dashboard"]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    started = [subprocess.Popen(scheduler, env=environment, **quiet)]
    started += [subprocess.Popen([*worker, "--no-dashboard"], env=environment, **quiet) for _ in range(2)]
    yield address, started[1:]
    for process in started:
        process.kill()
        process.wait()


def test_a_cluster_of_this_machine_writes_the_same(shell):
    sources = ("box", "nosuch", "big.gz", "good.eml")
    assert shell(*CLUSTERED, "--jobs", "2", *sources) == shell(*OPTIONS, "--jobs", "1", *sources)


def test_what_a_killed_worker_was_at_is_done_again(start, shell, folder, cluster):
    address, workers = cluster
    process = start(*CLUSTERED, "--scheduler", address, "--output", "out", "box", "big.gz", "box", "box")
    end = time.monotonic() + 90
    while not (folder / "out").exists() or (folder / "out").stat().st_size == 0:
        assert time.monotonic() < end
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)
    workers[0].send_signal(signal.SIGKILL)
    _, errors = process.communicate(timeout=120)
    one = shell(*OPTIONS, "--jobs", "1", "--output", "one", "box", "big.gz", "box", "box")
    assert (process.returncode, errors) == (one[0], b"")
    assert (folder / "out").read_bytes() == (folder / "one").read_bytes()


def test_nobody_there(shell, monkeypatch):
    monkeypatch.setattr("mailtrace.cli.cluster.CONNECT_SECONDS", 1)
    status, output, errors = shell(*CLUSTERED, "--scheduler", f"tcp://127.0.0.1:{free_port()}", "good.eml")
    assert (status, output) == (69, "")
    (line,) = errors.splitlines()
    assert line.startswith("mailtrace: --engine dask: the cluster at tcp://127.0.0.1:")


def test_without_the_extra(folder):
    code = "import sys; sys.modules['distributed'] = None; from mailtrace.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, *CLUSTERED, "good.eml"], cwd=folder, capture_output=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.splitlines() == [
        b"mailtrace: analyze: --engine dask: install mailtrace with the extra [cluster] to use it"
    ]
