"""Rows of a run as the browser reads them, and the same run with less detail.

A run of a hundred thousand generations has more events than anybody can see: neighbouring generations are drawn as one,
and where that is not enough, lineages that came and went in between are left out. Numbers of lineages stay those of
the whole run.
"""

from dataclasses import dataclass, replace

import numpy as np

from optimizer.trace import is_improvement

GENERATION, LINEAGE, STATE, SCORE, OUTCOME, DENSITY, FEATURES = range(7)  # columns of a row; FEATURES is the first
COMPONENTS = 2  # principal components, after the features
SHAPE_WIDTH = 9  # then variances on the pair of features (xx, xy, yy), an ellipse on the components (centre, variances
# xx, xy, yy), and the lineage that a merged one went into, else -1
GENERATION_WIDTH = 6  # number, evaluations, then lineages born, extinct, merged and dropped until then
BORN, STALLED, EXTINCT = 0, 2, 3
BRIEFLY = 3  # added to the state of an end within the drawn generation of the birth
MAX_COARSENING = 2  # times as few generations are drawn before lineages are left out


def goals_width(n_goals: int) -> int:
    """Number of columns that several goals take in a row: each of them, and the penalties; none for one goal."""
    return n_goals + 1 if n_goals else 0


def row_width(n_features: int, n_goals: int = 0) -> int:
    """Number of columns of a row."""
    return FEATURES + n_features + COMPONENTS + goals_width(n_goals) + SHAPE_WIDTH


@dataclass(frozen=True, slots=True, eq=False)
class RowBlock:
    """Rows of a run, ordered by generation: one for each event of a lineage, and one for each generation.

    Attributes:
        rows: (n, d + 17) float32: generation (from 1), lineage, state, score, outcome, density, d features, two
            principal components, then the variances that the lineage draws with on the pair of features (xx, xy, yy)
            and the ellipse on the components that it draws from (centre, variances xx, xy, yy), NaN without one, the
            lineage that a merged one went into (else -1). Of several goals, each of these and the penalties in their
            scores stand after the components.
        generations: (g, 6) number, evaluations, and how many lineages were born, extinct, merged and dropped by then.
        follows: number of the generation that the block follows; after 0 it tells the run from its start.
        edition: another one leaves out lineages that were told of before, so that their ends would never be told.
        climb: (s, d + 17) where the candidates of the last phase began, in the columns of rows: the lineage is the one
            at whose best each arrived, -1 for none, the state 1 for a fresh start and 2 more for one that arrived at a
            top of its own; None without such a phase.
        n_goals: of a search for several goals, else 0. The score then is how far a lineage is behind the front.
    """

    rows: np.ndarray
    generations: np.ndarray
    follows: int = 0
    edition: int = 0
    climb: np.ndarray | None = None
    n_goals: int = 0

    @classmethod
    def empty(cls, n_features: int, n_goals: int = 0) -> "RowBlock":
        """A block without rows."""
        rows = np.zeros((0, row_width(n_features, n_goals)), dtype=np.float32)
        return cls(rows, np.zeros((0, GENERATION_WIDTH)), n_goals=n_goals)

    @property
    def last(self) -> int:
        """Number of the last generation, 0 where there is none."""
        return int(self.generations[-1, 0]) if len(self.generations) else 0

    @property
    def sent_rows(self) -> np.ndarray:
        """The rows without the columns of shapes where no row has one."""
        shapes = self.rows[:, -SHAPE_WIDTH:]
        has_shapes = np.isfinite(shapes[:, :-1]).any() or (shapes[:, -1] >= 0).any()
        return self.rows if has_shapes else self.rows[:, :-SHAPE_WIDTH]

    def joined(self, later: "RowBlock") -> "RowBlock":
        """This block and the one that follows it."""
        rows, generations = (self.rows, later.rows), (self.generations, later.generations)
        climb = self.climb if later.climb is None else later.climb
        return replace(self, rows=np.concatenate(rows), generations=np.concatenate(generations), climb=climb)

    def after(self, number: int) -> "RowBlock":
        """What follows a generation."""
        first = int(np.searchsorted(self.rows[:, GENERATION], number, side="right"))
        start = int(np.searchsorted(self.generations[:, 0], number, side="right"))
        climb = self.climb if start < len(self.generations) else None
        rows, generations = self.rows[first:], self.generations[start:]
        return replace(self, rows=rows, generations=generations, follows=number, climb=climb)


def thinned(block: RowBlock, max_generations: int, max_rows: int) -> RowBlock:
    """The block with at most so many generations and about so many rows; the same one where they are few.

    The last generation, the best lineage and every end of a lineage that was there before are kept; then, as far as
    they fit, lineages that led, those that live at the end, and a fair sample of those that came and went.

    Args:
        max_generations: at least 1.
        max_rows: surpassed only by what has to be kept.
    """
    n = len(block.generations)
    stride = -(-n // max_generations)
    coarsest = min(stride * MAX_COARSENING, n)
    found = _coarser(block, stride) if stride > 1 else block
    while len(found.rows) > max_rows and stride < coarsest:
        stride = min(2 * stride, coarsest)
        found = _coarser(block, stride)
    return _fewer(found, max_rows) if len(found.rows) > max_rows else found


def _coarser(block: RowBlock, stride: int) -> RowBlock:
    """The block with every `stride`-th generation, in which what happened until then is told."""
    n, rows = len(block.generations), block.rows
    generations = block.generations[np.unique(np.append(np.arange(stride - 1, n, stride), n - 1))]
    if not len(rows):
        return replace(block, generations=generations)
    at = np.searchsorted(generations[:, 0], rows[:, GENERATION])
    ids = rows[:, LINEAGE].astype(np.int64)
    order = np.argsort(at * (ids.max() + 1) + ids, kind="stable")  # of each lineage and drawn generation one group
    is_first = np.append(True, (np.diff(at[order]) != 0) | (np.diff(ids[order]) != 0))
    starts = np.flatnonzero(is_first)
    last = order[np.append(starts[1:], len(order)) - 1]
    lowest = np.minimum.reduceat(rows[order, STATE], starts)  # a move outdoes a later standstill
    final = rows[last, STATE]
    # An end outdoes both; where the birth is told by the same row, the end says so, or the lineage was never born.
    merged = np.where(final >= EXTINCT, final + BRIEFLY * ((lowest == BORN) & (final < EXTINCT + BRIEFLY)), lowest)
    back = np.argsort(last)
    found = rows[last[back]]
    found[:, GENERATION] = generations[at[last[back]], 0]
    found[:, STATE] = merged[back]
    return replace(block, rows=found, generations=generations)


def _fewer(block: RowBlock, max_rows: int) -> RowBlock:
    """The rows of the lineages that matter most, all generations, and ends of lineages that came from before."""
    rows, states = block.rows, block.rows[:, STATE]
    scores = np.where(np.isfinite(rows[:, SCORE]), rows[:, SCORE], np.inf)
    is_end = states >= EXTINCT
    is_birth = (states == BORN) | (states >= EXTINCT + BRIEFLY)
    ids, lineage, n_rows = np.unique(rows[:, LINEAGE], return_inverse=True, return_counts=True)

    def has_any(which: np.ndarray) -> np.ndarray:
        return np.bincount(lineage[which], minlength=len(ids)) > 0

    leads = has_any(is_improvement(scores))
    is_passing = has_any(is_birth) & has_any(is_end)
    rank = np.where(leads, 0, np.where(is_passing, 2, 1))
    # A fair sample that is the same every time: Knuth's multiplicative hash of the lineage's number.
    chance = (ids.astype(np.uint64) * np.uint64(2654435761)) % np.uint64(2**32)
    order = np.lexsort((chance, rank))
    kept = np.zeros(len(ids), dtype=bool)
    kept[order] = np.cumsum(n_rows[order]) <= max_rows
    kept[lineage[scores.argmin()]] = True
    return replace(block, rows=rows[kept[lineage] | (is_end & ~has_any(is_birth)[lineage])])
