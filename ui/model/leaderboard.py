"""The families that were compared before a model was trained: how each did, and one click to train another one."""

import streamlit as st

from models import Family, ModelCard
from models.cards.card import FamilyScore
from services.jobs import Job, JobKind
from services.studies.training import TrainingSpec
from services.texts.models import comparison_words, r2_words, seconds_words
from ui.shared import cache
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label


def leaderboard_view(job: Job, card: ModelCard) -> None:
    """Draw the leaderboard of a training that chose the family itself; nothing of any other."""
    board = card.leaderboard
    if board is None:
        return
    with st.container(border=True):
        st.markdown("**Why this family**")
        for score in board.scores:
            _line(job, score, is_taken=score.family is card.family)
        st.caption(safe_label(comparison_words(board)))


def _line(job: Job, score: FamilyScore, *, is_taken: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width=360, gap=None):
            r2 = f"R² {r2_words(score)} in {seconds_words(score)}" if score.r2 is not None else ""
            st.markdown(f"**{score.family.words.label}** {safe_label(r2)}")
            st.caption(safe_label(score.words))
        if is_taken:
            st.badge("Taken", icon=":material/check:", color="green")
        else:
            st.button(
                f"Train {with_article(score.family)} instead",
                key=f"instead-{score.family}-{job.id}",
                on_click=_train_instead,
                args=(job, score.family),
            )


def with_article(family: Family) -> str:
    """A family as what is trained: "a random forest"."""
    name = family.words.name
    return name if family is Family.BOOSTING else f"a {name}"


def _train_instead(job: Job, family: Family) -> None:
    """Train a family on the same table, with the same rows held out."""
    spec = TrainingSpec.model_validate_json(job.spec).model_copy(update={"family": family})
    session = AppSession.current()
    session.training_id = cache.supervisor().submit(JobKind.TRAINING, job.name, spec.model_dump_json())
