"""A further outcome of a run: measured, calculated by a formula, or by prices; and formulas to be changed."""

from collections.abc import Sequence
from enum import StrEnum

import pandas as pd
import streamlit as st
from pydantic import ValidationError

from models import Column, Dataset
from models.formulas.prices import Price, PriceTable
from services.catalog.loading import ModelWithData, align
from services.problems.outcomes.drafts import with_outcomes
from services.problems.outcomes.formulas import FormulaCheck, check_formula, formula_outcome, linear_weights
from services.results.report import objective_words
from services.specs.base import validation_message
from services.specs.digits import common_decimals, number_words
from services.specs.errors import USER_ERRORS
from services.specs.outcomes import MAX_OUTCOMES, ModelRef, OutcomeSpec
from services.specs.run import RunSpec
from ui.optimize.bench import BOARD
from ui.shared import cache, frame
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label, show_error
from ui.web.formula_field.component import formula_field, formula_message, typed_formula

COST, CO2 = "cost", "CO2"
"""What the outcomes of a price table are called."""
_FEATURE, _PRICE, _CO2, _SOURCE = "Feature", "Price per unit", "kg CO₂ per unit", "Source"


class Kind(StrEnum):
    """What a further outcome is told by; the value is what its button says."""

    FORMULA = "Formula"
    PRICES = "Prices and CO₂"
    MEASURED = "Measured"
    LIMIT = "A limit"


def outcome_dialog(session: AppSession, spec: RunSpec, dataset: Dataset, model_data: ModelWithData) -> None:
    """Draw the form over the page while it is open; nothing otherwise."""
    name = session.optimize.open_outcome
    if name is None:
        return
    title = f"Change {safe_label(name)}" if name else "Add an outcome"

    @st.dialog(title, width="large", on_dismiss=lambda: _close(session))
    def draw() -> None:
        outcome_form(session, spec, dataset, model_data)

    draw()


def outcome_form(session: AppSession, spec: RunSpec, dataset: Dataset, model_data: ModelWithData) -> None:
    """Draw the form of a new outcome, or of the one that is being changed."""
    given = next((each for each in spec.outcomes if each.name == session.optimize.open_outcome and each.name), None)
    if given is None and len(spec.outcomes) >= MAX_OUTCOMES:
        st.caption(f"There are {MAX_OUTCOMES} outcomes, which is as many as there can be.")
        return
    kinds = [Kind.FORMULA, Kind.PRICES] if given is None or given.name in (COST, CO2) else [Kind.FORMULA]
    if given is None:
        unused = [name for name in dataset.outcome_names if name not in _names(spec, model_data)]
        kinds += [Kind.MEASURED] * bool(unused) + [Kind.LIMIT] * (not spec.has_several_outcomes)
    is_priced = given is not None and len(kinds) > 1 and linear_weights(given.formula, model_data.dataset) is not None
    kind = kinds[0]
    if len(kinds) > 1:
        kind = st.segmented_control(
            "What it is",
            kinds,
            default=Kind.PRICES if is_priced else Kind.FORMULA,
            key=session.forms.key("outcome-kind"),
            required=True,
            label_visibility="collapsed",
        )
    if kind is Kind.FORMULA:
        _formula_form(session, spec, model_data, given)
    elif kind is Kind.PRICES:
        _prices_form(session, spec, dataset, model_data)
    elif kind is Kind.MEASURED:
        _measured_form(session, spec, dataset, model_data)
    else:
        _limit_form(session, spec, model_data)


def _names(spec: RunSpec, model_data: ModelWithData) -> list[str]:
    return [each.name or model_data.dataset.outcome.name for each in spec.outcomes]


def _formula_form(session: AppSession, spec: RunSpec, model_data: ModelWithData, given: OutcomeSpec | None) -> None:
    st.caption("Exact, without a model: calculated from features and other outcomes, such as what a mix costs.")
    columns = st.columns([3, 2])
    name = columns[0].text_input(
        "Name", given.name if given else "", max_chars=60, key=session.forms.key("formula-name"), placeholder="cost"
    )
    key = session.forms.key(f"formula-text-{given.name if given else ''}")
    start = given.formula if given else ""
    text, cursor = typed_formula(key, start)
    unit_place = columns[1]
    unit_key = session.forms.key("formula-unit")
    typed_unit = str(st.session_state.get(unit_key, given.unit if given else "")).strip()
    check = check_formula(spec, model_data, name.strip(), text, typed_unit, replaces=given.name if given else "")
    unit_place.text_input(
        "Unit",
        given.unit if given else "",
        max_chars=30,
        key=unit_key,
        placeholder=check.unit or "none",
        help="Empty for the unit that follows from the formula, where one does.",
    )
    others = [each for each in spec.outcomes if each is not given]
    nameable = [*model_data.dataset.features, *(_column(each, model_data) for each in others)]
    formula_field(formula_message(start, text, cursor, nameable, error=check.error, position=check.position), key=key)
    _show_recorded(check)
    label = "Keep the change" if given else "Add the outcome"
    if _wanted(session, label, is_disabled=check.outcome is None):
        assert check.outcome is not None
        _take(session, spec, model_data, [check.outcome], replaces=[given.name] if given else [])


def _column(outcome: OutcomeSpec, model_data: ModelWithData) -> Column:
    own = model_data.dataset.outcome
    name = outcome.name or own.name
    measured = model_data.measured.get(name)
    unit = outcome.unit if outcome.formula else (measured.dataset.outcome if measured else own).unit
    return Column(name, unit=unit)


def _show_recorded(check: FormulaCheck) -> None:
    if check.name_error:
        st.caption(f":orange[:material/warning: {safe_label(check.name_error)}]")
    if check.recorded is not None:
        st.caption(f"On recorded rows: {safe_label(recorded_range(check))}")


def _prices_form(session: AppSession, spec: RunSpec, dataset: Dataset, model_data: ModelWithData) -> None:
    st.caption("What one unit of each feature costs and emits. Cost and CO₂ of a candidate are sums over its features.")
    table, sources = _known_prices(spec, dataset, model_data)
    columns = st.columns([1, 3])
    currency = (
        columns[0].text_input("Currency", table.currency, max_chars=8, key=session.forms.key("price-currency")).strip()
    )
    features = [column for column in model_data.dataset.features if not column.is_categorical]
    known = [table.prices.get(column.name, Price()) for column in features]
    shown = pd.DataFrame(
        {
            _FEATURE: [f"{column.name} [{column.unit}]" if column.unit else column.name for column in features],
            _PRICE: pd.array([price.cost for price in known], dtype="Float64"),
            _CO2: pd.array([price.co2 for price in known], dtype="Float64"),
        }
    )
    if sources:
        shown[_SOURCE] = [" · ".join(dict.fromkeys(sources.get(column.name, ()))) for column in features]
    edited = st.data_editor(
        shown,
        hide_index=True,
        num_rows="fixed",
        disabled=[_FEATURE, _SOURCE],
        column_config={
            _PRICE: st.column_config.NumberColumn(format="%.4g", help="Empty: it costs nothing."),
            _CO2: st.column_config.NumberColumn(format="%.4g", help="Empty: it emits nothing."),
            _SOURCE: st.column_config.TextColumn(width="medium", help="Of the price, then of the CO₂."),
        },
        key=session.forms.key("price-table"),
    )
    made, error = _priced(features, edited, currency)
    if error:
        show_error(error)
    names = [each.name for each in spec.outcomes]
    checks = [check_formula(spec, model_data, each.name, each.formula, each.unit, replaces=each.name) for each in made]
    for each, check in zip(made, checks, strict=True):
        if check.error:
            show_error(check.error)
        elif check.recorded is not None:
            words = recorded_range(check)
            st.caption(f"{safe_label(each.name)} on recorded rows: {safe_label(words)}")
    label = "Keep the prices" if any(each.name in names for each in made) else "Add cost and CO₂"
    if len(made) == 1 and label != "Keep the prices":
        label = f"Add {made[0].name}"
    if _wanted(session, label, is_disabled=not made or any(check.outcome is None for check in checks)):
        _take(session, spec, model_data, made, replaces=[each.name for each in made])


def _known_prices(
    spec: RunSpec, dataset: Dataset, model_data: ModelWithData
) -> tuple[PriceTable, dict[str, tuple[str, str]]]:
    """The prices that the run has, else those that ship with the table, else none; and the sources of the latter."""
    shipped = cache.catalog().datasets.known_prices(dataset.digest)
    table = shipped.table if shipped else PriceTable({})
    of_run = {each.name: each for each in spec.outcomes if each.formula and each.name in (COST, CO2)}
    weights = {name: linear_weights(each.formula, model_data.dataset) for name, each in of_run.items()}
    prices = {}
    for feature in model_data.dataset.feature_names:
        before = table.prices.get(feature, Price())
        numbers = {}
        for name, number in ((COST, before.cost), (CO2, before.co2)):
            found = weights.get(name)
            numbers[name] = number if found is None else found.get(feature, None)
        prices[feature] = Price(numbers[COST], numbers[CO2])
    unit = of_run[COST].unit if COST in of_run else ""
    sources = dict(shipped.sources) if shipped else {}
    for feature in list(sources):  # a number of one's own has no source
        if prices.get(feature) != table.prices.get(feature):
            del sources[feature]
    return PriceTable(prices, currency=unit.partition("/")[0] or table.currency), sources


def _priced(features: Sequence[Column], edited: pd.DataFrame, currency: str) -> tuple[list[OutcomeSpec], str]:
    """The outcomes that a price table makes, and what is wrong with it, or ""."""
    prices = {
        column.name: Price(*(None if pd.isna(value) else float(value) for value in row))
        for column, row in zip(features, edited[[_PRICE, _CO2]].to_numpy(dtype=object), strict=True)
    }
    has_cost = any(price.cost for price in prices.values())
    has_co2 = any(price.co2 for price in prices.values())
    if not (has_cost or has_co2):
        return [], "Give at least one price or one amount of CO₂."
    if has_cost and not currency:
        return [], "Prices need a currency, such as €: type one."
    try:
        table = PriceTable(prices, currency=currency)
        made = [table.cost(features, COST)] * has_cost + [table.co2(features, CO2)] * has_co2
    except USER_ERRORS as error:
        return [], str(error)
    return [formula_outcome(each) for each in made], ""


def _measured_form(session: AppSession, spec: RunSpec, dataset: Dataset, model_data: ModelWithData) -> None:
    unused = [column for column in dataset.outcomes if column.name not in _names(spec, model_data)]
    models = {column.name: model_for(dataset, column.name, model_data) for column in unused}
    able = [column.name for column in unused if models[column.name] is not None]
    for column in unused:
        if models[column.name] is None:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.caption(f"{safe_label(column.name)} has no model yet.", width="content")
                st.page_link(frame.MODEL, label="Get a model", icon=":material/model_training:")
    if not able:
        return
    name = st.selectbox("Outcome", able, key=session.forms.key("measured-name"))
    if _wanted(session, "Add the outcome"):
        _take(session, spec, model_data, [OutcomeSpec(name=name, model=models[name])])


def model_for(dataset: Dataset, name: str, own: ModelWithData) -> ModelRef | None:
    """A saved model for an outcome with the features of the one in use, those of this table first; None without one."""
    store, found = cache.catalog().models, []
    of_table = {dataset.digest, dataset.for_outcome(name).digest}
    features = [(column.name, column.categories) for column in own.dataset.features]
    for saved_name in store.names():
        try:
            saved = store.load_lazily(saved_name)
            if saved.card.outcome.name != name:
                continue
            aligned = align(dataset, saved.card)
        except USER_ERRORS:  # it is damaged, or of another table
            continue
        if [(column.name, column.categories) for column in aligned.features] == features:
            ref = ModelRef(name=saved_name, digest=saved.digest)
            found.append((saved.card.dataset.digest not in of_table, ref))
    return min(found, key=lambda each: each[0])[1] if found else None


def _limit_form(session: AppSession, spec: RunSpec, model_data: ModelWithData) -> None:
    name, unit = objective_words(spec, model_data)
    label = f" [{safe_label(unit)}]" if unit else ""
    st.caption(f"What results have to keep of {safe_label(name)} itself, besides the goal.")
    columns = st.columns(2)
    low = columns[0].number_input(
        f"At least{label}", value=None, format="%.6g", key=session.forms.key("own-at-least"), placeholder="no limit"
    )
    high = columns[1].number_input(
        f"At most{label}", value=None, format="%.6g", key=session.forms.key("own-at-most"), placeholder="no limit"
    )
    is_across = low is not None and high is not None and low > high
    if is_across:
        show_error(f"'{name}' cannot be at least {low:g} and at most {high:g}: swap the two, or leave one out.")
    if _wanted(session, "Add the limit", is_disabled=is_across or (low is None and high is None)):
        limited = spec.objective.model_copy(update={"at_least": low, "at_most": high})
        _take(session, spec, model_data, [limited], replaces=[spec.objective.name])


def _wanted(session: AppSession, label: str, *, is_disabled: bool = False) -> bool:
    """Draw the buttons below a form; whether the outcome is wanted as it stands."""
    with st.container(horizontal=True):
        key = session.forms.key("take-outcome")
        is_wanted = st.button(label, key=key, type="primary", icon=":material/check:", disabled=is_disabled)
        if st.button("Cancel", key=session.forms.key("cancel-outcome")):
            _close(session)
            st.rerun()
    return is_wanted


def _take(
    session: AppSession,
    spec: RunSpec,
    model_data: ModelWithData,
    outcomes: Sequence[OutcomeSpec],
    replaces: Sequence[str] = (),
) -> None:
    """Give the draft further or changed outcomes and draw the page anew; what was wanted of changed ones stays."""
    made = dict(zip(replaces, outcomes, strict=False))
    kept: list[OutcomeSpec] = []
    for each in spec.outcomes:
        new = made.pop(each.name, None)
        if new is not None and new.formula:
            new = each.model_copy(update={"name": new.name, "formula": new.formula, "unit": new.unit})
        kept.append(new or each)
    kept += [each for each in outcomes if not any(each is one or each.name == one.name for one in kept)]
    try:
        session.draft = with_outcomes(spec, kept, model_data.dataset.outcome.name)
    except ValidationError as error:
        show_error(validation_message(error))
        return
    session.forms.renew(BOARD)
    _close(session)
    st.rerun()


def recorded_range(check: FormulaCheck) -> str:
    """What recorded rows have of a formula, such as "41 to 120 US$/m³"."""
    assert check.recorded is not None
    low, high = check.recorded
    decimals = common_decimals([low, high])
    return f"{number_words(low, decimals)} to {number_words(high, decimals)} {check.unit}".rstrip()


def _close(session: AppSession) -> None:
    session.optimize.open_outcome = None
