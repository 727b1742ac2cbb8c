"""Where the command begins: `mailtrace`, and `python -m mailtrace`."""

import gc

YOUNG = 100_000
"""Objects made and not yet done with, at which garbage is looked for; Python's own number is 700.

Starting the program makes more than a hundred thousand objects, and every one of them stays: at 700 they are looked
through again and again, for an eighth of the time that one message takes. Hardly any garbage is ever made behind
that, so a long run needs no more memory for it.
"""


def main() -> None:
    """Run the command, and exit with its status."""
    gc.set_threshold(YOUNG)
    from mailtrace.cli import main as command  # noqa: PLC0415 - this is what is to be quick

    try:
        command()
    finally:
        gc.freeze()  # the process ends: what is left is not looked through once more


if __name__ == "__main__":
    main()
