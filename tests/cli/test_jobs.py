"""Many messages by worker processes: the same output in the same order, whatever dies, is interrupted or asks DNS."""

import gzip
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from tests.cli.conftest import CODE, MESSAGE, SPOOF
from tests.resolver.servers import Responder, reply

DNS = ("--dns", "dns.json")
LINE = b"From ann@example.com Fri May  1 10:00:00 2026\r\n"


def message(number):
    made = SPOOF if number % 7 == 3 else MESSAGE
    return made.replace(b"Subject: Hello", b"Subject: number %d" % number) + b"x\r\n" * (number % 5)


@pytest.fixture(autouse=True)
def mail(folder):
    """A mailbox of 120, the same packed, a directory of 20 with something else in it, and a big message, packed."""
    box = b"".join(LINE + message(n) + b"\r\n" for n in range(120))
    (folder / "box").write_bytes(box)
    (folder / "box.gz").write_bytes(gzip.compress(box))
    (folder / "dir").mkdir()
    for n in range(20):
        (folder / "dir" / f"{n:02d}.eml").write_bytes(message(n))
    (folder / "dir" / "cat.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    (folder / "big.gz").write_bytes(gzip.compress(MESSAGE + b"a line of the body\r\n" * 20_000))
    return ("box", "nosuch", "box.gz", "dir", "big.gz", "empty", "good.eml", "big.gz")


@pytest.mark.parametrize("form", ["jsonl", "text", "json"])
def test_workers_write_what_one_process_writes(shell, mail, form):
    one = shell("analyze", *DNS, "--format", form, "--jobs", "1", *mail)
    three = shell("analyze", *DNS, "--format", form, "--jobs", "3", *mail)
    assert one[0] == 66
    assert three == one
    if form == "jsonl":
        found = [json.loads(line) for line in one[1].splitlines()]
        assert [r["source"]["position"] for r in found if r["source"]["name"] == "box"] == list(range(120))
        assert len(found) == 265


@pytest.mark.parametrize("sources", [("good.eml",), ("cat.jpg", "good.eml"), ("one",)])
@pytest.mark.parametrize("form", ["text", "json"])
def test_few_messages_look_the_same_however_many_workers(shell, folder, sources, form):
    (folder / "one").mkdir()
    (folder / "one" / "one.eml").write_bytes(MESSAGE)
    (folder / "one" / "cat.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    assert shell("analyze", *DNS, "--format", form, "--jobs", "1", *sources) == shell(
        "analyze", *DNS, "--format", form, "--jobs", "4", *sources
    )


def test_private_files_are_gone(folder):
    (folder / "tmp").mkdir()
    environment = os.environ | {"TMPDIR": str(folder / "tmp")}
    done = subprocess.run(
        [sys.executable, "-c", CODE, "analyze", *DNS, "--jsonl", "--jobs", "2", "--fail-on", "none", "big.gz", "big.gz"],
        cwd=folder, env=environment, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert list((folder / "tmp").iterdir()) == []


PATCHED = """\
import os, signal, sys, time
import mailtrace.report as report
import mailtrace.cli.work as work
import mailtrace.cli.pool
real = work.analyze
def analyze(file, *, source, **rest):
    {what}
    return real(file, source=source, **rest)
work.analyze = analyze
from mailtrace.cli import main
sys.argv[0] = 'mailtrace'
main()
"""


def patched(folder, what, *arguments, **extra):
    """Start the program with something done before each message is analysed."""
    code = PATCHED.replace("{what}", what)
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | extra
    return subprocess.Popen([sys.executable, "-c", code, *arguments], cwd=folder, **streams)


forked = pytest.mark.skipif(sys.platform != "linux", reason="what is patched here is inherited by a fork only")


@forked
@pytest.mark.parametrize("form", ["jsonl", "text"])
def test_a_worker_that_dies_costs_one_message(shell, folder, form):
    arguments = ("analyze", *DNS, "--format", form, "--fail-on", "none")
    process = patched(
        folder, "source.position in (0, 40, 41) and os.kill(os.getpid(), 9)", *arguments, "--jobs", "2", "box"
    )
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 70
    assert errors.decode().splitlines() == [
        f"mailtrace: box #{n}: the worker process that was at it died (signal 9)" for n in (0, 40, 41)
    ]
    _, whole, _ = shell(*arguments, "--jobs", "1", "box")
    if form == "text":
        assert output.decode().count(" box #") == 117
        return
    found, wanted = output.decode().splitlines(), whole.splitlines()
    assert [line for n, line in enumerate(found) if n not in (0, 40, 41)] == [
        line for n, line in enumerate(wanted) if n not in (0, 40, 41)
    ]
    dead = json.loads(found[40])
    assert (dead["error"]["code"], dead["source"]["position"]) == ("worker-died", 40)


@forked
def test_workers_that_all_die_are_an_error_a_message(folder):
    process = patched(folder, "os.abort()", "analyze", *DNS, "--jsonl", "--jobs", "2", "box")
    output, _ = process.communicate(timeout=300)
    found = [json.loads(line) for line in output.splitlines()]
    assert process.returncode == 70
    assert [r["source"]["position"] for r in found] == list(range(120))
    assert {r["error"]["code"] for r in found} == {"worker-died"}


def children(pid):
    """Return the processes that a process has started."""
    return [int(n) for n in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until(holds, seconds=30):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


@forked
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL, signal.SIGTERM], ids=lambda how: how.name)
def test_no_worker_outlives_the_run(folder, how):
    process = patched(
        folder, "source.position and time.sleep(0.1)", "analyze", *DNS, "--jsonl", "--jobs", "3", "box",
        start_new_session=True,
    )  # fmt: skip
    for _ in range(3):
        process.stdout.readline()
    workers = children(process.pid)
    assert len(workers) == 3
    if how is signal.SIGINT:
        os.killpg(process.pid, how)  # as a terminal does: to everybody
    else:
        process.send_signal(how)
    _, errors = process.communicate(timeout=60)
    if how is signal.SIGINT:
        assert (process.returncode, errors) == (130, b"mailtrace: interrupted\n")
    until(lambda: not any(map(is_alive, workers)))


@forked
def test_a_reader_that_has_seen_enough_ends_the_workers(folder):
    process = patched(folder, "time.sleep(0.01)", "analyze", *DNS, "--jsonl", "--jobs", "2", "box", "box", "box", "box")
    process.stdout.readline()
    until(lambda: children(process.pid))
    workers = children(process.pid)
    process.stdout.close()
    process.stdout = None
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, b"")
    assert not any(map(is_alive, workers))


@forked
def test_little_is_read_ahead_of_what_is_written(folder):
    (folder / "box").write_bytes(b"".join(LINE + message(n) + b"\r\n" for n in range(400)))
    what = (
        "exec(\"while source.position == 1 and not os.path.exists('go'): time.sleep(0.01)\");"
        " source.position > 1 and open('seen', 'a').write('x')"
    )
    process = patched(folder, what, "analyze", *DNS, "--jsonl", "--jobs", "2", "box")
    until((folder / "seen").exists)
    sizes = [0]
    while (size := (folder / "seen").stat().st_size) > sizes[-1]:
        sizes.append(size)
        time.sleep(1)
    (folder / "go").touch()
    from mailtrace.cli.pool import AHEAD, MOST_AT_ONCE

    assert 0 < sizes[-1] <= 2 * AHEAD + MOST_AT_ONCE
    output, _ = process.communicate(timeout=120)
    assert len(output.splitlines()) == 400


SPAWNED = CODE.replace("import sys;", "import sys; sys.platform = 'other'; import mailtrace.cli.pool;")


def test_without_fork(folder, shell):
    arguments = ("analyze", *DNS, "--jsonl", "--jobs", "2", "--keys", "dns.json", "box", "big.gz")
    done = subprocess.run(
        [sys.executable, "-c", SPAWNED, *arguments], cwd=folder, capture_output=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout.decode(), done.stderr.decode()) == shell(*arguments[:5], "1", *arguments[6:])


def respond(query):
    name = query.question[0].name.to_text(omit_final_dot=True)
    kind = query.question[0].rdtype.name
    texts = {"example.com": '"v=spf1 ip4:192.0.2.0/24 -all"', "_dmarc.example.com": '"v=DMARC1; p=reject"'}
    time.sleep(0.01)
    return reply(query, f"TXT {texts[name]}") if kind == "TXT" and name in texts else reply(query, rcode=3)


@pytest.mark.server
@pytest.mark.parametrize("recorded", [False, True])
def test_every_question_is_asked_once_by_all_workers(shell, recorded):
    asked = {}
    with Responder(respond, workers=2) as server:
        record = ("--record", "new.json") if recorded else ()
        for jobs in ("1", "3"):
            server.asked.clear()
            options = ("--jsonl", "--resolver", server.address, "--jobs", jobs, *record)
            status, output, errors = shell("analyze", *options, "box")
            assert (status, errors) == (10, "")
            asked[jobs] = sorted(server.asked), output
    assert asked["3"][0] == asked["1"][0]
    assert asked["1"][0].count("_dmarc.example.com") == 1

    def timeless(output):
        return [json.loads(line) | {"inputs": None} for line in output.splitlines()]

    assert timeless(asked["3"][1]) == timeless(asked["1"][1])
    if recorded:
        played = shell("analyze", "--jsonl", "--dns", "new.json", "--jobs", "2", "box")
        assert [json.loads(line)["authentication"] for line in played[1].splitlines()] == [
            json.loads(line)["authentication"] for line in asked["3"][1].splitlines()
        ]


@pytest.mark.server
@forked
def test_a_worker_that_dies_with_live_dns(folder):
    with Responder(respond, workers=2) as server:
        process = patched(
            folder, "source.position == 40 and os.kill(os.getpid(), 9)",
            "analyze", "--jsonl", "--resolver", server.address, "--jobs", "2", "box",
        )  # fmt: skip
        output, errors = process.communicate(timeout=120)
    found = [json.loads(line) for line in output.splitlines()]
    assert process.returncode == 70, errors
    assert [n for n, report in enumerate(found) if "error" in report] == [40]
    assert len(found) == 120
    assert {report["dns"]["unanswered"] for report in found if "dns" in report} == {0}
