"""Pieces of a search's trace as bytes: what the worker sends, the store keeps and the live view draws."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizer import Candidates, Events


@dataclass(frozen=True, slots=True)
class TracePiece:
    """Some generations of a search.

    Attributes:
        events: what happened in them.
        generations: (g, 2) number and cumulative evaluations of each.
    """

    events: Events
    generations: np.ndarray

    def to_bytes(self) -> bytes:
        """Return the piece as an ``.npz`` archive."""
        buffer = io.BytesIO()
        events = self.events
        np.savez(
            buffer,
            generations=self.generations,
            numbers=events.generations,
            ids=events.ids,
            states=events.states,
            X=events.bests.X,
            values=np.column_stack([events.bests.scores, events.bests.outcomes, events.bests.penalties]),
        )
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, payload: bytes) -> "TracePiece":
        """Return the piece that `to_bytes` wrote."""
        with np.load(io.BytesIO(payload), allow_pickle=False) as stored:
            scores, outcomes, penalties = stored["values"].T
            bests = Candidates(stored["X"], scores, outcomes, penalties)
            return cls(Events(stored["numbers"], stored["ids"], stored["states"], bests), stored["generations"])

    @classmethod
    def empty(cls, n_features: int) -> "TracePiece":
        """Return the trace of a search that has not begun."""
        return cls(Events.of([], n_features), np.empty((0, 2)))

    @classmethod
    def joined(cls, pieces: Sequence["TracePiece"]) -> "TracePiece":
        """Return several pieces, at least one, as one."""
        events = [piece.events for piece in pieces]
        return cls(
            Events(
                np.concatenate([e.generations for e in events]),
                np.concatenate([e.ids for e in events]),
                np.concatenate([e.states for e in events]),
                Candidates.concatenate([e.bests for e in events]),
            ),
            np.concatenate([piece.generations for piece in pieces]),
        )
