"""The board of settings on the page: what it is told of the draft, and what becomes of what is set on it."""

from typing import Any

from optimizer import Goal, SpaceError
from services.catalog.loading import ModelWithData
from services.problems.strengths import usual_strengths
from services.results.baselines import recorded_objective
from services.results.report import objective_words
from services.specs.errors import USER_ERRORS
from services.specs.run import RunSpec
from ui.optimize.realism_form import DIAL, density_note
from ui.optimize.search_form import NAMES
from ui.shared import cache
from ui.shared.session import AppSession
from ui.web.assets import last_sent
from ui.web.settings_board.component import board_message, goal_now, knobs_now, settings_board, what_is_set
from ui.web.settings_board.reading import read_settings

BOARD = "board"


def draw_bench(session: AppSession, spec: RunSpec, model_data: ModelWithData) -> None:
    """Draw the board; what the user changes there is in the session's draft before the page is drawn again."""
    dataset = model_data.dataset
    is_value = spec.goal is Goal.VALUE
    message = board_message(
        spec,
        dataset,
        cache.feature_summaries(dataset),
        revision=board_revision(session),
        usual_strengths=usual_strengths(spec, dataset),
        strength_note="" if spec.method.uses_strengths else f"{NAMES[spec.method.name]} takes steps of its own",
        density_note=density_note(spec, dataset),
        goal_unit=objective_words(spec, model_data)[1],
        goal_help=_usual_words(spec, model_data) if is_value else "",
    )
    settings_board(
        message,
        key=_key(session),
        on_edit=lambda sent: apply_edits(session, sent),
        on_price=lambda _: _open_tune(session),
    )


def _usual_words(spec: RunSpec, model_data: ModelWithData) -> str:
    try:
        low, _, high = recorded_objective(spec, model_data)
    except USER_ERRORS:  # the page says it
        return ""
    return f"By the model, the recorded rows reach {low:,.4g} to {high:,.4g}."


def _open_tune(session: AppSession) -> None:
    session.tune.is_open = True


def check_settings(session: AppSession) -> None:
    """Raise a SpaceError where what was typed on the board makes no sense."""
    if session.optimize.refusal:
        raise SpaceError(session.optimize.refusal)


def apply_edits(session: AppSession, sent: Any) -> None:
    """Give the draft what the browser sent; what was sent of settings of before is left alone."""
    is_known = isinstance(sent, dict) and sent.get("revision") == board_revision(session)
    if not is_known or session.draft is None or session.dataset is None or session.model is None:
        return
    model_data, before = cache.model_data(session.dataset, session.model), session.draft
    has_confidence = model_data.has_confidence
    draft, session.optimize.refusal = read_settings(before, sent, model_data.dataset, has_confidence=has_confidence)
    if draft.goal is Goal.VALUE and draft.value is None:
        try:
            draft = draft.revised(value=float(recorded_objective(draft, model_data)[1]))
        except USER_ERRORS as error:
            session.optimize.refusal = session.optimize.refusal or str(error)
    session.draft = draft
    if (draft.plausibility, draft.risk_aversion) != (before.plausibility, before.risk_aversion):
        session.forms.renew(DIAL)  # what is set by hand shows that
    if not session.optimize.refusal and goal_now(draft) != sent.get("goal", goal_now(draft)):
        session.forms.renew(BOARD)  # a goal that was completed here


def take_last_edits(session: AppSession) -> None:
    """Give the draft what was set on the board last, before anything else that came with it is taken."""
    if (sent := last_sent(_key(session), "settings")) is not None:
        apply_edits(session, sent)


def show_changes(session: AppSession, before: RunSpec, after: RunSpec) -> None:
    """Let the board show what other forms than itself have set."""
    if _shown(before) != _shown(after):
        session.forms.renew(BOARD)


def _shown(spec: RunSpec) -> tuple[Any, ...]:
    return goal_now(spec), knobs_now(spec), [what_is_set(feature) for feature in spec.features]


def _key(session: AppSession) -> str:
    return session.forms.key("settings-board")


def board_revision(session: AppSession) -> str:
    """What tells the settings that are shown now from those of before."""
    return session.forms.version(BOARD)
