"""What kind of model a card tells of, and how good it is, in words."""

import math

from models import (
    BoostingSettings,
    Family,
    ForestSettings,
    GaussianProcessSettings,
    ModelCard,
    OutcomeScale,
    QuadraticSettings,
    Smoothness,
    TrainingSettings,
)
from models.cards.card import FamilyScore, Leaderboard

_SMOOTHNESS = {Smoothness.EXPONENTIAL: "exponential", Smoothness.MATERN: "Matérn 5/2", Smoothness.RBF: "RBF"}


_POOR = 0.5  # R2 below which a model from elsewhere does not fit its table
_SCALE = {OutcomeScale.LOG: ", of the outcome's logarithm"}


def kind_of_model(card: ModelCard) -> str:
    """The family and what shapes a model most: "Neural network, layers 32 × 32 × 32, 5 members"."""
    label = card.family.words.label
    match card.settings:
        case TrainingSettings(widths=widths, n_members=n_members):
            members = f", {n_members} members" if n_members > 1 else ""
            return f"{label}, layers {' × '.join(map(str, widths))}{members}"
        case ForestSettings(n_trees=n_trees):
            return f"{label}, {n_trees:,} trees"
        case BoostingSettings(n_members=n_members, rounds=rounds):
            members = f"{n_members} members of " if n_members > 1 else ""
            return f"{label}, {members}at most {rounds:,} trees"
        case GaussianProcessSettings(smoothness=smoothness, scale=scale):
            words = f", {_SMOOTHNESS[smoothness]}" if smoothness in _SMOOTHNESS else ""
            return f"{label}{words}{_SCALE.get(scale, '')}"
        case QuadraticSettings(scale=scale):
            return f"{label}{_SCALE.get(scale, '')}"
    return label


def rows_in_words(card: ModelCard) -> str:
    """How many rows a model learned from, was stopped by and is tested on, as one sentence."""
    metrics = card.metrics
    if card.family is Family.KERAS or card.settings is None:
        return f"Trained elsewhere; judged on {metrics.n_test:,} recorded rows, which it may have learned from."
    stopped = f", stopped by {metrics.n_validation:,}" if metrics.n_validation else ""
    kept = metrics.n_train
    if isinstance(card.settings, GaussianProcessSettings | QuadraticSettings):
        kept = min(kept, card.settings.max_rows)
    drawn = f" drawn from {metrics.n_train:,}" if kept < metrics.n_train else ""
    if metrics.is_cross_validated:
        return (
            f"Trained on {kept:,} rows{drawn}{stopped}. Judged by cross-validation: all {card.dataset.n_rows:,} rows "
            f"in {metrics.n_folds} parts, dealt {metrics.n_repeats} times, each part predicted by models that never "
            "saw it. ± is one standard error."
        )
    return f"Trained on {kept:,} rows{drawn}{stopped}, judged on {metrics.n_test:,}."


def quality_words(card: ModelCard) -> str:
    """R2 and what it was measured on, such as "R² 0.62 ± 0.08 (cross-validated)" or "R² 0.87 on held-out rows"."""
    metrics = card.metrics
    if metrics.is_cross_validated:
        return f"R² {estimate_words(metrics.r2, metrics.r2_error)} (cross-validated)"
    if not metrics.n_train:
        return f"R² {_no_lower(metrics.r2, 2)} on recorded rows"
    return f"R² {_no_lower(metrics.r2, 2)} on held-out rows"


def short_r2_words(card: ModelCard) -> str:
    """R2 alone, such as "R² 0.62"."""
    return f"R² {_no_lower(card.metrics.r2, 2)}"


def estimate_words(r2: float, error: float | None) -> str:
    """R2 with its standard error, where that is known: "0.62 ± 0.08", or "0.873"."""
    if error is None:
        return _no_lower(r2, 3)
    digits = 2 if error >= 0.01 else 3 if error >= 0.001 else 4
    return f"{_no_lower(r2, digits)} ± {error:.{digits}f}"


def error_words(value: float, error: float | None, unit: str = "") -> str:
    """RMSE or MAE with its standard error, where that is known, and its unit: "4.31 ± 0.59 MPa"."""
    if not error:
        return f"{value:.3g} {unit}".rstrip()
    decimals = min(max(0, 1 - math.floor(math.log10(error))), 12)  # two digits of the error mean something
    return f"{value:,.{decimals}f} ± {error:,.{decimals}f} {unit}".rstrip()


def _no_lower(r2: float, digits: int) -> str:
    """R2 as a person says it: how far below 0 it is says nothing more."""
    return f"{r2:.{digits}f}" if r2 > -10 else "far below 0"


def comparison_words(board: Leaderboard) -> str:
    """How families were compared, as one sentence."""
    dealt = f", dealt {board.n_repeats} times" if board.n_repeats > 1 else ""
    return (
        f"Families compared on {board.n_rows:,} rows in {board.n_folds} parts{dealt}: each part was predicted by "
        "models that never saw it. ± is one standard error."
    )


def r2_words(score: FamilyScore) -> str:
    """R2 with its standard error, "0.83 ± 0.03"; "–" where a family was not compared."""
    if score.r2 is None:
        return "–"
    return f"{score.r2:.2f}" + (f" ± {score.error:.2f}" if score.error is not None else "")


def seconds_words(score: FamilyScore) -> str:
    """How long a family's comparison took; "–" where it was not compared."""
    return "–" if score.r2 is None else f"{score.seconds:.1f} s"


def leaderboard_lines(board: Leaderboard) -> list[str]:
    """The leaderboard as lines of text, its columns aligned."""
    rows = [(each.family.words.label, r2_words(each), seconds_words(each), each.words) for each in board.scores]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return [comparison_words(board)] + [
        f"  {label.ljust(widths[0])}  R2 {r2.ljust(widths[1])}  {took.rjust(widths[2])}  {words}"
        for label, r2, took, words in rows
    ]


def intervals_in_words(card: ModelCard) -> str:
    """What is known of the model's intervals: how many held-out rows they hold, and how far out they widen."""
    known = card.intervals
    if known is None:
        return "Its predictions have no intervals: how far such a model errs on rows that it never saw was not learned."
    if known.residuals is not None:
        return (
            f"It was not trained here: what it misses on {known.n_rows:,} recorded rows is learned by a Gaussian "
            "process and added to its predictions; their intervals come from there."
            + (
                ""
                if card.metrics.r2 >= _POOR
                else " It misses so much that these say more of the rows than of the model."
            )
        )
    held = (
        f"Its {100 * known.level:.0f} % intervals hold {100 * known.coverage:.0f} % of {known.n_rows:,} recorded rows, "
        "each predicted by models that never saw it."
    )
    sides = (("highest", known.above), ("lowest", known.below))
    worse = [f"{times:.1f} times as large when the {name} rows were hidden" for name, times in sides if times > 1]
    if not worse:
        return (
            f"{held} When the best rows were hidden, what it would have chosen among them erred no more than expected."
        )
    return f"{held} Errors of what it would have chosen were {' and '.join(worse)}; intervals of results allow for it."
