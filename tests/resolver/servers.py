"""DNS servers on loopback, on free ports: nsd and unbound from the distribution, and small ones of our own."""

import contextlib
import os
import shutil
import socket
import subprocess
import threading
import time

import dns.message
import pytest

SBIN = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
START_SECONDS = 15.0


def binary(name):
    """Return the path of a server's binary; where it is missing, skip, or fail if nothing may be skipped."""
    path = shutil.which(name, path=SBIN)
    if path is None:
        reason = f"no {name} here (Debian package {name})"
        pytest.fail(reason) if os.environ.get("MAILTRACE_REQUIRE_ALL") == "1" else pytest.skip(reason)
    return path


@contextlib.contextmanager
def running(command, ports, log):
    """Run a server in the foreground until it accepts connections at these ports; stop it at the end."""
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            for port in ports:
                _wait_for(port, process, log)
            yield
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_for(port, process, log):
    deadline = time.monotonic() + START_SECONDS
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{process.args[0]} did not start: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.05)


class Responder:
    """A UDP server of one function: from a query (a dnspython message) to octets, a message, or None for silence."""

    def __init__(self, respond, workers=1):
        self._respond = respond
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.1)
        self._over = False
        self._threads = [threading.Thread(target=self._serve) for _ in range(workers)]
        self.asked = []
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"

    def _serve(self):
        while not self._over:
            try:
                octets, client = self._socket.recvfrom(4096)
            except TimeoutError:
                continue
            query = dns.message.from_wire(octets)
            self.asked.append(query.question[0].name.to_text(omit_final_dot=True))
            response = self._respond(query)
            if response is not None:
                self._socket.sendto(response if isinstance(response, bytes) else response.to_wire(), client)

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._over = True
        for thread in self._threads:
            thread.join()
        self._socket.close()


def reply(query, *lines, rcode=0, edns=True):
    """Return a response with these records, each `TYPE data`, at the name asked for."""
    import dns.flags
    import dns.rrset

    response = dns.message.make_response(query, recursion_available=True)
    if not edns:
        response.use_edns(False)
    response.set_rcode(rcode)
    for line in lines:
        kind, _, data = line.partition(" ")
        response.answer.append(dns.rrset.from_text(query.question[0].name, 300, "IN", kind, data))
    return dns.message.from_wire(response.to_wire())
