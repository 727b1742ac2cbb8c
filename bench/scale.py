"""How much is measured: all of it (`full`, minutes), a sixth of it (`small`), or a minute's worth (`smoke`)."""

from dataclasses import dataclass
from pathlib import Path

from bench.corpus.build import SEED, corpus

PLACE = Path(__file__).parent / ".corpus"
"""Where corpora are kept between runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The corpus, and how often things are done."""

    size: str
    rounds: int
    starts: int
    """How often a process is started for a median."""
    place: Path = PLACE
    seed: int = SEED

    @property
    def corpus(self) -> Path:
        """The corpus's directory; made on first use."""
        return corpus(self.place, self.size, self.seed)

    @property
    def is_smoke(self) -> bool:
        """True where only a minute is there."""
        return self.size == "smoke"


SCALES = {
    "smoke": Scale(size="smoke", rounds=1, starts=3),
    "small": Scale(size="small", rounds=3, starts=7),
    "full": Scale(size="full", rounds=3, starts=11),
}
