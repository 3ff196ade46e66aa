"""The families that are compared before a model is trained: how each does, as soon as it is known."""

from collections.abc import Sequence

import streamlit as st

from models import Dataset, ModelCard
from models.cards.card import FamilyScore
from models.training.automatic import families_compared
from services.texts.models import comparison_words, r2_words, seconds_words
from ui.shared.widgets import safe_label

_COMING, _NOW = "…", "being compared"
_NARROW = "\u00a0"  # no line is broken here


def leaderboard_view(card: ModelCard) -> None:
    """Draw the leaderboard of a model whose training chose the family itself; nothing of any other."""
    board = card.leaderboard
    if board is None:
        return
    taken = next((score.r2 for score in board.scores if score.family is card.family), None)
    rows = [
        # what did worse needs no words: its number says it
        _row(score, "" if _is_worse(score, taken) else score.words, is_taken=score.family is card.family)
        for score in board.scores
    ]
    _table(rows)
    st.caption(safe_label(comparison_words(board)))


def _is_worse(score: FamilyScore, taken: float | None) -> bool:
    return score.r2 is not None and taken is not None and score.r2 < taken


def growing_leaderboard(dataset: Dataset, scores: Sequence[FamilyScore]) -> None:
    """Draw the leaderboard of a training that goes on: what is known, what is compared now, what is to come."""
    known = {score.family: score for score in scores}
    waiting = [family for family in families_compared(dataset) if family not in known]
    best = max((score.r2 for score in scores if score.r2 is not None), default=None)
    rows = [_row(score, "Best so far." if score.r2 == best else "") for score in scores]
    rows += [(family.words.label, _COMING, "", _NOW if family is waiting[0] else "") for family in waiting]
    _table(rows)


def _row(score: FamilyScore, words: str, *, is_taken: bool = False) -> tuple[str, str, str, str]:
    name = f"**{score.family.words.label}** :material/check:" if is_taken else score.family.words.label
    r2, took = (words.replace(" ", _NARROW) for words in (r2_words(score), seconds_words(score)))
    return name.replace(" ", _NARROW), r2, took, safe_label(words)


def _table(rows: Sequence[tuple[str, str, str, str]]) -> None:
    lines = ["| Family | R² | Took | |", "|:--|:--|--:|:--|"]
    st.markdown("\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)]))
