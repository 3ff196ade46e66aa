"""The component alone in a real browser: no server, messages as Python encodes them."""

import json

import numpy as np
import pytest

from optimizer import Candidates, Generation, LineageState, SearchSpace
from services.jobs.store.job import JobState
from services.jobs.workers.traces import TracePiece
from services.problems.projection import MapProjection
from tests.ui.web.stage import Stage, staged
from ui.web.live_view.component import PARTS, RunStatus, Scene, SceneFeature, encode
from ui.web.scenes import LineageCounts, RowMaker


class LiveStage(Stage):
    """The live view in a page of its own."""

    def __init__(self, page, theme="light"):
        inside = "shapeAt, between, numberAt, timeOf, createStore, merge, isBetter, takeClimb, segmentAt, boardRange"
        super().__init__(page, PARTS, "liveView", theme, inside)

    def send(self, scene, block, status="running", height=440, **steering):
        """Give it a piece of a run."""
        state = JobState(status) if status else None
        self.message = json.loads(json.dumps(encode(scene, block, RunStatus(state, **steering), height=height)))
        return self.give(self.message)

    def wait(self, name, value):
        """Wait until the component says so."""
        self.page.locator(f'.live-view[data-{name}="{value}"]').wait_for(timeout=10_000)
        return self

    def seek(self, number):
        """Move the slider."""
        self.page.get_by_role("slider", name="Generation").fill(str(number))
        return self


@pytest.fixture
def new_stage(browser):
    """Open the component in a page of its own; errors in it fail the test."""
    yield from staged(browser, LiveStage)


def niching_generations(n=60, m=14, seed=0):
    """A search in two dimensions whose lineages draw from Gaussians that turn and shrink, merge, and go extinct."""
    rng = np.random.default_rng(seed)
    peaks = rng.uniform(-8, 8, (4, 2))
    bests = rng.uniform(-9, 9, (m, 2))
    peak_of = np.linalg.norm(bests[:, None] - peaks[None], axis=2).argmin(axis=1)
    angles, sigmas, alive, generations = rng.uniform(0, np.pi, m), np.full(m, 1.6), np.arange(m), []
    for number in range(n):
        moves = rng.random(len(alive)) < (0.7 if number else 0)
        bests[alive[moves]] += 0.15 * (peaks[peak_of[alive[moves]]] - bests[alive[moves]])
        angles, sigmas = angles + 0.09, sigmas * 0.96
        states = np.where(moves, LineageState.IMPROVED, LineageState.STALLED if number else LineageState.BORN)
        first = np.array([alive[peak_of[alive] == peak_of[lineage]].min() for lineage in alive])
        is_near = np.linalg.norm(bests[alive] - bests[first], axis=1) < 2.5
        merges = (number > 8) & (first != alive) & is_near & (rng.random(len(alive)) < 0.1)
        ends = (number > n - 20) & ~merges & (rng.random(len(alive)) < 0.06)
        states = np.where(merges, LineageState.MERGED, np.where(ends, LineageState.EXTINCT, states))
        cos, sin = np.cos(angles[alive]), np.sin(angles[alive])
        turn = np.array([[cos, -sin], [sin, cos]]).transpose(2, 0, 1)
        axes = np.zeros((len(alive), 2, 2))
        axes[:, 0, 0], axes[:, 1, 1] = sigmas[alive] ** 2, (0.35 * sigmas[alive]) ** 2
        scores = np.linalg.norm(bests[alive] - peaks[peak_of[alive]], axis=1) + 0.3 * peak_of[alive]
        candidates = Candidates(bests[alive].copy(), scores, -scores, np.zeros(len(alive)))
        covariances = turn @ axes @ turn.transpose(0, 2, 1)
        hills = np.where(merges, first, -1)
        shapes = {"covariances": covariances, "merged_into": hills}
        generations.append(Generation(number, 100 * (number + 1), alive, states, candidates, **shapes))
        alive = alive[~(merges | ends)]
        if not len(alive):
            break
    return generations


SPACE = SearchSpace.from_bounds([(-10.0, 10.0)] * 2)
RECORDED = np.random.default_rng(1).uniform(-10, 10, (150, 2))
PROJECTION = MapProjection.of(RECORDED, SPACE)


def map_scene(run_id="r"):
    """A scene of two features whose map are components."""
    recorded = np.column_stack([RECORDED.sum(axis=1), RECORDED, PROJECTION.project(RECORDED)])
    features = tuple(SceneFeature(f"x{j}", "", -10, 10) for j in range(2))
    return Scene(run_id, features, recorded, "y", budget=6_000, explained=PROJECTION.explained)


def block_of(generations):
    """The rows of a search in that scene."""
    piece = TracePiece.of(generations, 2, lambda: PROJECTION)
    return RowMaker(PROJECTION, ()).block(piece, LineageCounts())


@pytest.fixture(scope="session")
def niching():
    """Scene, rows and generations of a search with ellipses and merges."""
    generations = niching_generations()
    return map_scene(), block_of(generations), generations


@pytest.fixture(scope="session")
def draw():
    """Rows of a search in the scene of `niching`, and such scenes."""
    return block_of, map_scene
