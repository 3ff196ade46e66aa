"""Charts, each in two steps: ``NAME_info(...)`` gives numbers, ``NAME_figure(info)`` the Plotly figure of them.

``NAME_alt(info)`` says the same in a sentence. Pass ``CHART_CONFIG`` on to whatever shows a figure.
"""

from ui.charts.common_map import common_map_alt, common_map_figure, common_map_info
from ui.charts.convergence import (
    convergence_alt,
    convergence_figure,
    convergence_info,
    methods_alt,
    methods_figure,
    methods_info,
    overlaid_alt,
    overlaid_figure,
    overlaid_info,
)
from ui.charts.density import (
    density_check_alt,
    density_check_figure,
    density_check_info,
    density_multiples_alt,
    density_multiples_figure,
    density_multiples_info,
)
from ui.charts.errors import (
    importance_alt,
    importance_figure,
    importance_info,
    residuals_alt,
    residuals_figure,
    residuals_info,
)
from ui.charts.histograms import (
    histograms_alt,
    histograms_figure,
    histograms_info,
)
from ui.charts.loss import loss_alt, loss_figure, loss_info
from ui.charts.measured import measured_alt, measured_figure, measured_info
from ui.charts.predicted import held_out_info, predicted_alt, predicted_figure, predicted_info
from ui.charts.price import AXES, Against, price_alt, price_axes, price_figure, price_info
from ui.charts.style import CHART_CONFIG

__all__ = [
    "AXES",
    "CHART_CONFIG",
    "Against",
    "common_map_alt",
    "common_map_figure",
    "common_map_info",
    "convergence_alt",
    "convergence_figure",
    "convergence_info",
    "density_check_alt",
    "density_check_figure",
    "density_check_info",
    "density_multiples_alt",
    "density_multiples_figure",
    "density_multiples_info",
    "held_out_info",
    "histograms_alt",
    "histograms_figure",
    "histograms_info",
    "importance_alt",
    "importance_figure",
    "importance_info",
    "loss_alt",
    "loss_figure",
    "loss_info",
    "measured_alt",
    "measured_figure",
    "measured_info",
    "methods_alt",
    "methods_figure",
    "methods_info",
    "overlaid_alt",
    "overlaid_figure",
    "overlaid_info",
    "predicted_alt",
    "predicted_figure",
    "predicted_info",
    "price_alt",
    "price_axes",
    "price_figure",
    "price_info",
    "residuals_alt",
    "residuals_figure",
    "residuals_info",
]
