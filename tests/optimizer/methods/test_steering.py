"""What every method that can be steered holds to; how it does so, `test_asktell` tells."""

import time

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from optimizer import (
    METHODS,
    Budget,
    Decision,
    DecisionKind,
    Hooks,
    LineageSettings,
    LineageState,
    Numeric,
    Objective,
    Problem,
    SearchSpace,
    SpaceError,
    StopReason,
    is_end,
    is_steerable,
    replaying,
    search,
)
from optimizer.niches.settings import NicheSettings

DROP, MORE = DecisionKind
SPACE = SearchSpace(tuple(Numeric(name, 0.0, 1.0, std=0.3) for name in "ab"))
STEERABLE = [LineageSettings(n_lineages=12, patience=6), NicheSettings(n_lineages=12)]
IDS = [method.name for method in STEERABLE]
DISTINCT = 0.7
HILLS = np.array([[0.2, 0.2], [0.8, 0.8], [0.2, 0.8], [0.8, 0.2]])


def four_hills(X):
    """Four minima, the deepest at (0.2, 0.2)."""
    distances = np.linalg.norm(X[:, None] - HILLS, axis=2)
    return (distances**2 + 0.01 * np.arange(4)).min(axis=1)


def problem_of(function=four_hills, **more):
    return Problem(SPACE, function, Objective(goal="minimum"), **more)


def steered(method, decide, budget=3_000, seed=1, problem=None, **more):
    rng = np.random.default_rng(seed)
    return search(problem or problem_of(), method, Budget(budget), rng, Hooks(decide=decide, distinct=DISTINCT, **more))


class User:
    """Somebody who watches, and decides about the best lineage after some generations."""

    def __init__(self, choices):
        self.choices, self.seen, self.decided = choices, [], []

    def watch(self, generation):
        self.seen.append(generation)

    def __call__(self, number):
        assert number == self.seen[-1].number  # asked about the generation that is over, once
        kind = self.choices.get(len(self.seen))
        return (self.decide(number, kind),) if kind else ()

    def decide(self, number, kind):
        gone = {d.lineage for d in self.decided if d.kind is DROP}
        last = self.seen[-1]
        living = [k for k in np.argsort(last.bests.scores) if not is_end(last.states[k]) and last.ids[k] not in gone]
        self.decided.append(Decision(number, kind, int(last.ids[living[0]])))
        return self.decided[-1]


def with_user(method, choices, **more):
    user = User(choices)
    return user, steered(method, user, on_generation=user.watch, **more)


def near(X, hill, radius=DISTINCT * 0.3):
    return np.linalg.norm(X - HILLS[hill], axis=1) < radius


def bests_when_decided(user):
    by_number = {generation.number: generation for generation in user.seen}
    taken = [(by_number[d.after], d.lineage) for d in user.decided]
    return np.array([g.bests.X[g.ids == lineage][0] for g, lineage in taken])


@pytest.mark.parametrize("method", STEERABLE, ids=IDS)
class TestSteerable:
    def test_without_decisions_it_finds_what_it_finds_without_a_user(self, method, same_trace):
        alone, external = steered(method, None), steered(method, lambda number: ())
        assert same_trace(alone.trace, external.trace)
        assert alone.found.X.tobytes() == external.found.X.tobytes()

    @pytest.mark.parametrize("choices", [{3: DROP}, {4: MORE}, {2: MORE, 5: DROP, 9: DROP, 12: MORE}])
    def test_the_same_decisions_give_the_same_outcome_whoever_takes_them(self, method, choices, same_trace):
        user, live = with_user(method, choices)
        assert live.decisions == tuple(user.decided)
        again = steered(method, replaying(live.decisions))
        assert same_trace(live.trace, again.trace)
        assert live.found.X.tobytes() == again.found.X.tobytes()
        assert again.decisions == live.decisions

    def test_a_decision_changes_the_search(self, method, same_trace):
        alone = steered(method, None)
        for kind in DecisionKind:
            assert not same_trace(alone.trace, with_user(method, {3: kind})[1].trace)

    def test_a_decision_is_a_generation_in_which_nothing_is_evaluated(self, method):
        user, outcome = with_user(method, {4: DROP})
        told = next(generation for generation in outcome.trace if generation.decisions)
        before = outcome.trace[told.number - 1]
        assert told.decisions == tuple(user.decided)
        assert (told.number, told.evaluations) == (before.number + 1, before.evaluations)
        assert [generation.number for generation in outcome.trace] == list(range(len(outcome.trace)))
        assert told.ids.tolist() == sorted(told.ids.tolist())
        assert set(told.states.tolist()) == {LineageState.STALLED, LineageState.DROPPED}
        assert told.states[told.ids == user.decided[0].lineage] == [LineageState.DROPPED]
        assert outcome.count(LineageState.DROPPED) == (told.states == LineageState.DROPPED).sum()

    def test_a_dropped_lineage_is_gone_with_all_that_is_like_it(self, method):
        for seed in range(4):
            user, outcome = with_user(method, {6: DROP, 7: DROP}, seed=seed, budget=4_000)
            for best in bests_when_decided(user):
                distances = np.linalg.norm((outcome.found.X - best) / 0.3, axis=1)
                assert distances.min() >= DISTINCT * (1 - 1e-6)
            ended = [generation.number for generation in outcome.trace if generation.decisions]
            gone = {d.lineage for d in user.decided}
            for generation in outcome.trace[ended[-1] + 1 :]:
                assert not gone & set(generation.ids.tolist())

    def test_the_search_goes_on_elsewhere(self, method):
        def decide(number):  # the best of all, when its hill is known
            return (Decision(number, DROP, best_lineage(outcome, 0)),) if number == 25 else ()

        outcome = steered(method, None, budget=6_000)
        assert near(outcome.found.X[:1], 0).all()
        after = steered(method, decide, budget=6_000)
        assert not near(after.found.X, 0, 0.15).any()
        assert near(after.found.X[:1], 1).all()
        assert after.found.scores[0] < 0.011

    def test_what_went_extinct_can_be_dropped(self, method):
        extinct = []

        def note(generation):
            rows = (generation.states == LineageState.EXTINCT) & (generation.bests.scores < 0.05)
            extinct.extend(zip(generation.ids[rows].tolist(), generation.bests.X[rows], strict=True))

        def decide(number):
            if not extinct or decided:
                return ()
            decided.append(extinct[0])
            return (Decision(number, DROP, extinct[0][0]),)

        decided = []
        outcome = steered(method, decide, on_generation=note, budget=5_000)
        ((lineage, best),) = decided
        told = next(generation for generation in outcome.trace if generation.decisions)
        assert told.states[told.ids == lineage] == [LineageState.DROPPED]
        assert (np.linalg.norm((outcome.archive.X - best) / 0.3, axis=1) > DISTINCT * 0.999).all()

    def test_more_of_a_lineage_brings_newcomers_around_it(self, method):
        shares = {}
        for kind in (None, MORE):
            user, outcome = with_user(method, {8: kind} if kind else {}, budget=5_000)
            born = [g.bests.X[g.states == LineageState.BORN] for g in outcome.trace[9:-1]]
            best = bests_when_decided(user)[0] if kind else best_of(outcome, 7)
            distances = np.linalg.norm((np.vstack(born) - best) / 0.3, axis=1)
            shares[kind] = (distances < 2 * DISTINCT).mean()
        assert shares[MORE] > shares[None] + 0.1

    def test_what_is_decided_about_nobody_changes_nothing_but_is_told(self, method):
        outcome = steered(method, replaying([Decision(3, DROP, 10**6)]))
        alone = steered(method, None)
        assert len(outcome.trace) >= 5
        assert outcome.count(LineageState.DROPPED) == 0
        for one, other in zip(outcome.trace[:4], alone.trace[:4], strict=True):
            assert one.bests.X.tobytes() == other.bests.X.tobytes()

    def test_everything_may_be_dropped(self, method):
        def decide(number):
            return tuple(Decision(number, DROP, lineage) for lineage in range(12)) if number == 2 else ()

        outcome = search(
            problem_of(), method, Budget(2_000), np.random.default_rng(0), Hooks(decide=decide, distinct=20.0)
        )
        assert outcome.stop_reason is StopReason.BUDGET
        assert len(outcome.found) == 0
        assert outcome.n_evaluations > 1_000

    def test_the_clock_stands_still_while_the_user_decides(self, method):
        def decide(number):
            time.sleep(0.3 if number == 0 else 0.0)
            return ()

        began = time.perf_counter()
        outcome = search(
            problem_of(), method, Budget(400, seconds=0.25), np.random.default_rng(0), Hooks(decide=decide)
        )
        assert time.perf_counter() - began - outcome.seconds > 0.29
        assert len(outcome.trace) > 1

    def test_lineages_begin_where_they_are_told_to(self, method):
        told = SPACE.sample(9, np.random.default_rng(5))
        outcome = steered(method, None, problem=problem_of(begin_at=told))
        first = outcome.trace[0]
        assert all((row == first.bests.X).all(axis=1).any() for row in told)
        assert len(first.ids) == len({row.tobytes() for row in first.bests.X})

    def test_of_too_many_the_best_begin_lineages(self, method):
        told = SPACE.sample(40, np.random.default_rng(5))
        first = steered(method, None, problem=problem_of(begin_at=told)).trace[0]
        scores = np.sort(four_hills(told))
        assert first.bests.scores.max() <= scores[11] + 1e-12
        assert len(first.ids) <= 12 + 1  # the best of all may begin one more

    @settings(max_examples=15)
    @given(n=st.integers(1, 30), seed=st.integers(0, 99), budget=st.integers(60, 400), data=st.data())
    def test_it_never_ends_worse_than_where_it_began(self, method, n, seed, budget, data):
        space = SearchSpace((*SPACE.features, Numeric("c", 0, 4, std=1.0, step=1.0)))
        told = space.sample(n, np.random.default_rng(seed))
        problem = Problem(space, lambda X: four_hills(X[:, :2]) + 0.1 * X[:, 2], Objective("minimum"), begin_at=told)
        outcome = search(problem, method, Budget(budget), np.random.default_rng(data.draw(st.integers(0, 9))))
        assert outcome.found.scores[0] <= problem.evaluate(told).scores.min()


def best_of(outcome, number):
    bests = outcome.trace[number].bests
    return bests.X[bests.scores.argmin()]


def best_lineage(outcome, hill):
    """Return the lineage of a run that was best near a hill after 25 generations, dead or alive."""
    told = {}
    for generation in outcome.trace[:26]:
        for lineage, x, score in zip(generation.ids, generation.bests.X, generation.bests.scores, strict=True):
            if near(x[None], hill, 0.1)[0]:
                told[int(lineage)] = score
    return min(told, key=told.get)


def test_only_searches_by_lineages_of_their_own_are_steerable():
    assert {name for name, method in METHODS.items() if is_steerable(method)} == {"lineages", "niches"}


def test_a_method_that_cannot_be_steered_says_so():
    with pytest.raises(SpaceError, match=r"cannot be steered .*: search by 'niches' or 'lineages'"):
        steered(next(method for method in METHODS.values() if not is_steerable(method)), lambda number: ())


@pytest.mark.parametrize(
    ("after", "kind", "lineage", "words"),
    [(-1, "drop", 0, "at least 0"), (0, "keep", 0, "'drop', 'more', got 'keep'"), (0, "more", -2, "at least 0")],
)
def test_a_decision_that_no_search_can_heed_is_refused(after, kind, lineage, words):
    with pytest.raises(SpaceError, match=words):
        Decision(after, kind, lineage)


def test_decisions_are_replayed_once_and_in_order():
    decide = replaying([Decision(5, "more", 2), Decision(3, "drop", 1), Decision(5, "drop", 4)])
    given = [decide(number) for number in range(8)]
    assert [[(d.kind, d.lineage) for d in each] for each in given] == [
        [], [], [], [("drop", 1)], [], [("more", 2), ("drop", 4)], [], [],
    ]  # fmt: skip
