"""Charts, each in two steps: ``NAME_info(...)`` gives numbers, ``NAME_figure(info)`` the Plotly figure of them.

``NAME_alt(info)`` says the same in a sentence. Pass ``CHART_CONFIG`` on to whatever shows a figure.
"""

from ui.charts.common_map import CommonMapInfo, common_map_alt, common_map_figure, common_map_info
from ui.charts.convergence import (
    ConvergenceInfo,
    OverlaidInfo,
    convergence_alt,
    convergence_figure,
    convergence_info,
    overlaid_alt,
    overlaid_figure,
    overlaid_info,
)
from ui.charts.density import DensityCheckInfo, density_check_alt, density_check_figure, density_check_info
from ui.charts.density_multiples import (
    DensityMultiplesInfo,
    density_multiples_alt,
    density_multiples_figure,
    density_multiples_info,
)
from ui.charts.held_out import HeldOutInfo, held_out_alt, held_out_figure, held_out_info
from ui.charts.histograms import (
    HistogramInfo,
    histogram_alt,
    histogram_figure,
    histogram_info,
    histograms_alt,
    histograms_figure,
    histograms_info,
)
from ui.charts.importance import ImportanceChartInfo, importance_alt, importance_figure, importance_info
from ui.charts.loss import LossInfo, history_info, loss_alt, loss_figure, loss_info
from ui.charts.measured import MeasuredInfo, measured_alt, measured_figure, measured_info
from ui.charts.methods import MethodsInfo, methods_alt, methods_figure, methods_info
from ui.charts.predicted import PredictedInfo, predicted_alt, predicted_figure, predicted_info
from ui.charts.price import AXES, Against, PriceInfo, price_alt, price_axes, price_figure, price_info
from ui.charts.residuals import ResidualsInfo, residuals_alt, residuals_figure, residuals_info
from ui.charts.style import CHART_CONFIG, RESULT_COLOURS, ResultStyle, escape, format_number, format_range, result_style

__all__ = [
    "AXES",
    "CHART_CONFIG",
    "RESULT_COLOURS",
    "Against",
    "CommonMapInfo",
    "ConvergenceInfo",
    "DensityCheckInfo",
    "DensityMultiplesInfo",
    "HeldOutInfo",
    "HistogramInfo",
    "ImportanceChartInfo",
    "LossInfo",
    "MeasuredInfo",
    "MethodsInfo",
    "OverlaidInfo",
    "PredictedInfo",
    "PriceInfo",
    "ResidualsInfo",
    "ResultStyle",
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
    "escape",
    "format_number",
    "format_range",
    "held_out_alt",
    "held_out_figure",
    "held_out_info",
    "histogram_alt",
    "histogram_figure",
    "histogram_info",
    "histograms_alt",
    "histograms_figure",
    "histograms_info",
    "history_info",
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
    "result_style",
]
