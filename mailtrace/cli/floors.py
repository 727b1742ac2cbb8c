"""What a command works with, imported from the lowest floor up.

Left to themselves, modules import one another, each import within the one before, a hundred calls deep. There CPython
(3.11 and newer) comes to the end of a piece of its stack, gets another for the next call, and gives it back after it:
a thousand times, which was eight milliseconds of a hundred and twenty for one message.
"""

from importlib import import_module

_UPWARDS = ("mailtrace.resolver.recorded", "mailtrace.path", "mailtrace.auth", "mailtrace.report")


def import_upwards() -> None:
    """Import them. Nothing is imported that would not be."""
    for name in _UPWARDS:
        import_module(name)
