"""What holds for every chart."""

from dataclasses import replace

import numpy as np
import pytest

from models import EpochRecord
from ui.charts.density import density_check_figure, density_check_info
from ui.charts.histograms import histograms_figure, histograms_info
from ui.charts.model import (
    held_out_info,
    importance_figure,
    loss_figure,
    loss_info,
    predicted_figure,
    predicted_info,
    residuals_figure,
    residuals_info,
)
from ui.charts.price import Against, price_figure, price_info

HOSTILE = "<img src=x onerror=alert(1)> %{x} $a$ & co"


@pytest.fixture
def figures(result, dataset, card, with_names, tuned_of, with_intervals):
    """Every figure, of a result whose names and units are hostile."""
    hostile = with_names(HOSTILE, "<b>%</b>")
    columns = tuple(replace(column, name=f"{HOSTILE} {column.name}") for column in dataset.features)
    renamed = replace(dataset, features=columns, outcome=replace(dataset.outcome, name=HOSTILE), sweep=None, parts=())
    named_card = card.model_copy(update={"outcome": card.outcome.model_copy(update={"name": HOSTILE})})
    infos = histograms_info(renamed)
    importance = tuple(e.model_copy(update={"feature": f"{HOSTILE} {e.feature}"}) for e in with_intervals.importance)
    named = {"outcome_name": HOSTILE, "outcome_unit": "<b>%</b>", "importance": importance}
    check = with_intervals.model_copy(update=named)
    tuned = tuned_of(hostile.model_copy(update={"objective_short": HOSTILE}), (0.0, 1.0), (50, 40), (3, 0))
    return {
        "density": density_check_figure(density_check_info(hostile)),
        "held out": predicted_figure(held_out_info(named_card)),
        "price": price_figure(price_info(tuned, Against.DENSITY)),
        "predicted": predicted_figure(predicted_info(check)),
        "importance": importance_figure(check),
        "residuals": residuals_figure(residuals_info(check, renamed, renamed.feature_names[0])),
        "errors of categories": residuals_figure(residuals_info(check, renamed, renamed.feature_names[2])),
        "loss": loss_figure(loss_info([EpochRecord(1, 0.5, 0.5, 1)])),
        "histograms": histograms_figure(infos),
    }


def _texts(node):
    """Yield every text that the browser reads as markup."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in {"text", "hovertemplate", "ticktext", "name"} or (
                key == "customdata" and isinstance(value, list)
            ):
                yield from (text for text in np.ravel(value).tolist() if isinstance(text, str))
            yield from _texts(value)
    elif isinstance(node, list | tuple):
        for child in node:
            yield from _texts(child)


def test_names_of_users_never_become_markup(figures):
    for figure in figures.values():
        for text in _texts(
            {"data": [trace.to_plotly_json() for trace in figure.data], **figure.layout.to_plotly_json()}
        ):
            assert "<img" not in text
            assert "<b>%" not in text
            assert "%{x} $a$" not in text


def test_figures_are_small_see_through_and_untitled(figures):
    for figure in figures.values():
        assert len(figure.to_json()) < 200_000
        assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0, 0, 0, 0)"
        assert figure.layout.title.text is None and figure.layout.dragmode is False
