"""Write what is made from the code: docs/findings.md from the explanations, docs/schema/analyze.json from the types.

python tools/make_docs.py            write them
python tools/make_docs.py --check    say what is not current, and write nothing
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from mailtrace.explain import Explanation, load
from mailtrace.render.json import schema

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


def pages() -> Iterator[tuple[Path, str]]:
    """Yield every page that is made, with what should stand in it."""
    yield ROOT / "docs" / "findings.md", findings()
    yield ROOT / "docs" / "schema" / "analyze.json", json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


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
