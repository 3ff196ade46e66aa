"""Which features may move, between which bounds, and how far a mutation goes: the board, and what is typed there."""

from typing import Any

import streamlit as st

from models import Dataset
from optimizer import SpaceError
from services.specs.run import RunSpec
from ui.shared import cache
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label
from ui.web.feature_board.component import board_message, feature_board
from ui.web.feature_board.edits import read_edits

BOARD = "board"
_HELP = (
    "Free features are searched between Min and Max: drag the ends of the window on the recorded rows, or type. Frozen "
    "ones are held at a value. Candidates are multiples of the step, such as what can be dosed."
)


def feature_form(session: AppSession, spec: RunSpec, dataset: Dataset, *, has_weights: bool) -> None:
    """Draw every feature; what the user changes there is in the session's draft before the page is drawn again.

    Args:
        session: of the user.
        spec: the run so far.
        dataset: its recorded rows.
        has_weights: whether the method mutates, so that mutation weights say something.
    """
    st.subheader("Features", help=_HELP)
    revision = board_revision(session)
    pictures = cache.feature_summaries(dataset.digest, dataset)
    message = board_message(spec, dataset, pictures, revision=revision, has_weights=has_weights)
    feature_board(message, key=_key(session), on_edit=lambda sent: apply_edits(session, sent, dataset))
    if spec.curve:
        st.caption(f"{safe_label(spec.curve.feature)} is not searched: the curve runs over it.")


def check_features(session: AppSession) -> None:
    """Refuse what was typed on the board and makes no sense.

    Raises:
        SpaceError: with what was expected, what came and how to mend it.
    """
    if session.optimize.refusal:
        raise SpaceError(session.optimize.refusal)


def refresh_board(session: AppSession) -> None:
    """Let the board show the draft's features, which were set elsewhere; what was typed there and refused is gone."""
    session.forms.renew(BOARD)
    session.optimize.refusal = ""


def apply_edits(session: AppSession, sent: Any, dataset: Dataset) -> None:
    """Give the draft the features that the browser sent; what was sent of features of before is left alone."""
    if session.draft is None or not isinstance(sent, dict) or sent.get("revision") != board_revision(session):
        return
    categories = {column.name: column.categories for column in dataset.features if column.is_categorical}
    edits = read_edits(session.draft.features, sent.get("features"), categories)
    session.draft = session.draft.revised(features=edits.features)
    session.optimize.refusal = edits.refusal


def apply_board(session: AppSession, dataset: Dataset) -> None:
    """Take what the board sent together with what else the user did; for callbacks that set features themselves."""
    view = st.session_state.get(_key(session))
    if view:
        apply_edits(session, view.get("features"), dataset)


def _key(session: AppSession) -> str:
    return session.forms.key("feature-board")


def board_revision(session: AppSession) -> str:
    """What tells the features that are shown now from those of before."""
    return session.forms.version(BOARD)
