"""How long a quality check will take, before it starts."""

from itertools import pairwise

from models import ModelCard, TrainingSettings
from models.families import Family
from services.quality.documents import QualitySpec

_NUMBERS_PER_SECOND = 3e9  # weights times rows that training passes through, on one core
_SECONDS_TO_COMPILE = 3.0
_SECONDS_PER_FOLD = {Family.RANDOM_FOREST: 0.6, Family.BOOSTING: 0.6, Family.GAUSSIAN_PROCESS: 4.0}
_SECONDS_PER_THOUSAND_ROWS = {Family.RANDOM_FOREST: 0.6, Family.BOOSTING: 0.6, Family.GAUSSIAN_PROCESS: 0.5}
_SECONDS_TO_JUDGE = 1.0


def estimate_seconds(spec: QualitySpec, card: ModelCard | None, n_rows: int) -> float:
    """Return roughly the seconds that a check takes with a warm worker.

    Args:
        spec: what is asked for.
        card: of the model; None where there is none.
        n_rows: recorded rows.
    """
    if card is None or card.settings is None:
        return _SECONDS_TO_JUDGE
    if not isinstance(card.settings, TrainingSettings):
        per_fold = _SECONDS_PER_FOLD[card.family] + _SECONDS_PER_THOUSAND_ROWS[card.family] * n_rows / 1_000
        return _SECONDS_TO_JUDGE + spec.n_folds * per_fold
    settings = card.settings
    n_weights = sum((a + 1) * b for a, b in pairwise((card.encoding.n_inputs, *settings.widths, 1)))
    n_epochs = len(card.history.train_loss) if card.history else settings.epochs
    passed = float(n_weights) * n_rows * n_epochs * settings.n_members * spec.n_folds
    return _SECONDS_TO_JUDGE + _SECONDS_TO_COMPILE + passed / _NUMBERS_PER_SECOND
