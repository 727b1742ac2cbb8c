"""`mailtrace explain CODE`: what a finding means, and what to do."""

from typing import TYPE_CHECKING

import click

from mailtrace.cli.exits import Status
from mailtrace.cli.output import WrongUsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mailtrace.explain import Explanation


@click.command()
@click.argument("code", required=False)
def explain(code: str | None) -> int:
    """Say what the finding CODE means, what it does not prove, and what to do. Without CODE, list all codes."""
    import shutil

    from mailtrace.explain import load, near

    explanations = load()
    width = min(shutil.get_terminal_size().columns, 100)
    if code is None:
        click.echo("\n".join(_listing(explanations, width)))
        return Status.DONE
    found = explanations.get(code.strip().lower())
    if found is None:
        meant = near(code, explanations)
        hint = f"did you mean {' or '.join(meant)}?" if meant else "`mailtrace explain` lists all codes"
        raise WrongUsageError(f"{code}: no finding has this code; {hint}")
    click.echo("\n".join(_page(found, width)))
    return Status.DONE


def _listing(explanations: "Mapping[str, Explanation]", width: int) -> "Iterator[str]":
    import textwrap

    column = max((len(code) for code in explanations), default=0) + 2
    for code, explanation in explanations.items():
        yield textwrap.fill(
            explanation.title,
            width=max(width, column + 30),
            initial_indent=code.ljust(column),
            subsequent_indent=" " * column,
        )


def _page(found: "Explanation", width: int) -> "Iterator[str]":
    yield from (found.code, _wrapped(found.title, width, ""), "")
    yield from ("What it means", _wrapped(found.meaning, width), "")
    yield from ("What to do", _wrapped(found.remedy, width), "")
    yield f"Reference  {found.reference}"


def _wrapped(text: str, width: int, indent: str = "  ") -> str:
    import textwrap

    paragraphs = (" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
    return "\n\n".join(
        textwrap.fill(
            paragraph, width=max(width, 40), break_on_hyphens=False, initial_indent=indent, subsequent_indent=indent
        )
        for paragraph in paragraphs
    )
