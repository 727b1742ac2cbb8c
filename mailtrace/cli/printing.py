"""Reports on their way out: text with a title where there are several, one JSON object, or a line each."""

from typing import TYPE_CHECKING

from mailtrace.cli.options import Options
from mailtrace.cli.output import Look, Output

if TYPE_CHECKING:
    from mailtrace.report import ErrorReport, Report


class Printer:
    """Prints in input order. How the first is printed depends on whether there is a second, so it waits for that."""

    def __init__(self, options: Options, output: Output) -> None:
        """Take where reports go, and how they are to look."""
        self._options = options
        self._output = output
        self._look: Look = output.look(width=options.width, color=options.color)
        self._held: tuple[str, Report | ErrorReport] | None = None
        self._several = options.format == "jsonl"

    def add(self, title: str, report: "Report | ErrorReport") -> None:
        """Print a report, or hold it until it is known whether it is the only one."""
        if self._several:
            self._print(title, report)
        elif self._held is None:
            self._held = (title, report)
        else:
            self._several = True
            first, self._held = self._held, None
            self._print(*first)
            self._print(title, report)

    def finish(self) -> None:
        """Print what was held."""
        if self._held is not None:
            held, self._held = self._held, None
            self._print(*held)

    def _print(self, title: str, report: "Report | ErrorReport") -> None:
        from mailtrace.report import Report

        if self._options.format != "text":
            self._print_json(report)
        elif isinstance(report, Report):
            self._print_text(title, report)

    def _print_text(self, title: str, report: "Report") -> None:
        from mailtrace.render.text import render

        text = render(
            report,
            width=self._look.width,
            encoding=self._look.encoding,
            color=self._look.color,
            verbose=self._options.verbose,
            explain_hops=self._options.explain_hops,
            title=title if self._several else None,
        )
        self._output.write(text + "\n" * self._several, self._look.encoding)

    def _print_json(self, report: "Report | ErrorReport") -> None:
        from mailtrace.render.json import dumps

        self._output.write(dumps(report, indent=None if self._several else 2) + "\n")
