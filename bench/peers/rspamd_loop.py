"""Rspamd, as an oracle for the verdicts: a server of its own, with its modules for SPF, DKIM, DMARC and ARC alone.

What it costs is no measure for ours: it reads text parts and looks for addresses in them as well, keeps SPF records and
keys from one message to the next, and does not parse Received fields as we do. It asks the corpus's zone of a DNS
server on loopback (bench/dns_server.py). CPU time is that of the one process that scans.
"""

import ctypes
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.live import server
from bench.peers.loop import Entry, entries, measure

PR_SET_PDEATHSIG = 1
PATIENCE = 60.0
"""Seconds for it to start, to answer, and to end."""
SPF = {
    "R_SPF_ALLOW": "pass",
    "R_SPF_FAIL": "fail",
    "R_SPF_SOFTFAIL": "softfail",
    "R_SPF_NEUTRAL": "neutral",
    "R_SPF_NA": "none",
    "R_SPF_DNSFAIL": "temperror",
    "R_SPF_PERMFAIL": "permerror",
}
DMARC = {
    "DMARC_POLICY_ALLOW": "pass",
    "DMARC_POLICY_REJECT": "fail",
    "DMARC_POLICY_QUARANTINE": "fail",
    "DMARC_POLICY_SOFTFAIL": "fail",
    "DMARC_NA": "none",
    "DMARC_DNSFAIL": "temperror",
    "DMARC_BAD_POLICY": "permerror",
}
ARC = {
    "ARC_ALLOW": "pass",
    "ARC_REJECT": "fail",
    "ARC_INVALID": "fail",
    "ARC_NA": "none",
    "ARC_DNSFAIL": "temperror",
}
# Nothing of /etc/rspamd is read. `local_addrs`: by default it skips mail from such networks.
CONFIGURATION = """
options {{
  filters = "dkim";
  pidfile = "{place}/rspamd.pid";
  control_socket = "{place}/control.sock mode=0600";
  cache_file = "{place}/symbols.cache";
  hs_cache_dir = "{place}/";
  tempdir = "{place}";
  url_tld = "{place}/suffixes";
  dns {{ nameserver = ["{dns}"]; timeout = 5s; retransmits = 3; sockets = 1; }}
  local_addrs = [];
  task_timeout = 60s;
}}
logging {{ type = "file"; filename = "{place}/log"; level = "warning"; }}
worker "normal" {{ bind_socket = "{place}/normal.sock mode=0600"; count = 1; mime = true; }}
modules {{ path = "${{PLUGINSDIR}}/spf.lua"; path = "${{PLUGINSDIR}}/dmarc.lua"; path = "${{PLUGINSDIR}}/arc.lua"; }}
actions {{ reject = 1000; }}
spf {{ }} dkim {{ }} dmarc {{ }} arc {{ }}
"""
SUFFIXES = ("example", "test")
"""Its own list lacks the reserved top-level domains, and takes ten seconds to be compiled."""


class ServerError(Exception):
    """It did not start, or did not answer."""


class Connection(http.client.HTTPConnection):
    """HTTP over a socket in the file system."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=PATIENCE)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rspamd:
    """One that runs."""

    place: Path
    worker: int
    """The process that scans."""

    def judge(self, raw: bytes, entry: Entry) -> dict[str, Any]:
        """Have it scan a message."""
        connection = Connection(self.place / "normal.sock")
        said = {"IP": entry["ip"], "Helo": entry["helo"], "From": entry["mail_from"]}
        connection.request("POST", "/checkv2", body=raw, headers=said)
        response = connection.getresponse()
        answer = response.read()
        connection.close()
        if response.status != http.client.OK:
            raise ServerError(f"{entry['file']}: {response.status} {answer[:200]!r}")
        return verdicts(json.loads(answer)["symbols"])

    def cpu(self) -> float:
        """Return the seconds that its process has used: user and system."""
        clock = ctypes.c_int()
        # the clock's number of another process is asked of the C library (POSIX); `time` knows only our own
        if ctypes.CDLL(None).clock_getcpuclockid(self.worker, ctypes.byref(clock)):
            raise ServerError("its process has ended")
        return time.clock_gettime(clock.value)

    def peak(self) -> int:
        """Return the most memory that it had, in octets."""
        status = Path(f"/proc/{self.worker}/status").read_text("utf-8")
        return int(next(line for line in status.splitlines() if line.startswith("VmHWM:")).split()[1]) * 1024


def verdicts(symbols: Mapping[str, Any]) -> dict[str, Any]:
    """Read its symbols as the manifest's words.

    >>> verdicts({"R_SPF_NA": {}, "DKIM_TRACE": {"options": ["a.example:+", "b.example:-"]}, "ARC_NA": {}})["dkim"]
    [['a.example', True], ['b.example', False]]
    """
    traces = symbols.get("DKIM_TRACE", {}).get("options", ())
    return {
        "dkim": [[domain, mark == "+"] for domain, _, mark in (trace.rpartition(":") for trace in traces)],
        "spf": _word(SPF, symbols),
        "dmarc": _word(DMARC, symbols),
        "arc": _word(ARC, symbols),
    }


def _word(words: Mapping[str, str], symbols: Mapping[str, Any]) -> str:
    """Say which of them it found; it must have said one, or what it did not check would count as found."""
    return " and ".join(word for symbol, word in words.items() if symbol in symbols) or "not judged"


@contextmanager
def running(command: str, zone: Path) -> Iterator[Rspamd]:
    """Run it with a configuration and a directory of its own, until the block ends."""
    with server(zone, 0.0) as dns, tempfile.TemporaryDirectory(prefix="bench-rspamd-") as directory:
        place = Path(directory)
        configuration = place / "rspamd.conf"
        configuration.write_text(CONFIGURATION.format(place=place, dns=dns), "utf-8")
        (place / "suffixes").write_text("".join(f"{name}\n" for name in SUFFIXES), "utf-8")
        words = [command, "--config", str(configuration), "--no-fork"]
        if os.geteuid() == 0:
            words.append("--insecure")  # it wants to hear that it is meant to stay root; nobody else can reach it
        with (
            (place / "errors").open("wb") as errors,
            subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 - there is one thread here
            ) as main,
        ):
            try:
                yield Rspamd(place=place, worker=_started(main, place))
            finally:
                _end(main)


def _end_with_parent() -> None:
    """Have it told to end when this process is killed and cannot tell it (prctl, Linux)."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _started(main: "subprocess.Popen[bytes]", place: Path) -> int:
    """Wait until it scans; return the process that does."""
    latest = time.monotonic() + PATIENCE
    while time.monotonic() < latest:
        if main.poll() is not None:
            break
        found = _child(main.pid, b"rspamd: normal")
        if found is not None and (place / "normal.sock").exists():
            return found
        time.sleep(0.05)
    said = [path.read_text("utf-8", "replace") for path in (place / "log", place / "errors") if path.is_file()]
    raise ServerError(f"it did not start: {('it said nothing', *''.join(said).splitlines())[-1]}")


def _child(parent: int, title: bytes) -> int | None:
    """Find a process by its parent and by how it calls itself."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            # the name in parentheses may hold anything: what follows the last one are the state and the parent
            if int(status.read_bytes().rpartition(b")")[2].split()[1]) != parent:
                continue
            if (status.parent / "cmdline").read_bytes().startswith(title):
                return int(status.parent.name)
        except OSError:
            continue  # it has ended since
    return None


def _end(main: "subprocess.Popen[bytes]") -> None:
    """Ask it to end, with its processes; it is killed if it does not."""
    main.terminate()
    try:
        main.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        main.kill()


def main(arguments: Sequence[str]) -> None:
    """Judge the corpus named on the command line: COMMAND CORPUS SHARE."""
    command, place, share = arguments[0], Path(arguments[1]), float(arguments[2])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # or its directory would stay behind
    version = subprocess.run([command, "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
    with running(command, place / "zone.json") as rspamd:
        chosen = entries(place, share)
        json.dump(measure(place, chosen, rspamd.judge, {"rspamd": version}, rspamd.cpu, rspamd.peak), sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
