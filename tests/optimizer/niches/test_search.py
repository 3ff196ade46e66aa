import itertools

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from optimizer import (
    Budget,
    Categorical,
    LineageState,
    Numeric,
    Objective,
    Problem,
    SearchSpace,
    StopReason,
    is_end,
    search,
)
from optimizer.checks import AskTellError
from optimizer.constraints.constraint import SumConstraint
from optimizer.methods.asktell import ImmigrantSampler, ImmigrantSource
from optimizer.niches.archive import MARGIN
from optimizer.niches.search import NicheSearch
from optimizer.niches.settings import NicheSettings

SQUARE = SearchSpace.from_bounds([(-6, 6)] * 2)
CAMEL = SearchSpace.from_bounds([(-1.9, 1.9), (-1.1, 1.1)])
CAMEL_MINIMA = np.array([[0.08984201, -0.71265640], [1.70360671, -0.79608357], [1.60710475, 0.56865145]])


def camel(X):
    """The six-hump camel back: two lowest minima, and two pairs of higher ones."""
    x, y = X.T
    return (4 - 2.1 * x**2 + x**4 / 3) * x**2 + x * y + (4 * y**2 - 4) * y**2


def equal_minima(X):
    return -(np.sin(5 * np.pi * X[:, 0]) ** 6)


def flat(X):
    return np.ones(len(X))


def found(function, space, budget, seed=0, starts=None, scale=1.0, **given):
    problem = Problem(space, function, Objective(goal="minimum", scale=scale), starts=starts)
    return search(problem, NicheSettings(**given), Budget(budget), np.random.default_rng(seed))


def asked_of(space, budget, seed=0):
    rng = np.random.default_rng(seed)
    return NicheSearch(space, 40, 0.15, budget, ImmigrantSampler(space, ImmigrantSource.RANDOM, None, rng), rng)


def nearest_of(minima, X):
    gaps = np.linalg.norm(X[:, None] - minima[None], axis=2)
    return gaps.argmin(axis=1).tolist(), gaps.min(axis=1)


class TestAskTell:
    def test_asking_twice_says_what_is_missing(self, bowl):
        niches = asked_of(SQUARE, 1000)
        n = len(niches.ask())
        with pytest.raises(AskTellError, match=f"results of the last {n} candidates before asking again"):
            niches.ask()

    def test_telling_before_asking_is_refused(self, candidates):
        with pytest.raises(AskTellError, match="Ask for candidates before telling"):
            asked_of(SQUARE, 1000).tell(candidates([[0.0, 0.0]], 1.0))

    def test_results_of_another_number_are_refused_with_both_numbers(self, candidates):
        niches = asked_of(SQUARE, 1000)
        n = len(niches.ask())
        with pytest.raises(AskTellError, match=rf"\b{n}\b.*\b1\b"):
            niches.tell(candidates([[0.0, 0.0]], 1.0))

    @settings(max_examples=15)
    @given(budget=st.integers(1, 1500), m=st.integers(1, 4), n_holes=st.integers(0, 2), seed=st.integers(0, 100))
    def test_all_that_it_asks_for_is_within_its_budget(self, budget, m, n_holes, seed):
        def hilly(X):
            values = np.cos(9 * X).sum(axis=1)
            return np.where((X < 0.3).sum(axis=1) >= 3 - n_holes, np.inf, values)

        space = SearchSpace.from_bounds([(0, 1)] * m)
        problem, niches = Problem(space, hilly, Objective(goal="minimum")), asked_of(space, budget, seed)
        n_evaluations = 0
        while (n := niches.n_asked) <= budget - n_evaluations:
            X = niches.ask()
            assert n == len(X) > 0 and space.contains(X).all()
            n_evaluations += n
            generation = niches.tell(problem.evaluate(X))
            assert generation.evaluations == n_evaluations
        assert n_evaluations <= budget
        assert n == budget - n_evaluations + 1  # at its end there is nothing more, and nothing too much, to ask for


class TestBudget:
    @pytest.mark.parametrize(
        ("function", "space", "given"),
        [
            (flat, SQUARE, {}),  # all lineages come to their end in one generation
            (flat, SQUARE, {"n_lineages": 1}),
            (equal_minima, SearchSpace.from_bounds([(0, 1)]), {"n_lineages": 1}),  # nothing to cross in one dimension
            (camel, CAMEL, {}),
            (camel, CAMEL, {"n_lineages": 3, "spread": 0.0}),
        ],
    )
    def test_it_is_used_but_for_what_no_lineage_could_live_on(self, function, space, given):
        outcome = found(function, space, 3000, **given)
        assert 3000 - 60 * (len(space.free) + 2) - 100 < outcome.n_evaluations <= 3000
        assert outcome.stop_reason is StopReason.BUDGET

    @pytest.mark.parametrize("n_lineages", [1, 2, 5, 40])
    def test_no_more_lineages_live_than_may_but_for_one_that_was_adopted(self, n_lineages):
        outcome = found(camel, CAMEL, 3000, n_lineages=n_lineages)
        living = [generation.n_living for generation in outcome.trace]
        assert max(living) <= n_lineages + 1 and np.median(living) <= n_lineages

    def test_where_there_is_no_number_there_is_no_lineage(self):
        outcome = found(lambda X: np.full(len(X), np.nan), SQUARE, 2000)
        assert outcome.n_lineages == len(outcome.found) == 0

    @pytest.mark.parametrize("huge", [1e200, 1e308])
    def test_numbers_as_large_as_can_be_warn_of_nothing(self, huge):
        outcome = found(lambda X: np.where(X[:, 0] < 0, huge * (X[:, 1] / 6) ** 2, camel(X)), SQUARE, 1500)
        assert outcome.found.scores[0] < 0


class TestFound:
    @pytest.mark.parametrize("seed", range(3))
    def test_the_archive_is_the_four_minima_of_himmelblau(self, himmelblau, himmelblau_minima, seed):
        archive = found(himmelblau, SQUARE, 8000, seed).archive
        rows, gaps = nearest_of(himmelblau_minima, archive.X)
        assert sorted(rows) == [0, 1, 2, 3]
        assert gaps.max() < 2e-6  # the minima are given in six decimals
        assert archive.scores.max() < 1e-10

    @pytest.mark.parametrize("seed", range(4))
    def test_however_early_it_ends_the_archive_holds_tops_only_and_each_once(self, himmelblau, himmelblau_minima, seed):
        for budget in range(200, 1600, 200):
            rows, gaps = nearest_of(himmelblau_minima, found(himmelblau, SQUARE, budget, seed).archive.X)
            assert len(set(rows)) == len(rows)
            assert gaps.max(initial=0) < 0.05

    @pytest.mark.parametrize("seed", range(3))
    def test_the_archive_is_the_five_equal_minima(self, seed):
        archive = found(equal_minima, SearchSpace.from_bounds([(0, 1)]), 4000, seed).archive
        np.testing.assert_allclose(np.sort(archive.X[:, 0]), [0.1, 0.3, 0.5, 0.7, 0.9], atol=1e-6)

    @pytest.mark.parametrize("seed", range(3))
    def test_the_archive_holds_the_lowest_minima_and_the_higher_ones_each_once(self, seed):
        archive = found(camel, CAMEL, 8000, seed).archive
        minima = np.concatenate([CAMEL_MINIMA, -CAMEL_MINIMA])
        rows, gaps = nearest_of(minima, archive.X)
        assert len(set(rows)) == len(rows) >= 4
        assert gaps.max() < 0.02  # a hill far below the best is not climbed to the last digit
        lowest = [row in (0, 3) for row in rows]
        assert sum(lowest) == 2 and gaps[lowest].max() < 1e-6

    def test_what_was_good_on_the_way_is_kept_and_the_best_of_it_is_the_best(self):
        outcome = found(camel, CAMEL, 4000)
        assert outcome.good.scores[0] == pytest.approx(outcome.archive.scores.min(), abs=1e-9)
        assert outcome.good.scores.max() <= outcome.good.scores[0] + MARGIN
        assert len(outcome.good) > 3 * len(outcome.archive)

    @pytest.mark.parametrize("seed", range(4))
    def test_the_best_of_a_mixed_space_under_a_rule_is_that_of_brute_force(self, seed):
        """By hand: for every number of cavities and every resin, the best dose x is known, and what it is worth."""
        rng = np.random.default_rng(5)
        doses, worths = rng.uniform(1, 9, (9, 3)), rng.standard_normal((9, 3))
        space = SearchSpace(
            (
                Numeric("x", 0.0, 10.0, std=3.0),
                Numeric("y", 0.0, 10.0, std=3.0),
                Numeric("cavities", 0, 8, std=3.0, step=1.0),
                Categorical("resin", (0.6, 0.3, 0.1)),
            ),
            constraints=(SumConstraint((0, 1), 10.0, 10.0),),
        )

        def cost(X):
            n, c = X[:, 2].astype(int), X[:, 3].astype(int)
            return worths[n, c] + 0.05 * (X[:, 0] - doses[n, c]) ** 2

        outcome = found(cost, space, 8000, seed)
        n, c = min(itertools.product(range(9), range(3)), key=lambda pair: worths[pair])
        best = outcome.found.X[0]
        assert (best[2], best[3]) == (n, c)
        np.testing.assert_allclose(best[:2], [doses[n, c], 10 - doses[n, c]], atol=1e-2)
        assert outcome.found.scores[0] == pytest.approx(worths.min(), abs=1e-5)

    def test_candidates_of_other_categories_are_other_optima_and_none_is_there_twice(self):
        table = np.random.default_rng(0).standard_normal((10, 10, 3))
        space = SearchSpace(
            (
                Numeric("i", 0, 9, std=3.0, step=1.0),
                Numeric("j", 0, 9, std=3.0, step=1.0),
                Categorical("c", (0.5, 0.3, 0.2)),
            )
        )
        for seed in range(3):
            outcome = found(lambda X: table[tuple(X.astype(int).T)], space, 3000, seed)
            assert outcome.found.scores[0] == table.min()
            assert len(np.unique(outcome.archive.X, axis=0)) == len(outcome.archive) > 3
            assert len(np.unique(outcome.archive.X[:, 2])) > 1

    def test_recorded_rows_lead_to_what_random_candidates_miss(self):
        rng = np.random.default_rng(1)
        space = SearchSpace.from_bounds([(0, 1)] * 6)
        rows = rng.random((20, 6))
        well = rows[7] + 0.01

        def needle(X):
            return ((X - 0.5) ** 2).sum(axis=1) - 5 * np.exp(-((X - well) ** 2).sum(axis=1) / (2 * 0.02**2))

        with_rows, without = (found(needle, space, 6000, starts=starts) for starts in (rows, None))
        assert with_rows.archive.scores.min() < -4.5
        np.testing.assert_allclose(with_rows.found.X[0], well, atol=1e-3)
        assert without.found.scores[0] > -1
        ignored = found(needle, space, 6000, starts=rows, immigrants_from=ImmigrantSource.RANDOM)
        np.testing.assert_array_equal(ignored.found.X, without.found.X)


class TestTrace:
    def test_the_same_seed_gives_the_same_trace_gaussians_and_all(self, same_trace):
        one, two, other = (found(camel, CAMEL, 2500, seed) for seed in (1, 1, 2))
        assert same_trace(one.trace, two.trace) and not same_trace(one.trace, other.trace)
        for a, b in zip(one.trace, two.trace, strict=True):
            np.testing.assert_array_equal(a.covariances, b.covariances)
            np.testing.assert_array_equal(a.means, b.means)

    def test_a_merged_lineage_names_another_that_had_been_born(self, himmelblau):
        outcome = found(himmelblau, SQUARE, 6000)
        born, n_named = {}, 0
        for generation in outcome.trace:
            born |= {int(lineage): generation.number for lineage in generation.ids if int(lineage) not in born}
            is_merged = generation.states == LineageState.MERGED
            if generation.merged_into is None:
                assert not is_merged.any()
                continue
            assert (generation.merged_into[~is_merged] == -1).all()
            for lineage, into in zip(generation.ids[is_merged], generation.merged_into[is_merged], strict=True):
                assert into in born and into != lineage
                n_named += 1
        assert n_named == outcome.count(LineageState.MERGED) > 20

    def test_what_is_extinct_is_in_the_archive_and_what_is_merged_is_not(self):
        outcome = found(camel, CAMEL, 5000)
        ends = {}
        for generation in outcome.trace:
            gone = generation.states == LineageState.EXTINCT
            ends |= dict(zip(generation.ids[gone].tolist(), generation.bests.scores[gone].tolist(), strict=True))
        assert len(ends) == len(outcome.archive) and outcome.count(LineageState.MERGED) > 0
        # a lineage that merged may have bettered what it merged into
        assert (np.sort(outcome.archive.scores) <= np.sort(list(ends.values())) + 1e-12).all()

    @pytest.mark.parametrize("budget", [600, 4000])
    def test_gaussians_are_symmetric_positive_and_finite(self, mixed_space, budget):
        def hilly(X):
            return np.sin(X[:, 0] / 8) + np.abs(X[:, 1] - 4.4) / 3 + np.cos(9 * X[:, 2]) + 0.3 * (X[:, 3] == 2)

        for space, function in ((CAMEL, camel), (mixed_space, hilly)):
            moving = [isinstance(f, Numeric) and f.is_free for f in space.features]
            for generation in found(function, space, budget).trace:
                C = generation.covariances
                assert C.shape == (len(generation.ids), space.n_features, space.n_features)
                assert np.isfinite(C).all() and np.isfinite(generation.means).all()
                assert not C[:, np.invert(moving)].any() and not C[:, :, np.invert(moving)].any()
                scale = np.abs(C).max(axis=(1, 2), keepdims=True)
                assert (np.abs(C - C.transpose(0, 2, 1)) <= 1e-9 * scale).all()
                assert (np.linalg.eigvalsh(C) >= -1e-9 * scale[:, 0]).all()
                living = ~is_end(generation.states)
                assert (scale[living] > 0).all()

    def test_newborn_lineages_have_round_gaussians_about_themselves(self):
        first = found(camel, CAMEL, 500).trace[0]
        assert (first.states == LineageState.BORN).all()
        np.testing.assert_allclose(first.means, first.bests.X, atol=1e-12)
        width = np.array([3.8, 2.2])
        shapes = first.covariances / np.outer(width, width)
        np.testing.assert_allclose(shapes, shapes[:, :1, :1] * np.eye(2), atol=1e-15)
