"""The board of settings on the page: what it is told of the draft, and what becomes of what is set on it."""

from typing import Any

import numpy as np

from models import Dataset
from models.formulas.parser import parse
from optimizer import Goal, SpaceError
from services.catalog.loading import ModelWithData
from services.problems.outcomes.drafts import with_outcomes
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
from ui.web.settings_board.outcomes import NO_GOAL, QUANTILES, OutcomeAbout, leaves_no_goal, rows_now
from ui.web.settings_board.reading import read_settings

BOARD = "board"
NO_PRICE = "What realism costs is one curve of one goal: with a front there is none."


def draw_bench(session: AppSession, spec: RunSpec, model_data: ModelWithData) -> None:
    """Draw the board; what the user changes there is in the session's draft before the page is drawn again."""
    dataset = model_data.dataset
    is_value = spec.goal is Goal.VALUE and not rows_now(spec, dataset)
    message = board_message(
        spec,
        dataset,
        cache.feature_summaries(dataset),
        revision=board_revision(session),
        usual_strengths=usual_strengths(spec, dataset),
        strength_note=_strength_note(spec),
        density_note=density_note(spec, dataset),
        goal_unit=objective_words(spec, model_data)[1],
        goal_help=_usual_words(spec, model_data) if is_value else "",
        about=_about_outcomes(spec, model_data),
        outcome_note=session.optimize.outcome_note,
        no_price=NO_PRICE if spec.is_front else "",
    )
    settings_board(
        message,
        key=_key(session),
        on_edit=lambda sent: apply_edits(session, sent),
        on_price=lambda _: _open_tune(session),
        on_outcome=lambda sent: act_on_outcome(session, sent),
    )


def _strength_note(spec: RunSpec) -> str:
    if spec.method.uses_strengths or spec.is_front:
        return ""
    return f"{NAMES[spec.method.name]} takes steps of its own"


def _about_outcomes(spec: RunSpec, model_data: ModelWithData) -> dict[str, OutcomeAbout]:
    """What is known of each outcome of a run, by its name; nothing where there is one without a limit."""
    try:
        known = cache.outcomes(spec, model_data)
        if known is None:
            return {}
        notes = cache.limit_notes(spec.dataset.digest + spec.model_dump_json(include={"outcomes", "combine"}), known)
        found = {}
        for column, values in zip(known.columns, known.recorded.T, strict=True):
            finite = values[np.isfinite(values)]
            recorded = tuple(float(f"{q:.4g}") for q in np.quantile(finite, QUANTILES)) if len(finite) else ()
            warning = next((note for note in notes if f" has {column.name} at " in note), "")
            found[column.name] = OutcomeAbout(column, recorded, known.confidence(column.name) is not None, warning)
        return found
    except USER_ERRORS:  # the page says it
        return {}


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
    model_data, before = cache.models_of(session.dataset, session.draft), session.draft
    dataset, has_confidence = model_data.dataset, model_data.has_confidence
    draft, session.optimize.refusal = read_settings(before, sent, dataset, has_confidence=has_confidence)
    session.optimize.outcome_note = NO_GOAL if leaves_no_goal(sent) else ""
    if not rows_now(draft, dataset) and draft.goal is Goal.VALUE and draft.value is None:
        try:
            draft = draft.revised(value=float(recorded_objective(draft, model_data)[1]))
        except USER_ERRORS as error:
            session.optimize.refusal = session.optimize.refusal or str(error)
    session.draft = draft
    if (draft.plausibility, draft.risk_aversion) != (before.plausibility, before.risk_aversion):
        session.forms.renew(DIAL)  # what is set by hand shows that
    if not session.optimize.refusal and _differs(draft, sent, model_data):
        session.forms.renew(BOARD)  # a goal that was completed here, or what goes with another one


def _differs(draft: RunSpec, sent: dict[str, Any], model_data: ModelWithData) -> bool:
    """Whether the browser shows anything else than the draft has."""
    rows = rows_now(draft, model_data.dataset)
    goal = goal_now(draft)
    is_other = sent.get("outcomes", rows) != rows if rows else sent.get("goal", goal) != goal
    return is_other or sent.get("knobs", knobs_now(draft))["n_results"] != draft.n_results


def take_last_edits(session: AppSession) -> None:
    """Give the draft what was set on the board last, before anything else that came with it is taken."""
    if (sent := last_sent(_key(session), "settings")) is not None:
        apply_edits(session, sent)


def show_changes(session: AppSession, before: RunSpec, after: RunSpec) -> None:
    """Let the board show what other forms than itself have set."""
    if _shown(before) != _shown(after):
        session.forms.renew(BOARD)


def _shown(spec: RunSpec) -> tuple[Any, ...]:
    features = [what_is_set(feature) for feature in spec.features]
    return goal_now(spec), spec.outcomes, spec.combine, knobs_now(spec), features


def act_on_outcome(session: AppSession, sent: Any) -> None:
    """Do what the browser asks of an outcome: open the form of a new one or of a formula, or take one away."""
    act, name = (sent.get("act"), sent.get("name")) if isinstance(sent, dict) else (None, None)
    if session.draft is None or session.dataset is None:
        return
    session.optimize.outcome_note = ""
    names = [each.name for each in session.draft.outcomes]
    if act == "add":
        session.optimize.open_outcome = ""
    elif act == "edit" and name in names:
        session.optimize.open_outcome = str(name)
    elif act == "remove" and name in names:
        _remove_outcome(session, session.draft, session.dataset, str(name))
        session.forms.renew(BOARD)


def _remove_outcome(session: AppSession, draft: RunSpec, dataset: Dataset, name: str) -> None:
    others = [each for each in draft.outcomes if each.name != name]
    needed_by = [each.name for each in others if each.formula and name in parse(each.formula).names]
    if needed_by:
        words = f"'{name}' is in the formula of '{needed_by[0]}': change or remove that one first."
        session.optimize.outcome_note = words
    elif not any(each.goal is not None for each in others):
        session.optimize.outcome_note = NO_GOAL
    elif not any(each.model is not None for each in others):
        session.optimize.outcome_note = f"'{name}' is the only outcome that has a model, so a run needs it."
    else:
        session.draft = with_outcomes(draft, others, dataset.outcome.name)


def _key(session: AppSession) -> str:
    return session.forms.key("settings-board")


def board_revision(session: AppSession) -> str:
    """What tells the settings that are shown now from those of before."""
    return session.forms.version(BOARD)
