"""Garbage is looked for as usual wherever there may be much of it."""

import gc
import pathlib
import subprocess
import sys

import pytest

from mailtrace.garbage import YOUNG, look_as_usual, spare_the_start

SAMPLES = pathlib.Path(__file__).parents[1] / "samples"


@pytest.fixture(autouse=True)
def restored():
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def test_another_programs_thresholds_are_left_alone():
    gc.set_threshold(1234, 5, 6)
    look_as_usual()
    assert gc.get_threshold() == (1234, 5, 6)


def test_after_the_start_it_is_as_usual():
    spare_the_start()
    assert gc.get_threshold()[0] == YOUNG
    look_as_usual()
    assert gc.get_threshold()[0] == 700


@pytest.mark.parametrize(
    ("argv", "young"),
    [
        (["analyze", "--offline", SAMPLES / "genuine.eml"], YOUNG),
        (["analyze", "--offline", "--jobs", "1", SAMPLES / "genuine.eml", SAMPLES / "gmail.eml"], 700),
        (["find", "--offline", "--message-id", "a@b.example", SAMPLES / "genuine.eml"], 700),
    ],
    ids=["one message", "many messages", "find"],
)
def test_many_messages_are_worked_on_as_usual(argv, young):
    code = "import atexit, gc; atexit.register(lambda: print('AT', gc.get_threshold()[0]))"
    run = [sys.executable, "-c", f"{code}; from mailtrace.__main__ import main; main()", *map(str, argv)]
    done = subprocess.run(run, capture_output=True, text=True, timeout=120, check=False)
    assert f"AT {young}" in done.stdout, done.stderr
