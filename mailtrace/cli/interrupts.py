"""Ctrl-C, put off until what belongs together is done."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType


@contextmanager
def in_one_step() -> Iterator[None]:
    """Do what is within, all of it, before an interruption ends the run.

    The signal is taken and kept, not blocked: another thread would be given a signal that this one blocks, and Python
    would interrupt this one all the same. Only the main thread is interrupted, and may say what becomes of signals.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    kept: list[tuple[int, FrameType | None]] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: kept.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if kept and callable(before):
            before(*kept[0])
