"""What a finding means, what it does not prove, and what to do: one text per code, in explanations/*.toml."""

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files

from mailtrace.records import Struct


class Explanation(Struct, frozen=True, kw_only=True):
    """The text that belongs to a code, whatever the case."""

    code: str
    stage: str
    """Which part of mailtrace observes it: the name of its file."""
    title: str
    meaning: str
    """What it means, and what it does not prove."""
    remedy: str
    """What to do, and who."""
    reference: str


def load() -> Mapping[str, Explanation]:
    """Read every explanation, sorted by code. Raises ValueError if a code is explained twice."""
    explanations: dict[str, Explanation] = {}
    for explanation in _read():
        if explanation.code in explanations:
            raise ValueError(f"explained twice: {explanation.code!r}")
        explanations[explanation.code] = explanation
    return dict(sorted(explanations.items()))


def _read() -> Iterator[Explanation]:
    folder = files("mailtrace").joinpath("explanations")
    for page in sorted(folder.iterdir(), key=lambda page: page.name):
        if page.name.endswith(".toml"):
            texts = tomllib.loads(page.read_text(encoding="utf-8"))
            stage = page.name.removesuffix(".toml")
            for code, text in texts.items():
                words = {name: " ".join(text[name].split()) for name in ("title", "reference")}
                paragraphs = {name: text[name].strip() for name in ("meaning", "remedy")}
                yield Explanation(code=code, stage=stage, **words, **paragraphs)


def near(code: str, codes: Mapping[str, Explanation]) -> tuple[str, ...]:
    """Return the codes that may have been meant, nearest first."""
    return tuple(difflib.get_close_matches(code[:100].lower(), codes, n=3, cutoff=0.5))
