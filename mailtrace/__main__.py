"""Where the command begins: `mailtrace`, and `python -m mailtrace`."""

import sys

from mailtrace.garbage import spare_the_end, spare_the_start


def main() -> None:
    """Run the command, and exit with its status."""
    spare_the_start()
    from mailtrace.cli.lean import import_click  # noqa: PLC0415 - what is to be spared
    from mailtrace.cli.plain import plainly_wanted, run_plainly  # noqa: PLC0415

    try:
        given = plainly_wanted(sys.argv[1:])
        if given is not None:
            sys.exit(run_plainly(given))
        import_click()
        from mailtrace.cli.program import main as command  # noqa: PLC0415

        command()
    finally:
        spare_the_end()


if __name__ == "__main__":
    main()
