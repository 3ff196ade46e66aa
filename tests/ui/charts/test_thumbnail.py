import re
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

from tests.ui.mixes import front_of_mixes, mixes
from ui.charts.thumbnail import thumbnail


def found(*rows):
    bounds = ((0.0, 10.0), (5.0, 5.0), (0.0, 1.0))
    features = tuple(SimpleNamespace(low=low, high=high) for low, high in bounds)
    return SimpleNamespace(features=features, results=SimpleNamespace(X=rows), front=None)


def lines(svg):
    """Return the heights of the points of every result's line."""
    root = ElementTree.fromstring(svg)
    points = [line.attrib["points"].split() for line in root if line.tag.endswith("polyline")]
    return [[float(point.split(",")[1]) for point in line] for line in points]


def test_each_result_is_a_line_between_the_bounds():
    low, high = lines(thumbnail(found((0.0, 5.0, 0.0), (10.0, 5.0, 1.0))))
    assert len(low) == len(high) == 3
    assert low[0] == low[2] > high[0] == high[2]
    assert low[1] == high[1]


@pytest.mark.parametrize("value", [-50.0, 99.0, float("nan")])
def test_nothing_is_drawn_outside_of_the_picture(value):
    svg = thumbnail(found((value, 5.0, 0.5)))
    height = float(re.search(r'viewBox="0 0 \d+ (\d+)"', svg)[1])
    assert all(0 <= y <= height for line in lines(svg) for y in line)


def test_a_front_is_dots_in_its_first_two_goals():
    circles = [each.attrib for each in ElementTree.fromstring(thumbnail(front_of_mixes(mixes())))]
    assert [float(each["r"]) for each in circles] == [1.6] * 30 + [4.0] * 3
    strong, _, cheap = circles[-3:]
    assert float(strong["cx"]) > float(cheap["cx"]) and float(strong["cy"]) < float(cheap["cy"])
