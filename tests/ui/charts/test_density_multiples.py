import numpy as np
import pytest

from services.studies.tune import TuneResult
from ui.charts import density_multiples_alt, density_multiples_figure, density_multiples_info


@pytest.fixture
def tuned(result, tuned_of):
    """Three settings; what the lineages of two of them weigh is known."""
    made = tuned_of(result, (2.0, 0.0, 0.5), means=(40.0, 60.0, 50.0), deviations=(0.1, 9.0, 3.0))
    weighed = {2.0: (2340.0, 2350.0, 2350.0, 2400.0), 0.0: (2800.0, 2900.0), 0.5: ()}
    points = tuple(point.model_copy(update={"densities": weighed[point.weight]}) for point in made.points)
    return made.model_copy(update={"points": points})


def test_there_is_a_row_per_setting_on_one_axis(tuned, result):
    info = density_multiples_info(tuned, 2.0)
    assert [(row.setting, row.is_chosen) for row in info.rows] == [("0", False), ("0.5", False), ("2", True)]
    assert [row.shares.sum() for row in info.rows] == pytest.approx([1.0, 0.0, 1.0])
    for row in info.rows:
        np.testing.assert_array_equal(row.densities, result.results.densities)
    assert info.low < min(result.density.recorded)
    assert info.high > 2900
    assert (info.target, info.tolerance, info.unit) == (2340, 60.4, "kg/m³")


def test_the_figure_stacks_the_rows_with_the_recorded_ones_below(tuned):
    info = density_multiples_info(tuned, 2.0)
    figure = density_multiples_figure(info)
    bars = [trace for trace in figure.data if trace.type == "bar"]
    assert [trace.base for trace in bars] == [0, 3, 1]  # recorded, then the settings whose lineages are known
    assert all(max(trace.y) <= 1 for trace in bars)
    assert list(figure.layout.yaxis.ticktext) == ["0", "0.5", "<b>2</b>", "All<br>recorded"]
    marks = [trace for trace in figure.data if trace.type == "scatter"]
    assert len(marks) == 3
    assert marks[0].y[0] > marks[1].y[0] > marks[2].y[0]


def test_without_parts_that_add_up_there_is_no_picture(tuned):
    bare = tuple(p.model_copy(update={"result": p.result.model_copy(update={"density": None})}) for p in tuned.points)
    assert density_multiples_info(tuned.model_copy(update={"points": bare})) is None
    assert density_multiples_info(TuneResult(spec=tuned.spec, points=())) is None


def test_the_sentence_has_every_setting(tuned):
    assert density_multiples_alt(density_multiples_info(tuned)) == (
        "Density by density penalty: at 0 results have 2,340–2,360 kg/m³; at 0.5 results have 2,340–2,360 kg/m³; "
        "at 2 results have 2,340–2,360 kg/m³. Usual is 2,340 ± 60.4 kg/m³."
    )
