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
from ui.charts.look import CHART_CONFIG, RESULT_COLOURS, ResultStyle, result_style
from ui.charts.loss import LossInfo, history_info, loss_alt, loss_figure, loss_info
from ui.charts.parallel import ParallelInfo, parallel_alt, parallel_info
from ui.charts.parallel_drawing import parallel_figure
from ui.charts.words import escape, format_number, format_range

__all__ = [
    "CHART_CONFIG",
    "RESULT_COLOURS",
    "ConvergenceInfo",
    "CurvesInfo",
    "DensityCheckInfo",
    "HeldOutInfo",
    "HistogramInfo",
    "LossInfo",
    "ParallelInfo",
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
    "loss_alt",
    "loss_figure",
    "loss_info",
    "parallel_alt",
    "parallel_figure",
    "parallel_info",
    "result_style",
]
