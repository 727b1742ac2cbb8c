"""Ctrl-C waits for what belongs together, and for no more."""

import os
import signal
import threading

import pytest

from mailtrace.cli.interrupts import in_one_step


def test_an_interruption_comes_behind_the_step():
    done = []

    def step():
        with in_one_step():
            os.kill(os.getpid(), signal.SIGINT)
            done.append("all of it")

    with pytest.raises(KeyboardInterrupt):
        step()
    assert done == ["all of it"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_where_interruptions_are_ignored_they_stay_so():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with in_one_step():
            os.kill(os.getpid(), signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_another_thread_is_not_interrupted_and_changes_nothing():
    done = []

    def work():
        with in_one_step():
            done.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [signal.default_int_handler]
