"""The machines between the links of the path: as each called itself, and as the next one saw it."""

from mailtrace.render.text import words
from mailtrace.render.text.page import Page
from mailtrace.report import HopReport
from mailtrace.results import Scope


def write(page: Page, before: HopReport | None, hop: HopReport, *, is_border: bool, indent: int) -> None:
    """Name the machine between two hops: as it called itself when it wrote, and as the next one saw it."""
    seen = _seen(hop)
    if before is None or before.by is None:
        page.line(seen, indent=indent)
        return
    if _same_name(before.by, hop.client_name):
        page.line(seen, indent=indent)
        return
    if hop.client_name is None and hop.helo is None and before.by == hop.client_ip:
        page.line(words.machine(before), indent=indent)
        return
    if not is_border and _is_renamed(before.by, hop):
        page.line(f"{words.undrawn(before.by)}{f' [{hop.client_ip}]' if hop.client_ip else ''}", indent=indent)
        return
    if hop.transport.scope is Scope.LOOPBACK and _same_name(before.by, hop.by):
        page.line(words.undrawn(before.by), indent=indent)
        return
    if hop.client_name is None and _same_name(before.by, hop.helo):
        # At the border a HELO that repeats the name is the sender's own word still, and is shown as that.
        page.line(seen if is_border else _named(before.by, hop), indent=indent)
        return
    page.line(words.machine(before), indent=indent)
    if hop.client_name or hop.client_ip or hop.helo:
        page.line(f"seen by the next as {seen}", indent=indent + 2)


def receiver(hop: HopReport) -> str:
    """Name the machine that wrote a hop."""
    return words.machine(hop) if hop.by else f"receiving machine {words.NOT_STATED}"


def _seen(hop: HopReport) -> str:
    if hop.client_name is None and hop.client_ip is None:
        if hop.helo:
            return f"calls itself {words.undrawn(hop.helo)}"
        return "a program on the same machine" if hop.kind == "local" else f"sender's machine {words.NOT_STATED}"
    return _named(hop.client_name, hop)


def _named(name: str | None, hop: HopReport) -> str:
    address = f"[{hop.client_ip}]" if hop.client_ip else ""
    shown = " ".join(part for part in (words.undrawn(name or ""), address) if part)
    literal = (hop.helo or "").strip("[]").removeprefix("IPv6:").lower()
    if hop.helo and not _same_name(hop.helo, name) and literal != (hop.client_ip or "").lower():
        shown += f", calls itself {words.undrawn(hop.helo)}"
    return shown


def _is_renamed(by: str, hop: HopReport) -> bool:
    """Tell whether a machine goes by two names inside its organisation, as those of Exchange Online do."""
    seen = hop.client_name or hop.helo
    if seen is None or hop.transport.scope is not Scope.INTERNAL or "." not in seen:
        return False
    return _same_name(by.partition(".")[0], seen.partition(".")[0])


def _same_name(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one.lower().rstrip(".") == other.lower().rstrip(".")
