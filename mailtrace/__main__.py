"""Where the command begins: `mailtrace`, and `python -m mailtrace`."""

from mailtrace.garbage import spare_the_end, spare_the_start


def main() -> None:
    """Run the command, and exit with its status."""
    spare_the_start()
    from mailtrace.cli import main as command  # noqa: PLC0415 - what is to be spared

    try:
        command()
    finally:
        spare_the_end()


if __name__ == "__main__":
    main()
