"""What kind of model a card tells of, in words."""

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
    return f"Trained on {kept:,} rows{drawn}{stopped}, judged on {metrics.n_test:,}."


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
