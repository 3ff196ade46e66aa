import numpy as np

from optimizer import LineageState
from optimizer.niches.record import record, scores_by_id


def test_every_lineage_is_told_with_what_happened_to_it(lineages, box):
    everyone = lineages(np.linspace(0.1, 0.9, 5)[:, None] * [1, 1], scores=[1.0, 2.0, 3.0, 4.0, 5.0])
    before = {0: 1.5, 1: 2.0, 2: 3.0, 3: 4.5}
    living, ended = everyone.take(np.array([4, 0, 1])), everyone.take(np.array([3, 2]))
    told = record(box(2), living, ended, before, {3: 77}, (12, 345, 6))
    S = LineageState
    assert (told.number, told.evaluations, told.n_nonfinite) == (12, 345, 6)
    assert told.ids.tolist() == [0, 1, 2, 3, 4]
    assert told.states.tolist() == [S.IMPROVED, S.STALLED, S.EXTINCT, S.MERGED, S.BORN]
    assert told.merged_into.tolist() == [-1, -1, -1, 77, -1]
    assert told.bests.scores.tolist() == [1, 2, 3, 4, 5]
    np.testing.assert_allclose(told.covariances, np.tile(0.01 * np.eye(2), (5, 1, 1)))
    np.testing.assert_allclose(told.means, told.bests.X)


def test_without_a_merged_lineage_nothing_is_said_about_hills(lineages, box):
    everyone = lineages([[0.5, 0.5]])
    assert record(box(2), everyone, everyone.take(np.empty(0, int)), {}, {}, (0, 1, 0)).merged_into is None


def test_scores_are_those_of_the_moment_they_were_asked_for(lineages):
    everyone = lineages([[0.1], [0.2], [0.3]], scores=[1.0, 2.0, 3.0])
    scores = scores_by_id(everyone.take(np.array([2])), everyone.take(np.array([0, 1])))
    everyone.bests.scores[:] = 0
    assert scores == {2: 3.0, 0: 1.0, 1: 2.0}
