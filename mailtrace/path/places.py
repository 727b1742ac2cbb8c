"""A hop as evidence, and its writer's name as a sentence has it."""

from mailtrace.findings import Evidence, excerpt
from mailtrace.message.types import HeaderField
from mailtrace.path.types import Hop


def place(number: int, header: HeaderField) -> Evidence:
    """Return a Received field as evidence."""
    return Evidence(source=f"header:Received[{number}]", line=header.line, excerpt=excerpt(header.value))


def place_of_field(header: HeaderField, number: int = 0) -> Evidence:
    """Return a field of any other name as evidence; `number` counts those of its name, 0 = topmost."""
    name = excerpt(header.name)
    return Evidence(source=f"header:{name}[{number}]", line=header.line, excerpt=excerpt(header.value))


def place_of(hop: Hop) -> Evidence:
    """Return a hop's field as evidence."""
    return place(hop.field, hop.header)


def writer(hop: Hop) -> str:
    """Name the server that wrote the field."""
    return excerpt(hop.received.by or "the writer of the field")
