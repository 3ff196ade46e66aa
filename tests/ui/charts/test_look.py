import itertools

import numpy as np
import pytest

from ui.charts.style import (
    REFERENCE,
    RESULT_COLOURS,
    UNPENALISED,
    blank_figure,
    compact,
    evenly,
    padded,
    result_style,
)

LIGHT, DARK = "#ffffff", "#0e1117"
VISIONS = {  # Machado, Oliveira and Fernandes 2009, in linear light
    "normal": np.eye(3),
    "deuteranopia": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "protanopia": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "tritanopia": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}


def _linear(colour):
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def _contrast(a, b):
    low, high = sorted(float(_linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (a, b))
    return (high + 0.05) / (low + 0.05)


def _lab(linear):
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ linear
    x, y, z = np.cbrt(np.clip(xyz / [0.9505, 1, 1.089], 0, 1))
    return np.array([116 * y, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("ground", [LIGHT, DARK])
@pytest.mark.parametrize("colour", [*RESULT_COLOURS, UNPENALISED, REFERENCE])
def test_colours_stand_out_from_both_themes(colour, ground):
    assert _contrast(colour, ground) >= 3


@pytest.mark.parametrize("vision", VISIONS)
def test_the_first_five_results_are_told_apart_with_every_vision(vision):
    seen = [_lab(np.clip(np.array(VISIONS[vision]) @ _linear(colour), 0, 1)) for colour in RESULT_COLOURS[:5]]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 12


def test_fifty_results_look_different_except_for_the_last_turns():
    styles = [result_style(number) for number in range(1, 41)]
    assert len(set(styles)) == 40
    assert result_style(50)


def test_a_figure_leaves_ground_and_title_to_the_page():
    layout = blank_figure(300).layout
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0, 0, 0, 0)"
    assert layout.title.text is None
    assert layout.dragmode is False


def test_numbers_are_halved_unless_digits_would_be_lost():
    assert compact(np.array([0.0, 1.0, np.nan])).dtype == np.float32
    assert compact(np.array([1.7e9, 1.7e9 + 1])).dtype == np.float64
    assert compact(np.array([])).dtype == np.float32


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (5.0, 5.0), (0.0, 0.0), (-3.0, -3.0)])
def test_a_padded_range_is_wider(low, high):
    a, b = padded(low, high)
    assert a < low <= high < b


@pytest.mark.parametrize(("n", "n_max"), [(0, 5), (1, 5), (5, 5), (1000, 7)])
def test_even_thinning_keeps_both_ends(n, n_max):
    rows = evenly(n, n_max)
    assert len(rows) == min(n, n_max)
    if n:
        assert rows[0] == 0
        assert rows[-1] == n - 1
