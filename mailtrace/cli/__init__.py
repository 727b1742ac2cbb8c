"""The command line. Importing it imports nothing heavy: a command imports its pipeline when it runs.

Even click is imported only where there is more to read than the plain forms (plain.py).
"""

from typing import Any

__all__ = ["main"]


def __getattr__(name: str) -> Any:
    """Give `main`, the command as click knows it."""
    if name != "main":
        raise AttributeError(f"mailtrace.cli has no {name}")
    from mailtrace.cli.program import main

    return main
