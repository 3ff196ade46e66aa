"""Pieces of a search's trace as bytes: sent by the worker, kept by the store, drawn by the live view as they come."""

import io
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from optimizer import Candidates, Climb, Decision, DecisionKind, Events, FrontPlaces, Generation
from optimizer.trace import is_improvement
from services.jobs.store.store import RunStore
from services.problems.projection import ELLIPSE_WIDTH, MapProjection

_KINDS = tuple(DecisionKind)  # their places are what is stored
AT_ONCE = 64  # pieces that are decoded before they are handed on: some 30 MB of a fast search


@dataclass(frozen=True, slots=True)
class TracePiece:
    """Some generations of a search.

    Attributes:
        events: what happened in them, without the Gaussians that lineages draw from. Of a search for several goals,
            the outcomes of its places are the goals alone.
        generations: (g, 2) number and cumulative evaluations of each.
        ellipses: (e, 8) these Gaussians on the map of candidates (see `MapProjection.ellipses`), NaN where a lineage
            has none; None where no event has one.
        decisions: of the user, taken in these generations.
        climb: what the last phase did, where the last of these generations is one.
    """

    events: Events
    generations: np.ndarray
    ellipses: np.ndarray | None = None
    decisions: tuple[Decision, ...] = ()
    climb: Climb | None = None

    @classmethod
    def of(
        cls,
        generations: Sequence[Generation],
        n_features: int,
        projection: Callable[[], MapProjection] | None = None,
        n_goals: int | None = None,
    ) -> "TracePiece":
        """The piece of these generations.

        Args:
            generations: in order.
            n_features: d.
            projection: gives the map; asked only where lineages have Gaussians. Without it they are left out.
            n_goals: of the outcomes of a search for several goals as many are kept, the first ones; all by default.
        """
        events = Events.of(generations, n_features)
        if events.places is not None:
            shown = events.places.outcomes[:, :n_goals].astype(np.float32)
            events = replace(events, places=replace(events.places, outcomes=shown))
        ellipses = None
        if events.covariances is not None and events.means is not None and projection is not None:
            ellipses = projection().ellipses(events.means, events.covariances).astype(np.float32)
        numbers = np.array([[g.number, g.evaluations] for g in generations], dtype=float).reshape(-1, 2)
        decisions = tuple(decision for generation in generations for decision in generation.decisions)
        climb = generations[-1].climb if generations else None
        return cls(replace(events, covariances=None, means=None), numbers, ellipses, decisions, climb)

    def to_bytes(self) -> bytes:
        """The piece as an ``.npz`` archive."""
        buffer = io.BytesIO()
        events = self.events
        arrays: dict[str, Any] = {
            "generations": self.generations,
            "numbers": events.generations.astype(np.int32),
            "ids": events.ids.astype(np.int32),
            "states": events.states.astype(np.int8),
            "X": events.bests.X,
            "values": _values(events.bests),
        }
        if self.ellipses is not None:
            arrays["ellipses"] = self.ellipses
        if events.merged_into is not None:
            arrays["merged_into"] = events.merged_into.astype(np.int32)
        if events.places is not None:
            arrays |= _stored_places(events.places)
        if self.decisions:
            arrays["decisions"] = np.array([[d.after, _KINDS.index(d.kind), d.lineage] for d in self.decisions])
        if self.climb is not None:
            arrays["climb_X"], arrays["climb_values"] = self.climb.starts.X, _values(self.climb.starts)
            arrays["climb_fresh"], arrays["climb_tops"] = self.climb.is_fresh, self.climb.is_top
            arrays["climb_lineages"] = self.climb.lineages.astype(np.int32)
        np.savez(buffer, **arrays)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, payload: bytes) -> "TracePiece":
        """The piece that `to_bytes` wrote, now or before there were ellipses, hills, decisions, climbs and fronts."""
        with np.load(io.BytesIO(payload), allow_pickle=False) as stored:
            events = Events(
                generations=stored["numbers"].astype(int),
                ids=stored["ids"].astype(int),
                states=stored["states"].astype(int),
                bests=Candidates(stored["X"], *stored["values"].T),
                merged_into=stored["merged_into"].astype(int) if "merged_into" in stored else None,
                places=_read_places(stored) if "front_outcomes" in stored else None,
            )
            decided = stored["decisions"].tolist() if "decisions" in stored else []
            decisions = tuple(Decision(after, _KINDS[kind], lineage) for after, kind, lineage in decided)
            climb = None
            if "climb_X" in stored:
                starts = Candidates(stored["climb_X"], *stored["climb_values"].T)
                lineages = stored["climb_lineages"].astype(int)
                climb = Climb(starts, stored["climb_fresh"], lineages, stored["climb_tops"])
            ellipses = stored.get("ellipses")
            if ellipses is not None and ellipses.shape[1] < ELLIPSE_WIDTH:  # of before there was a pair of features
                missing = np.full((len(ellipses), ELLIPSE_WIDTH - ellipses.shape[1]), np.nan, dtype=np.float32)
                ellipses = np.concatenate([ellipses, missing], axis=1)
            return cls(events, stored["generations"], ellipses, decisions, climb)

    @classmethod
    def joined(cls, pieces: Sequence["TracePiece"]) -> "TracePiece":
        """Several pieces, at least one, as one."""
        events = [piece.events for piece in pieces]
        no_ellipses = [np.full((len(e), ELLIPSE_WIDTH), np.nan, dtype=np.float32) for e in events]
        no_hills = [np.full(len(e), -1) for e in events]
        return cls(
            Events(
                np.concatenate([e.generations for e in events]),
                np.concatenate([e.ids for e in events]),
                np.concatenate([e.states for e in events]),
                Candidates.concatenate([e.bests for e in events]),
                merged_into=_joined([e.merged_into for e in events], no_hills),
                places=_joined_places(events),
            ),
            np.concatenate([piece.generations for piece in pieces]),
            _joined([piece.ellipses for piece in pieces], no_ellipses),
            tuple(decision for piece in pieces for decision in piece.decisions),
            next((piece.climb for piece in pieces if piece.climb is not None), None),
        )

    def leading(self, best: float = np.inf) -> "TracePiece":
        """The piece with only the events that improved on the best score so far, and all its generations.

        Of several goals there is no best: the events are kept in which a lineage came to the front.

        Args:
            best: score before the piece.
        """
        events, places = self.events, self.events.places
        is_better = is_improvement(events.bests.scores, best) if places is None else places.is_front
        rows = np.flatnonzero(is_better)
        kept = Events(
            events.generations[rows],
            events.ids[rows],
            events.states[rows],
            events.bests.take(rows),
            places=None if places is None else places.take(rows),
        )
        return TracePiece(kept, self.generations)


def _values(candidates: Candidates) -> np.ndarray:
    """(n, 3) score, outcome and penalties."""
    return np.column_stack([candidates.scores, candidates.outcomes, candidates.penalties])


def _stored_places(places: FrontPlaces) -> dict[str, np.ndarray]:
    """The places of lineages among several goals as arrays, by the names that they are stored under."""
    return {
        "front_outcomes": places.outcomes.astype(np.float32),
        "front_violations": places.violations.astype(np.float32),
        "front_directions": places.directions.astype(np.int16),
        "front_hills": places.hills.astype(np.int16),
        "front_is_on": places.is_front,
    }


def _read_places(stored: Mapping[str, np.ndarray]) -> FrontPlaces:
    return FrontPlaces(
        stored["front_outcomes"],
        stored["front_violations"],
        stored["front_directions"].astype(int),
        stored["front_hills"].astype(int),
        stored["front_is_on"],
    )


def _joined_places(events: Sequence[Events]) -> FrontPlaces | None:
    """The places of all events that follow one another; None where some have none, but for pieces without events."""
    known = [each.places for each in events if each.places is not None]
    has_all = bool(known) and all(each.places is not None or not len(each) for each in events)
    return FrontPlaces.concatenate(known) if has_all else None


def _joined(parts: Sequence[np.ndarray | None], absent: Sequence[np.ndarray]) -> np.ndarray | None:
    """The parts as one, those that are absent filled up, or None where all are."""
    if all(part is None for part in parts):
        return None
    return np.concatenate([empty if part is None else part for part, empty in zip(parts, absent, strict=True)])


class TraceReader(ABC):
    """Reads the trace of one run as it reaches the store, every piece once; several pages may read at the same time."""

    def __init__(self, store: RunStore, run_id: str) -> None:
        self._store = store
        self._run_id = run_id
        self._n_pieces = 0
        self._lock = threading.Lock()

    def advance(self) -> None:
        """Take in what has reached the store since, as much at once as is good for memory."""
        with self._lock:
            while pieces := self._store.pieces(self._run_id, first=self._n_pieces, at_most=AT_ONCE):
                self._n_pieces += len(pieces)
                self.take(TracePiece.joined([TracePiece.from_bytes(piece) for piece in pieces]))

    @abstractmethod
    def take(self, piece: TracePiece) -> None:
        """Take in the next piece."""


class RunTrace(TraceReader):
    """How the best of a run improved: the events that did it, and all generations."""

    def __init__(self, store: RunStore, run_id: str) -> None:
        super().__init__(store, run_id)
        self._piece: TracePiece | None = None
        self._best = np.inf

    def take(self, piece: TracePiece) -> None:
        """Keep what of the next piece improves on the best."""
        new = piece.leading(self._best)
        self._best = min(self._best, new.events.bests.scores.min(initial=np.inf))
        self._piece = TracePiece.joined([self._piece, new]) if self._piece else new

    def read(self) -> TracePiece | None:
        """Everything so far that improved on the best, or None before the first generation."""
        self.advance()
        return self._piece
