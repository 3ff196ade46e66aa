"""The loss of a training, epoch by epoch."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from models import EpochRecord
from ui.charts.style import ACCENT, REFERENCE, blank_figure, evenly, format_number

HEIGHT = 300
MAX_POINTS = 600


class LossInfo(NamedTuple):
    """Numbers of the loss curves.

    Attributes:
        epochs: (n,) at most about 600 epochs, counted from 1, with the first, the best and the last.
        train_losses: (n,) positive, NaN where unknown.
        validation_losses: (n,) positive, NaN where unknown.
        best_epoch: the epoch with the smallest validation loss, 0 where there is none yet.
        best_loss: its validation loss, NaN where there is none yet.
    """

    epochs: np.ndarray
    train_losses: np.ndarray
    validation_losses: np.ndarray
    best_epoch: int
    best_loss: float


def loss_info(records: Sequence[EpochRecord]) -> LossInfo:
    """The loss curves of a training that runs or has ended; before the first epoch they are empty."""
    epochs = np.array([record.epoch for record in records], dtype=int)
    losses = np.array([(record.train_loss, record.validation_loss) for record in records]).reshape(-1, 2)
    losses[~(np.isfinite(losses) & (losses > 0))] = np.nan  # a logarithmic axis knows no zero
    train, validation = losses.T
    rows = evenly(len(epochs), MAX_POINTS)
    best_epoch, best_loss = 0, float("nan")
    if np.isfinite(validation).any():
        best = int(np.nanargmin(validation))
        best_epoch, best_loss = int(epochs[best]), float(validation[best])
        rows = np.union1d(rows, [best])
    return LossInfo(epochs[rows], train[rows], validation[rows], best_epoch, best_loss)


def loss_figure(info: LossInfo) -> go.Figure:
    """Both losses on a logarithmic axis, with the best epoch marked."""
    figure = blank_figure(HEIGHT, has_legend=True)
    lines = (("training", info.train_losses, REFERENCE, 1.5), ("validation", info.validation_losses, ACCENT, 2.5))
    for name, losses, colour, width in lines:
        figure.add_scatter(
            x=info.epochs.astype(np.int32),
            y=losses.astype(np.float32),
            name=name,
            mode="lines" if len(losses) > 1 else "lines+markers",
            line={"color": colour, "width": width},
            hovertemplate=f"epoch %{{x:,}}<br>{name} loss %{{y:.4~g}}<extra></extra>",
        )
    if info.best_epoch:
        figure.add_scatter(
            x=[info.best_epoch],
            y=[info.best_loss],
            name=f"best: epoch {info.best_epoch:,}",
            mode="markers",
            marker={"color": ACCENT, "size": 11, "symbol": "circle-open", "line_width": 2.5},
            hovertemplate="best: epoch %{x:,}<br>validation loss %{y:.4~g}<extra></extra>",
        )
    last = int(info.epochs[-1]) if len(info.epochs) else 10
    figure.update_xaxes(title_text="epoch", range=[0, max(10, last) * 1.02], nticks=8, tickformat=",d")
    figure.update_yaxes(title_text="loss", type="log", range=_log_range(info), dtick="D2", tickformat=".4~g")
    return figure


def loss_alt(info: LossInfo) -> str:
    """The course of the training in a sentence."""
    if not info.best_epoch:
        return "Loss per epoch: no epoch has ended yet."
    return (
        f"Loss over {info.epochs[-1]:,} epochs: the validation loss was smallest in epoch {info.best_epoch:,}, at "
        f"{format_number(info.best_loss)}, and is {format_number(info.validation_losses[-1])} at the end."
    )


def _log_range(info: LossInfo) -> list[float] | None:
    """The ends of the axis as powers of ten, at least a factor of ten apart, or None to leave it open."""
    powers = np.log10(np.concatenate([info.train_losses, info.validation_losses]))
    powers = powers[np.isfinite(powers)]
    if not len(powers):
        return None
    low, high = float(powers.min()), float(powers.max())
    room = max(0.05 * (high - low), (1 - (high - low)) / 2, 0.03)
    return [low - room, high + room]
