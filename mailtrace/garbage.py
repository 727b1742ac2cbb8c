"""When Python looks for garbage: hardly ever while the program starts, and as usual while it works on many messages.

Starting makes some forty thousand objects, and all of them stay. Looked through again and again, as usual, they would
take a tenth of the time that one message does.
"""

import gc

YOUNG = 100_000
"""Objects made and not yet done with, at which garbage is looked for; Python's own number is 700."""
_USUAL = (700, 10, 10)


def spare_the_start() -> None:
    """Look for garbage only where there is much of it."""
    gc.set_threshold(YOUNG)


def look_as_usual() -> None:
    """Look for garbage as Python does, but not among what is there by now; processes that part here share that."""
    if gc.get_threshold()[0] == YOUNG:  # else it is another's program, and its own affair
        gc.freeze()
        gc.set_threshold(*_USUAL)


def spare_the_end() -> None:
    """Look for none once more when the process ends."""
    gc.freeze()
