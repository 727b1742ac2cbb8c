"""No test reaches a network; a test marked `server` may talk to loopback."""

import os
import pathlib
import signal
import socket

import pytest
from hypothesis import settings

LOOPBACK = ("127.", "::1", "localhost")

# How long an example takes says more about the machine than about the code.
settings.register_profile("untimed", settings.default, deadline=None)
settings.load_profile("untimed")


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts what runs in the background so; what is started here, and interrupted, would inherit it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser):
    parser.addoption("--accept", action="store_true", help="write what is printed now as the expected (golden) output")


@pytest.fixture
def golden(request):
    """Compare text with a file that is kept; with --accept, keep it."""

    def check(path, text):
        if request.config.getoption("--accept"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.is_file(), f"nothing is kept at {path}: run with --accept, and review"
        assert text == path.read_text(encoding="utf-8")

    return check


@pytest.fixture(autouse=True)
def no_network(request, monkeypatch):
    """Refuse every connection, but for loopback under the marker `server`."""
    allowed = request.node.get_closest_marker("server") is not None
    connect, sendto = socket.socket.connect, socket.socket.sendto

    def check(sock, address):
        if sock.family == socket.AF_UNIX:
            return
        if not (allowed and str(address[0]).startswith(LOOPBACK)):
            raise AssertionError(f"a test reached for the network: {address!r}")

    def guarded_connect(self, address):
        check(self, address)
        return connect(self, address)

    def guarded_sendto(self, data, *rest):
        check(self, rest[-1])
        return sendto(self, data, *rest)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket.socket, "sendto", guarded_sendto)


@pytest.fixture(scope="session")
def suites():
    """Return the folder of the community suites, or skip: they carry their own licences and are never vendored."""
    folder = os.environ.get("MAILTRACE_SUITES")
    if folder and pathlib.Path(folder).is_dir():
        return pathlib.Path(folder)
    reason = f"MAILTRACE_SUITES names no folder of community suites: {folder!r}"
    return pytest.fail(reason) if os.environ.get("MAILTRACE_REQUIRE_ALL") == "1" else pytest.skip(reason)
