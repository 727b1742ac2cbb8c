"""Write what is made from the code: docs/findings.md from the explanations, docs/schema/*.json from the types.

The tables of docs/border.md come from the rows of providers; the rest of that page is written by hand.

python tools/make_docs.py            write them
python tools/make_docs.py --check    say what is not current, and write nothing
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from mailtrace.explain import Explanation, load
from mailtrace.path.chains import PROVIDERS
from mailtrace.path.intermediaries import APPLIANCES, INTERMEDIARIES
from mailtrace.render.json_schema import schema

ROOT = Path(__file__).resolve().parent.parent

OPENING = """\
# Findings

What each finding means, what it does not prove, and what to do.
`mailtrace explain CODE` prints the same.
A code is stable: it is never renamed, and never used for something else.

This page is made from `mailtrace/explanations/` by `tools/make_docs.py`.
"""


def findings() -> str:
    """Return the page of findings: a section for each stage, the codes in order."""
    stages: dict[str, list[Explanation]] = {}
    for explanation in load().values():
        stages.setdefault(explanation.stage, []).append(explanation)
    parts = [OPENING]
    for stage in sorted(stages):
        parts.append(f"## {stage.replace('_', ' ').replace('-', ' ').capitalize()}\n")
        parts += [section(explanation) for explanation in stages[stage]]
    return "\n".join(parts)


def section(explanation: Explanation) -> str:
    """Return the section of one finding."""
    return "\n".join(
        (
            f"### `{explanation.code}`\n",
            f"**{explanation.title}** ({explanation.reference})\n",
            f"{explanation.meaning}\n",
            f"*What to do:* {explanation.remedy}\n",
        )
    )


def border_page(page: str) -> str:
    """Return docs/border.md with its two tables as the rows say."""
    for mark, table in (("providers", providers()), ("intermediaries", intermediaries())):
        before, _, rest = page.partition(f"<!-- {mark} -->\n")
        after = rest.partition("<!-- end -->")[2]
        page = f"{before}<!-- {mark} -->\n{table}\n<!-- end -->{after}"
    return page


def providers() -> str:
    """Return the table of providers."""
    rows = ["| provider | names | from the top | hand-overs inside | edge |", "|---|---|---|---|---|"]
    for one in PROVIDERS:
        names = ", ".join([*one.domains, *([code(one.hosts)] if one.hosts else [])])
        edge = (code(one.edge) if one.edge else "") + (f" `via {one.edge_via}`" if one.edge_via else "")
        rows.append(f"| {one.title} | {names} | {one.chain} | {', '.join(one.networks)} | {edge} |")
    return "\n".join(rows)


def code(pattern: str) -> str:
    """Return a pattern for a cell."""
    escaped = pattern.replace("|", "\\|")
    return f"`{escaped}`"


def intermediaries() -> str:
    """Return the table of services in between, and the filters that run under their buyers' names."""
    rows = ["| service | works as | names |", "|---|---|---|"]
    rows += [f"| {one.title} | {one.role} | {', '.join(one.domains)} |" for one in INTERMEDIARIES]
    known = ", ".join(sorted(set(APPLIANCES.values())))
    return "\n".join([*rows, "", f"Filters known by their form, under whatever name: {known}."])


def pages() -> Iterator[tuple[Path, str]]:
    """Yield every page that is made, with what should stand in it."""
    yield ROOT / "docs" / "findings.md", findings()
    border = ROOT / "docs" / "border.md"
    yield border, border_page(border.read_text(encoding="utf-8"))
    for command in ("analyze", "find", "forced-tls"):
        text = json.dumps(schema(command), indent=2, ensure_ascii=False) + "\n"
        yield ROOT / "docs" / "schema" / f"{command}.json", text


def main(arguments: list[str]) -> int:
    """Write the pages, or check them."""
    stale = 0
    for path, text in pages():
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        if "--check" in arguments:
            stale += 1
            print(f"not current; run `make docs`: {path.relative_to(ROOT)}")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
