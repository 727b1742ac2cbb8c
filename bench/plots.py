"""Plots as SVG, drawn by hand: a frame, ticks, one line a peer with its name at its end."""

import math
from collections.abc import Iterator, Sequence
from html import escape

from bench.figures import Series

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 120, 40, 50
FONT = 'font-family="sans-serif" font-size="12"'
COLOURS = ("#1f5fbf", "#c23b22", "#2e8b57", "#8a5fbf", "#b8860b", "#555555", "#008b8b")


class Axis:
    """From values to places, linear or logarithmic."""

    def __init__(self, values: Sequence[float], start: float, end: float, *, logarithmic: bool) -> None:
        """Span the values; a linear axis begins at nought."""
        self._start, self._end = start, end
        self._log = logarithmic
        self.low = min(values) if logarithmic else 0.0
        self.high = max(values)
        if logarithmic:
            self.low, self.high = 10 ** math.floor(math.log10(self.low)), 10 ** math.ceil(math.log10(self.high))
        if self.low == self.high:
            self.high = self.low + 1

    def at(self, value: float) -> float:
        """Return the place of a value."""
        low, high, value = (math.log10(v) for v in (self.low, self.high, value)) if self._log else (
            self.low, self.high, value
        )  # fmt: skip
        return self._start + (value - low) / (high - low) * (self._end - self._start)

    def ticks(self) -> list[float]:
        """Return round values between the ends."""
        if self._log:
            first, last = round(math.log10(self.low)), round(math.log10(self.high))
            return [float(10**power) for power in range(first, last + 1)]
        step = 10 ** math.floor(math.log10(self.high))
        step = next(step / part for part in (1, 2, 5, 10) if self.high / (step / part) >= 4)
        return [step * count for count in range(int(self.high / step) + 1)]


def plot(series: Series) -> str:
    """Draw one."""
    points = [point for line in series.lines.values() for point in line]
    across = Axis([x for x, _ in points], LEFT, WIDTH - RIGHT, logarithmic=series.logarithmic)
    up = Axis([y for _, y in points], HEIGHT - BOTTOM, TOP, logarithmic=series.logarithmic)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {FONT}>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        _text(WIDTH / 2, 20, series.name, "middle"),
        _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, series.across, "middle"),
        f'<g transform="rotate(-90 16 {HEIGHT / 2:.0f})">{_text(16, HEIGHT / 2, series.up, "middle")}</g>',
        *_frame(across, up),
        *_lines(series, across, up),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _frame(across: Axis, up: Axis) -> Iterator[str]:
    for x in across.ticks():
        at = across.at(x)
        yield f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" stroke="#ddd"/>'
        yield _text(at, HEIGHT - BOTTOM + 16, f"{x:g}" if x < 1e6 else f"{x:,.0f}", "middle")
    for y in up.ticks():
        at = up.at(y)
        yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}" stroke="#ddd"/>'
        yield _text(LEFT - 6, at + 4, f"{y:g}", "end")


def _lines(series: Series, across: Axis, up: Axis) -> Iterator[str]:
    taken: list[float] = []
    for number, (name, line) in enumerate(series.lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        places = [(across.at(x), up.at(y)) for x, y in line]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
        yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places)
        label = places[-1][1]
        while any(abs(label - other) < 13 for other in taken):
            label += 13
        taken.append(label)
        yield _text(WIDTH - RIGHT + 8, label + 4, name, "start", colour)


def _text(x: float, y: float, words: str, anchor: str, colour: str = "black") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(words)}</text>'
