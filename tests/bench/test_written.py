"""The page of results, and the plots."""

import xml.etree.ElementTree as ET

import pytest

from bench.figures import Bound, Disagreement, Figure, Series, Table
from bench.plots import Axis, plot
from bench.runner import Skipped
from bench.written import changes, grouped, page, written_figures

FIGURES = [
    Figure(name="library: x", value=3, unit="x", bound=Bound(must=2.5, aim=4, at_least=True)),
    Figure(name="instructions", value=123456789, unit=""),
]


@pytest.mark.parametrize(
    ("value", "at_least", "says"),
    [
        (5, True, "aim met"),
        (3, True, "met"),
        (2, True, "NOT met"),
        (1, False, "aim met"),
        (3, False, "met"),
        (5, False, "NOT met"),
    ],
)
def test_a_bound(value, at_least, says):
    must, aim = (2.5, 4) if at_least else (4, 2.5)
    assert Bound(must=must, aim=aim, at_least=at_least).says(value) == says


def test_the_page_is_read_back():
    results = [*FIGURES, Table(name="t", heads=("a", "b"), rows=(("1|2", "3"),)), Skipped(name="m", reason="not here")]
    text = "\n".join(page(results, "a machine"))
    assert written_figures(text) == {"library: x": 3, "instructions": 123456789}
    assert "1/2" in text
    assert "- m: not here" in text
    assert "None." in text


def test_the_change_is_told():
    before = "\n".join(page(FIGURES, "a machine"))
    now = [Figure(name="library: x", value=3.3, unit="x"), Figure(name="new", value=1, unit="")]
    assert [(row[0], row[4], row[5]) for row in changes(now, before)] == [
        ("library: x", "3", "+10.0%"),
        ("new", "", ""),
    ]


def test_disagreements_of_one_sort_are_one_line():
    one = Disagreement(peer="p", file="a.eml", kind="valid", method="spf", found="none", expected="pass")
    other = Disagreement(peer="p", file="b.eml", kind="valid", method="spf", found="none", expected="pass")
    assert grouped([one, other]) == [("p", "spf", "valid", "2", "a.eml", "none", "pass")]


@pytest.mark.parametrize("logarithmic", [True, False])
def test_a_plot_is_xml_with_a_line_a_peer_inside_its_frame(logarithmic):
    lines = {"<ours>": [(1, 0.5), (10, 5), (200, 40)], "theirs": [(1, 5), (200, 400)]}
    root = ET.fromstring(plot(Series(name="n & m", across="n", up="ms", lines=lines, logarithmic=logarithmic)))
    drawn = root.findall("{*}polyline")
    assert [len(line.get("points").split()) for line in drawn] == [3, 2]
    places = [tuple(map(float, point.split(","))) for line in drawn for point in line.get("points").split()]
    assert all(0 <= x <= 640 and 0 <= y <= 400 for x, y in places)
    assert "<ours>" in [text.text for text in root.findall("{*}text")]


def test_the_ticks_of_a_linear_axis():
    assert Axis([3, 47], 0, 100, logarithmic=False).ticks() == [0, 10, 20, 30, 40]
