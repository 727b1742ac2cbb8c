"""Ports on loopback for the servers that tests start: each given to one test process, and once."""

import contextlib
import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path

# Below those that the system gives to clients, so that no connection takes a port before its server does.
PORTS = range(20000, 32000)
KINDS = (socket.SOCK_STREAM, socket.SOCK_DGRAM)
HOSTS = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))

# A port looks free until its server has started, and another process of the tests may look in between. Two Postfix then
# share it (SO_REUSEPORT) and each gets some of the other's mail. So a port is kept by a file's lock until the process ends.
_claims = {}


def free_port():
    """Return a port that is free for UDP and TCP on IPv4 and (where there is any) IPv6, and that no other test has."""
    chance = random.SystemRandom()  # not seeded: other processes ask at the same time
    for _ in range(1000):
        port = chance.choice(PORTS)
        if _is_free(port) and _claim(port):
            return port
    raise RuntimeError("no free port")


def has_ipv6():
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        probe.bind(("::1", 0))
        return True
    return False


def _is_free(port):
    hosts = HOSTS if has_ipv6() else HOSTS[:1]
    try:
        for family, host in hosts:
            for kind in KINDS:
                with socket.socket(family, kind) as probe:
                    probe.bind((host, port))
    except OSError:
        return False
    return True


def _claim(port):
    if port in _claims:
        return False
    folder = Path(tempfile.gettempdir(), f"mailtrace-ports-{os.geteuid()}")
    folder.mkdir(exist_ok=True)
    claim = (folder / str(port)).open("wb")
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        claim.close()
        return False
    _claims[port] = claim
    return True
