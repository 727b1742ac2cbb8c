"""`mailtrace schema`: the JSON Schema of a command's output."""

import click

from mailtrace.cli.exits import Status


@click.command()
@click.argument("command", type=click.Choice(["analyze", "find", "forced-tls"]), default="analyze")
def schema(command: str) -> int:
    """Print the JSON Schema (2020-12) of what a command prints with --json; forced-tls: find --forced-tls."""
    import json

    from mailtrace.render.json_schema import schema as derive

    click.echo(json.dumps(derive(command), indent=2, ensure_ascii=False))
    return Status.DONE
