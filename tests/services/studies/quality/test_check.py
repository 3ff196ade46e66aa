from dataclasses import replace

import numpy as np
import pytest

from models import DatasetError, PhysicalLimits, score
from models.cards.card import IntervalCard
from models.data.split import row_groups
from services.specs.outcomes import ModelRef
from services.specs.run import DatasetRef
from services.studies.quality.check import estimate_seconds, run_quality
from services.studies.quality.report import Grade, QualityResult, QualitySpec, figure_lines, findings_frame, folds_frame


def test_every_row_is_predicted_while_it_is_held_out(result, mixed_dataset, boosted):
    assert result.is_held_out
    np.testing.assert_array_equal(result.measured, mixed_dataset.y)
    assert len(result.predicted) == len(result.fold_of) == mixed_dataset.n_rows
    assert set(result.fold_of) == {1, 2, 3}
    assert not np.allclose(result.predicted, boosted.predictor.predict(mixed_dataset.X))


def test_a_small_table_is_dealt_several_times_and_told_with_standard_errors(spec_of, mixed_dataset, own_shelves):
    small = mixed_dataset.taken(np.arange(40))
    own_shelves.datasets.save(small)
    found = run_quality(spec_of(small, "boosted", n_folds=4, n_repeats=1), own_shelves)
    assert found.n_deals == 5 and len(found.folds) == 4
    assert found.r2.spread is None and 0 < found.r2.error < 0.5
    measured, predicted = np.array(found.measured), np.array(found.predicted)
    assert found.r2.value == pytest.approx(score(measured, predicted).r2, abs=0.3)  # that of the first deal
    assert figure_lines(found)[0].startswith(f"R2 {found.r2.value:.2f} ± {found.r2.error:.2f}, ")
    assert figure_lines(found)[0].endswith("on 40 rows in 4 folds, dealt 5 times; ± is one standard error")
    assert f"(± {100 * found.r2.error:.2g} %, one standard error)" in found.verdict.headline
    assert not any("between parts of the table" in sentence for sentence in found.verdict.sentences)
    assert QualityResult.model_validate_json(found.model_dump_json()) == found


def test_what_is_noise_cannot_be_explained(spec_of, mixed_dataset, own_shelves):
    noise = replace(mixed_dataset, y=np.random.default_rng(0).standard_normal(80))
    own_shelves.datasets.save(noise)
    found = run_quality(spec_of(noise, "boosted"), own_shelves)
    assert found.r2.value < 0.1
    assert found.verdict.grade is Grade.USELESS


def test_rows_that_differ_in_the_sweep_feature_alone_stay_together(spec_of, mixed_dataset, own_shelves):
    twice = replace(mixed_dataset, X=np.tile(mixed_dataset.X, (2, 1)), y=np.tile(mixed_dataset.y, 2))
    twice.X[80:, twice.index("age")] = 90.0
    own_shelves.datasets.save(twice)
    found = run_quality(spec_of(twice, "boosted", n_folds=4, n_repeats=1), own_shelves)
    assert (found.grouped_by, found.n_groups) == ("age", 80)
    groups, folds = row_groups(twice), np.array(found.fold_of)
    assert all(len(set(folds[groups == group])) == 1 for group in range(80))


def test_figures_agree_with_the_rows(result):
    measured, predicted, folds = map(np.array, (result.measured, result.predicted, result.fold_of))
    total = score(measured, predicted)
    assert (result.r2.value, result.rmse.value, result.mae.value) == (total.r2, total.rmse, total.mae)
    for number, fold in enumerate(result.folds, start=1):
        own = score(measured[folds == number], predicted[folds == number])
        assert (fold.n_rows, fold.r2, fold.mae) == ((folds == number).sum(), own.r2, own.mae)
    assert result.r2.spread == pytest.approx(np.std([fold.r2 for fold in result.folds], ddof=1))


def test_importance_names_every_feature_and_ranks_those_that_count(result, mixed_dataset):
    costs = {each.feature: each.cost for each in result.importance}
    assert tuple(costs) == mixed_dataset.feature_names
    assert max(costs, key=costs.get) in ("sand", "water", "temp", "resin")
    assert all(each.spread >= 0 for each in result.importance)


def test_the_same_check_gives_the_same_figures_and_survives_json(spec, own_shelves, result):
    again = run_quality(spec, own_shelves)
    assert again.model_copy(update={"seconds": result.seconds}) == result
    assert QualityResult.model_validate_json(result.model_dump_json()) == result


def test_it_reports_how_far_it_is_and_a_stop_leaves_nothing(spec, own_shelves):
    progress = []
    run_quality(spec, own_shelves, on_progress=progress.append)
    without_time_left = [words.partition(", ")[0] for words in progress]
    assert without_time_left[1:4] == [f"Training without part {i} of 3" for i in (1, 2, 3)]
    assert progress[-2:] == ["Shuffling features", "Looking where it errs"]
    progress = []
    assert run_quality(spec, own_shelves, on_progress=progress.append, should_stop=lambda: len(progress) > 1) is None
    assert progress[-1] == "Training without part 1 of 3"


def test_a_model_that_was_not_trained_here_is_judged_as_it_is(own_shelves, mixed_dataset, boosted, spec_of):
    card = boosted.card.model_copy(update={"settings": None})
    own_shelves.models.save("brought", boosted.artifact, card, overwrite=True)
    found = run_quality(spec_of(mixed_dataset, "brought"), own_shelves)
    assert not found.is_held_out
    np.testing.assert_allclose(found.predicted, boosted.predictor.predict(mixed_dataset.X))
    assert found.r2.spread is None and set(found.fold_of) == {1}
    assert "flatter it" in found.verdict.sentences[-1]


def test_a_known_function_is_judged_as_it_is(own_shelves):
    dataset = own_shelves.datasets.load("bumps")
    ref = DatasetRef(name=dataset.name, digest=dataset.digest)
    found = run_quality(QualitySpec(dataset=ref, model=ModelRef(kind="function", name="bumps")), own_shelves)
    assert not found.is_held_out and found.r2.value > 0.9
    assert folds_frame(found).shape == (1, 5)


def _intervals(half):
    known = {"companions": (), "above": 1, "below": 1, "coverage": 0.9, "level": 0.9, "n_rows": 80}
    return IntervalCard(noise=half, scores=(1.0,), **known)


@pytest.mark.parametrize(("half", "least", "most"), [(1e-6, 0.0, 0.9), (0.3, 0.3, 0.99), (50.0, 1.0, 1.0)])
def test_coverage_counts_the_rows_within_their_interval(
    own_shelves, mixed_dataset, boosted, spec_of, result, half, least, most
):
    card = boosted.card.model_copy(update={"intervals": _intervals(half)})
    own_shelves.models.save("sure", boosted.artifact, card, overwrite=True)
    found = run_quality(spec_of(mixed_dataset, "sure", n_folds=3, n_repeats=2), own_shelves)
    assert found.predicted == result.predicted
    assert least <= found.coverage.share <= most
    low, high, measured = map(np.array, (found.coverage.low, found.coverage.high, found.measured))
    assert found.coverage.share == ((low <= measured) & (measured <= high)).mean()
    np.testing.assert_allclose((low + high) / 2, found.predicted)
    assert any(sentence.startswith("Its 90 % interval") for sentence in found.verdict.sentences)


def test_a_table_that_is_gone_says_so(spec, own_shelves):
    lost = spec.model_copy(update={"dataset": DatasetRef(name="gone", digest="0" * 64)})
    with pytest.raises(DatasetError, match="upload the table again"):
        run_quality(lost, own_shelves)


def test_the_key_tells_tables_and_models_apart(spec):
    other = spec.model_copy(update={"model": spec.model.model_copy(update={"digest": "other"})})
    assert len({spec.key, other.key, spec.model_copy(update={"seed": 5}).key}) == 2
    assert len(spec.key) <= 200


def test_lines_and_tables_say_the_figures(result):
    lines = figure_lines(result)
    assert lines[0].startswith("R2 0.") and lines[0].endswith("on 80 rows in 3 folds")
    assert sum(line.startswith("RMSE with ") for line in lines) == len(result.importance)
    frame = folds_frame(result)
    assert frame["part held out"].tolist() == ["1", "2", "3", "all"]
    assert frame["rows"].tolist()[-1] == frame["rows"][:-1].sum() == 80
    assert len(findings_frame(result)) == len(result.findings)


def test_the_estimate_grows_with_rows_and_folds_and_is_short_without_training(spec, boosted):
    seconds = estimate_seconds(spec, boosted.card, 1_000)
    assert estimate_seconds(spec, boosted.card, 50_000) > seconds
    assert estimate_seconds(spec.model_copy(update={"n_folds": 10}), boosted.card, 1_000) > seconds
    assert estimate_seconds(spec, None, 1_000) < seconds


def test_no_prediction_leaves_what_the_outcome_can_be(own_shelves, mixed_dataset, spec_of):
    limited = replace(mixed_dataset, limits=PhysicalLimits(float(mixed_dataset.y.min()), float(mixed_dataset.y.max())))
    own_shelves.datasets.save(limited)
    found, free = (run_quality(spec_of(each, "boosted", n_folds=3), own_shelves) for each in (limited, mixed_dataset))
    assert found.predicted == tuple(limited.limits.clip(np.array(free.predicted)).tolist())
