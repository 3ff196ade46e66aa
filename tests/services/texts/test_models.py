from models import (
    BoostingSettings,
    Family,
    ForestSettings,
    GaussianProcessSettings,
    ModelStore,
    QuadraticSettings,
    TrainingSettings,
)
from models.cards.card import FamilyScore, Leaderboard
from services.texts.models import (
    error_words,
    estimate_words,
    intervals_in_words,
    kind_of_model,
    leaderboard_lines,
    quality_words,
    rows_in_words,
)


def card_of(family: Family, settings, **metrics):
    card = ModelStore().load("concrete").card
    changed = card.metrics.model_copy(update=metrics)
    return card.model_copy(update={"family": family, "settings": settings, "metrics": changed})


def test_every_family_is_told_in_words():
    told = {
        "Neural network, layers 8 × 4, 5 members": card_of(Family.MLP, TrainingSettings(widths=(8, 4), n_members=5)),
        "Neural network, layers 8": card_of(Family.MLP, TrainingSettings(widths=(8,), n_members=1)),
        "Random forest, 300 trees": card_of(Family.RANDOM_FOREST, ForestSettings()),
        "Gradient boosting, 5 members of at most 300 trees": card_of(Family.BOOSTING, BoostingSettings()),
        "Gradient boosting, at most 1,200 trees": card_of(Family.BOOSTING, BoostingSettings(n_members=1, rounds=1_200)),
        "Gaussian process": card_of(Family.GAUSSIAN_PROCESS, GaussianProcessSettings()),
        "Gaussian process, Matérn 5/2": card_of(Family.GAUSSIAN_PROCESS, GaussianProcessSettings(smoothness="matern")),
        "Gaussian process, RBF, of the outcome's logarithm": card_of(
            Family.GAUSSIAN_PROCESS, GaussianProcessSettings(smoothness="rbf", scale="log")
        ),
        "Quadratic response surface": card_of(Family.QUADRATIC, QuadraticSettings(scale="plain")),
        "Quadratic response surface, of the outcome's logarithm": card_of(
            Family.QUADRATIC, QuadraticSettings(scale="log")
        ),
        "Keras model": card_of(Family.KERAS, None),
    }
    assert {words: kind_of_model(card) for words, card in told.items()} == {words: words for words in told}


def test_a_leaderboard_is_told_line_by_line():
    scores = (
        FamilyScore(family=Family.QUADRATIC, r2=0.836, error=0.02, seconds=0.31, words="Taken."),
        FamilyScore(family=Family.BOOSTING, r2=-1.2, error=0.5, seconds=12.0, words="Worse."),
        FamilyScore(family=Family.MLP, words="Not compared."),
    )
    head, *lines = leaderboard_lines(Leaderboard(scores=scores, n_rows=1_234, n_folds=5, n_repeats=2))
    assert head.startswith("Families compared on 1,234 rows in 5 parts, dealt 2 times: ")
    assert lines == [
        "  Quadratic response surface  R2 0.84 ± 0.02    0.3 s  Taken.",
        "  Gradient boosting           R2 -1.20 ± 0.50  12.0 s  Worse.",
        "  Neural network              R2 –                  –  Not compared.",
    ]


def test_how_good_a_model_is_is_told_with_what_it_was_judged_by():
    judged = {"r2": 0.6234, "r2_error": 0.081, "rmse": 4.31, "rmse_error": 0.588, "n_folds": 5, "n_repeats": 5}
    card = card_of(Family.GAUSSIAN_PROCESS, GaussianProcessSettings(), **judged)
    assert quality_words(card) == "R² 0.62 ± 0.08 (cross-validated)"
    words = rows_in_words(card)
    assert "Judged by cross-validation: all 1,030 rows in 5 parts, dealt 5 times, each part predicted by" in words
    assert quality_words(card_of(Family.MLP, TrainingSettings(), r2=0.874)) == "R² 0.87 on held-out rows"
    assert quality_words(card_of(Family.KERAS, None, r2=-40.0, n_train=0)) == "R² far below 0 on recorded rows"
    assert error_words(4.31, 0.588, "MPa") == "4.31 ± 0.59 MPa" and error_words(4.31, None, "MPa") == "4.31 MPa"
    assert estimate_words(0.99912, 0.0004) == "0.9991 ± 0.0004" and estimate_words(0.8734, None) == "0.873"


def test_the_rows_are_told_in_words():
    counts = {"n_train": 1_700, "n_validation": 300, "n_test": 200}
    mlp = card_of(Family.MLP, TrainingSettings(), **counts)
    assert rows_in_words(mlp) == "Trained on 1,700 rows, stopped by 300, judged on 200."
    process = card_of(Family.GAUSSIAN_PROCESS, GaussianProcessSettings(max_rows=1_000), **counts | {"n_validation": 0})
    assert rows_in_words(process) == "Trained on 1,000 rows drawn from 1,700, judged on 200."
    surface = card_of(Family.QUADRATIC, QuadraticSettings(max_rows=1_000), **counts | {"n_validation": 0})
    assert rows_in_words(surface) == rows_in_words(process)
    forest = card_of(Family.RANDOM_FOREST, ForestSettings(), **counts | {"n_validation": 0})
    assert rows_in_words(forest) == "Trained on 1,700 rows, judged on 200."
    keras = card_of(Family.KERAS, None, n_train=0, n_validation=0, n_test=1_030)
    assert rows_in_words(keras).startswith("Trained elsewhere; judged on 1,030 recorded rows")


def test_coverage_and_replay_are_said_of_a_shipped_model(catalog):
    card = catalog.models.load("concrete").card
    words = intervals_in_words(card)
    assert f"Its 90 % intervals hold {100 * card.intervals.coverage:.0f} % of 1,030 recorded rows" in words
    replayed = {
        (1.0, 1.0): "erred no more than expected.",
        (1.7, 1.0): "were 1.7 times as large when the highest rows were hidden; intervals of results allow for it.",
        (1.7, 2.04): "were 1.7 times as large when the highest rows were hidden and 2.0 times as large when the lowest",
    }
    for (above, below), said in replayed.items():
        intervals = card.intervals.model_copy(update={"above": above, "below": below})
        assert said in intervals_in_words(card.model_copy(update={"intervals": intervals}))


def test_a_model_from_elsewhere_says_that_it_is_corrected_and_where_it_does_not_fit(catalog):
    card = catalog.models.load("concrete").card
    intervals = card.intervals.model_copy(update={"residuals": card.intervals.companions[0].kernel})
    fits = card.model_copy(update={"intervals": intervals})
    assert intervals_in_words(fits).endswith("their intervals come from there.")
    misses = fits.model_copy(update={"metrics": card.metrics.model_copy(update={"r2": 0.1})})
    assert intervals_in_words(misses).endswith("say more of the rows than of the model.")


def test_a_model_without_intervals_says_so(catalog):
    card = catalog.models.load("concrete").card.model_copy(update={"intervals": None})
    assert intervals_in_words(card).startswith("Its predictions have no intervals")
