"""Charts, each in two steps: ``NAME_info(...)`` gives numbers, ``NAME_figure(info)`` the Plotly figure of them.

``NAME_alt(info)`` says the same in a sentence. Pass ``CHART_CONFIG`` on to whatever shows a figure.
"""

from ui.charts.convergence import ConvergenceInfo, convergence_alt, convergence_figure, convergence_info
from ui.charts.curves import CurvesInfo, curves_alt, curves_figure, curves_info
from ui.charts.density_check import DensityCheckInfo, density_check_alt, density_check_info
from ui.charts.density_drawing import density_check_figure
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
from ui.charts.look import CHART_CONFIG, RESULT_COLOURS, ResultStyle, result_style
from ui.charts.loss import LossInfo, history_info, loss_alt, loss_figure, loss_info
from ui.charts.parallel import ParallelInfo, parallel_alt, parallel_info
from ui.charts.parallel_drawing import parallel_figure
from ui.charts.predicted import PredictedInfo, predicted_alt, predicted_figure, predicted_info
from ui.charts.price import AXES, Against, PriceInfo, price_alt, price_axes, price_info
from ui.charts.price_drawing import price_figure
from ui.charts.residuals import ResidualsInfo, residuals_alt, residuals_figure, residuals_info
from ui.charts.words import escape, format_number, format_range

__all__ = [
    "AXES",
    "CHART_CONFIG",
    "RESULT_COLOURS",
    "Against",
    "ConvergenceInfo",
    "CurvesInfo",
    "DensityCheckInfo",
    "HeldOutInfo",
    "HistogramInfo",
    "ImportanceChartInfo",
    "LossInfo",
    "ParallelInfo",
    "PredictedInfo",
    "PriceInfo",
    "ResidualsInfo",
    "ResultStyle",
    "convergence_alt",
    "convergence_figure",
    "convergence_info",
    "curves_alt",
    "curves_figure",
    "curves_info",
    "density_check_alt",
    "density_check_figure",
    "density_check_info",
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
    "parallel_alt",
    "parallel_figure",
    "parallel_info",
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
