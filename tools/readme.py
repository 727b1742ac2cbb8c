"""Run the commands that the documentation shows, and put their real output under them.

    python tools/readme.py            write it into README.md
    python tools/readme.py --check    say what is not current, and write nothing

Only fenced blocks marked `console` are looked at, and in them lines that begin with `$ mailtrace` (which may end in
`| jq -r .a.path`, answered here, so that jq need not be there) and `$ echo $?`. The output of each runs to the next
line that begins with `$ `, or to the end of the block.
"""

import difflib
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("README.md",)

BLOCK = re.compile(r"(?<=^```console\n)(.*?)(?=^```$)", re.MULTILINE | re.DOTALL)
PROGRAM = (sys.executable, "-c", "import sys; from mailtrace.__main__ import main; sys.argv[0] = 'mailtrace'; main()")


def run(command: str) -> tuple[str, int]:
    """Run one `mailtrace ...` as it would look in a pipe, 80 columns wide; return its output and exit status."""
    arguments, _, query = command.partition(" | jq -r ")
    hidden = [name for name in os.environ if name.startswith(("MAILTRACE_", "FORCE_COLOR"))]
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    environment |= {"COLUMNS": "80", "NO_COLOR": "1", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"}
    process = subprocess.run(
        [*PROGRAM, *shlex.split(arguments)[1:]],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    shown = "\n".join(line.rstrip() for line in process.stdout.splitlines()) + "\n"
    return (select(shown, query) if query else shown), process.returncode


def select(document: str, query: str) -> str:
    """Answer the simplest jq query there is: `.a.b`, with `[]` for each member of an array."""
    values = [json.loads(document)]
    for name, each in re.findall(r"\.(\w+)(\[\])?", query):
        values = [value[name] for value in values]
        values = [member for value in values for member in value] if each else values
    return "".join(f"{value if isinstance(value, str) else json.dumps(value)}\n" for value in values)


def refresh(block: str) -> str:
    """Return the block with the output that its commands have now."""
    lines, status = [], 0
    for line in block.splitlines():
        if not line.startswith("$ "):
            continue
        if line == "$ echo $?":
            output = f"{status}\n"
        elif line.startswith("$ mailtrace"):
            output, status = run(line.removeprefix("$ "))
        else:
            raise ValueError(f"a command that cannot be checked: {line!r}")
        lines.append(f"{line}\n{output}")
    return "".join(lines)


def main(arguments: list[str]) -> int:
    """Write the pages, or check them."""
    stale = 0
    for page in PAGES:
        before = (ROOT / page).read_text(encoding="utf-8")
        after = BLOCK.sub(lambda match: refresh(match[1]), before)
        if before == after:
            continue
        if "--check" not in arguments:
            (ROOT / page).write_text(after, encoding="utf-8")
            continue
        stale += 1
        print(f"{page} shows what the program does not say; run `make docs`:")
        print("\n".join(difflib.unified_diff(before.splitlines(), after.splitlines(), page, "now", lineterm="")))
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
