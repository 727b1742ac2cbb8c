"""The command line as click reads it: the commands, their help, and what is wrong with what was given."""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from mailtrace._version import __version__
from mailtrace.cli.ending import ended, output_faults
from mailtrace.cli.exits import Status
from mailtrace.cli.output import DEBUG, columns_of, say

COMMANDS = {
    "analyze": "Analyse messages: author, path, encryption.",
    "explain": "Say what a finding means, and what to do.",
    "find": "Did a message arrive? Logs, mailboxes, bounces.",
    "schema": "Print the JSON Schema of a command's output.",
}
"""What the help says of each; a command is what its module is called."""
_WIDEST, _NARROWEST = 100, 50
"""Columns of the help."""


class Program(click.Group):
    """The group of commands."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run, and exit with the status; as a function (`standalone_mode=False`) return it."""
        status = self._run(args, prog_name or "mailtrace", complete_var, **extra)
        if standalone_mode:
            sys.exit(status)
        return status

    def _run(self, args: Sequence[str] | None, prog_name: str, complete_var: str | None, **extra: Any) -> int:
        def run() -> int:
            return int(super(Program, self).main(args, prog_name, complete_var, standalone_mode=False, **extra) or 0)

        try:
            return ended(run, lambda: None, lambda: False, passed_on=(click.ClickException, click.Abort))
        except click.ClickException as fault:
            return _wrong_usage(fault)
        except click.Abort:
            return Status.INTERRUPTED

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Name the commands, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command when it is asked for: the options of the others are nothing to it."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"mailtrace.cli.{cmd_name}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands. click would import each with its options, to ask it for this line."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read the command line; --help and --version print here."""
        # click would import what packs and copies files, to ask for the width of the terminal.
        width = min(columns_of(sys.__stdout__), _WIDEST) - 2
        with output_faults():
            return super().make_context(*args, **{"terminal_width": max(width, _NARROWEST), **extra})

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; however it ends, that is a status, and a line where there is something to be said."""

        def run() -> int:
            return int(super(Program, self).invoke(ctx) or 0)

        usage = (click.ClickException, click.Abort, click.exceptions.Exit)
        status = ended(run, lambda: ctx.invoked_subcommand, lambda: ctx.meta.get(DEBUG, False), passed_on=usage)
        raise click.exceptions.Exit(status)


def _wrong_usage(fault: click.ClickException) -> int:
    message = " ".join(fault.format_message().split())
    context = fault.ctx if isinstance(fault, click.UsageError) else None
    command = context.command_path.removeprefix("mailtrace").strip() if context else ""
    say(*([command] if command else []), message)
    return Status.USAGE


@click.group(
    name="mailtrace",
    cls=Program,
    invoke_without_command=True,
    context_settings={
        "auto_envvar_prefix": "MAILTRACE",
        "help_option_names": ["-h", "--help"],
    },
)
@click.version_option(__version__, prog_name="mailtrace", message="%(prog)s %(version)s")
@click.pass_context
def main(ctx: click.Context) -> int:
    """Email forensics: is a message really from who it says, which way did it come, was it encrypted?"""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help(), err=True)
        ctx.exit(Status.USAGE)
    return Status.DONE
