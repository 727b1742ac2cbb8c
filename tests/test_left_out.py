"""What is left out while a library is imported is there for everybody else, and for the library when it asks."""

import subprocess
import sys

import pytest

from mailtrace.left_out import empty, later, left_out


def test_what_is_left_out_is_found_while_it_is_left_out_and_not_after():
    stand_in = empty("no_such_module", word="ours")
    with left_out((stand_in,)):
        assert sys.modules["no_such_module"] is stand_in
        import no_such_module

        assert no_such_module.word == "ours"
    assert "no_such_module" not in sys.modules


def test_what_is_loaded_is_not_left_out():
    with left_out((empty("sys"),)):
        import sys as found

        assert found is sys


def test_what_is_left_out_for_now_is_the_real_one_when_it_is_asked():
    module = later("json", word="ours")
    assert module.word == "ours"
    assert module.loads("[1]") == [1]


def test_while_it_is_left_out_it_has_nothing_else():
    module = later("no_such_module", word="ours")
    with left_out((module,)), pytest.raises(ImportError, match="other"):
        from no_such_module import other  # noqa: F401


def test_dkimpy_has_its_logger_and_pyspf_its_socket():
    code = """
import sys
import mailtrace.auth._dkimpy, mailtrace.auth._pyspf, spf
assert not {"dkim", "dkim.util", "logging", "socket"} & set(sys.modules)
ours = mailtrace.auth._dkimpy.parse_tag_value.__globals__
ours["get_default_logger"]().warning("nobody hears it")
import dkim, logging, socket
assert dkim.verify and dkim.util.parse_tag_value
assert logging.getLogger("dkimpy").handlers[0].__class__ is logging.NullHandler
assert spf.socket.error is OSError
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
