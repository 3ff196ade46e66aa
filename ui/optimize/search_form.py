"""How a run searches, what becomes a result, and when it ends: what is rarely changed."""

from typing import Any

import streamlit as st

from optimizer import DEFAULT_METHOD, DEFAULT_PERCENT, METHODS, Choice, FloorKind, ImmigrantSource
from optimizer.methods.method import settings_of
from services.specs.method import MethodSpec, method_named
from services.specs.run import BudgetSpec, FloorSpec, RunSpec
from services.studies.compare.methods import METHOD_NAMES
from ui.shared.session import AppSession
from ui.shared.widgets import Fields

NAMES = METHOD_NAMES | {DEFAULT_METHOD: f"{METHOD_NAMES[DEFAULT_METHOD]} (default)"}
HELP = {
    "niches": "Each lineage learns the shape of its hill; one that climbs a hill already known merges into it.",
    "lineages": "Many local searches by mutation that live while they improve, as in the literature.",
    "differential_evolution": "A population whose members step along each other's differences (SciPy).",
    "dual_annealing": "One chain that cools down, with a descent wherever it finds something better (SciPy).",
    "multistart": "Descents from random candidates, by the model's own gradients where it has them (SciPy).",
    "cma_es": "One Gaussian that learns the shape of its hill, begun anew when it has converged.",
    "bayesian": "A few hundred well-chosen candidates (Optuna): for models that take long to ask, slow for others.",
    "random_search": "Candidates at random: what every other method has to beat.",
}
_SOURCES = {
    ImmigrantSource.RANDOM: "random candidates",
    ImmigrantSource.RECORDED: "recorded rows",
    ImmigrantSource.BOTH: "random and recorded",
}
_SETTINGS = {
    "niches": {"n_lineages": "Lineages"},
    "lineages": {
        "n_lineages": "Lineages",
        "patience": "Patience [generations]",
        "n_mutants": "Mutants per lineage",
        "n_immigrants": "Newcomers",
    },
}
"""Numbers that the page offers, by method, and their labels."""

_FRONT = "Front"
_WHY_FRONT = (
    "Several goals have a search of their own: lineages that each follow a direction between the goals. Other methods, "
    "and dropping or asking for lineages while it runs, are for one goal."
)
_MOST = 10_000  # that the page offers
_FLOORS = {
    FloorKind.WITHIN_PERCENT: "within a percentage of the best",
    FloorKind.WITHIN: "within a distance of the best",
    FloorKind.BEST_SHARE: "the best share",
}
_CHOICES = {Choice.SPREAD: "good and different", Choice.KMEANS: "K-Means, as published"}

_FIELDS = {
    "method": "What becomes a result is chosen in the same way for every method.",
    "unmeasured-only": "A result then differs from every recorded row by more than the dosing tolerance (2 % of the "
    "recorded range, unless it is given) in at least one feature. The search itself goes through recorded rows freely. "
    "Off: a result that was measured already says so, with what was measured.",
    "floor-kind": "Only candidates that are good enough become results.",
    "floor-percent": "Of the best outcome, or of its distance from the value searched for; where that is less than one "
    "standard deviation of the recorded rows, of one standard deviation.",
    "choice": "Good and different: the best candidate, then again and again what is good and least like those before. "
    "K-Means: the best member of each cluster.",
    "distinct": "Smallest distance between two results, in standard deviations of the recorded values.",
    "distinct-of-front": "Smallest distance between two results, in standard deviations of the recorded values.",
    "seconds": "A run that ends by the clock is not repeatable to the last digit.",
    "stall": "End when the best score has not improved for so many generations.",
    "is-compared": "Do the same search once more without penalties, plausibility and risk aversion, to show what they "
    "changed.",
    "level": "Share of true values that the interval of a prediction shall hold. Needs a model that knows how "
    "uncertain it is.",
}
"""What the fields of the form are for."""


def _fields(session: AppSession) -> Fields:
    return Fields(session.forms.key, _FIELDS)


def method_form(session: AppSession, method: MethodSpec) -> MethodSpec:
    """Draw the choice of the method and its knobs; return the method as chosen."""
    columns = st.columns([1, 3], vertical_alignment="bottom")
    known = {name: NAMES[name] for name in METHODS}
    name = _fields(session).choice(columns[0], "method", "Search by", known, method.name)
    columns[1].caption(HELP[name])
    if name != method.name:
        method = method_named(name)
    return _settings_form(session, method) if name in _SETTINGS else method


def _settings_form(session: AppSession, method: MethodSpec) -> MethodSpec:
    """Draw the settings of a method, with the limits and the meaning that the engine declares."""
    labels, given = _SETTINGS[method.name], method.model_dump()
    declared = {name: setting for name, (_, setting) in settings_of(method.method).items()}
    meanings = {name: setting.meaning for name, setting in declared.items()}
    fields = Fields(lambda name: session.forms.key(f"{method.name}-{name}"), meanings)
    columns = [column for _ in range(len(labels) // 2 + 1) for column in st.columns(2)]
    chosen: dict[str, object] = {
        name: int(fields.number(column, name, label, given[name], int(declared[name].least or 0), _MOST))
        for column, (name, label) in zip(columns, labels.items(), strict=False)
    }
    usual = ImmigrantSource.BOTH if method.name == "niches" else ImmigrantSource.RANDOM
    given_source = given["immigrants_from"] or usual
    source = fields.choice(columns[len(labels)], "immigrants_from", "Newcomers from", _SOURCES, given_source)
    return method.model_copy(update=chosen | {"immigrants_from": None if source is usual else source})


def search_form(session: AppSession, spec: RunSpec) -> RunSpec:
    """Draw by what method is searched, what becomes a result and when the search ends; return the run as chosen."""
    st.subheader("Search")
    if spec.is_front:
        st.selectbox("Search by", [_FRONT], key=_fields(session).key("method-of-front"), disabled=True, help=_WHY_FRONT)
        st.caption(f":material/info: {_WHY_FRONT}")
        return _stop_form(session, _different_form(session, spec, st))
    method = method_form(session, spec.method)
    spec = _results_form(session, spec)
    return _stop_form(session, spec).searched_by(method)


def _results_form(session: AppSession, spec: RunSpec) -> RunSpec:
    fields, columns = _fields(session), [*st.columns(2), *st.columns(2)]
    kind = fields.choice(columns[0], "floor-kind", "Results come from", _FLOORS, spec.floor.kind)
    # what was set of another kind of floor does not carry over
    amount = spec.floor.amount if spec.floor.kind is kind else None
    if kind is FloorKind.WITHIN_PERCENT:
        start = DEFAULT_PERCENT if amount is None else amount
        amount = fields.number(columns[1], "floor-percent", "Within [%]", start, 0.0, step=1.0)
    elif kind is FloorKind.WITHIN:
        start = 1.0 if amount is None else amount
        amount = fields.number(columns[1], "floor-within", "Within [std. dev.]", start, 0.0, 100.0)
    else:
        start = 50.0 if amount is None else amount * 100
        amount = fields.number(columns[1], "floor-share", "Best share [%]", start, 1.0, 100.0) / 100
    choice = fields.choice(columns[2], "choice", "Chosen", _CHOICES, spec.choice)
    spec = _different_form(session, spec, columns[3])
    return spec.revised(floor=FloorSpec(kind=kind, amount=float(amount)), choice=choice)


def _different_form(session: AppSession, spec: RunSpec, place: Any) -> RunSpec:
    """Draw how different results are from each other, and whether they may be recorded rows."""
    fields, label = _fields(session), "Differ by at least [std. dev.]"
    # another field for a front, which has another usual distance
    name = "distinct-of-front" if spec.is_front else "distinct"
    distinct = fields.number(place, name, label, spec.distinct, 0.0, 100.0, step=0.1)
    is_new = fields.toggle(st, "unmeasured-only", "Only settings that were not measured yet", spec.unmeasured_only)
    return spec.revised(unmeasured_only=is_new, distinct=float(distinct))


def _stop_form(session: AppSession, spec: RunSpec) -> RunSpec:
    """Draw when the search ends before its budget is used up, whether it is compared, and the level of intervals."""
    fields, budget = _fields(session), spec.budget
    columns = [*st.columns(2), *st.columns(2, vertical_alignment="bottom")]
    seconds = fields.number(columns[0], "seconds", "Time limit [s]", budget.seconds, 1.0, placeholder="none")
    stall = fields.number(columns[1], "stall", "Stop after [generations]", budget.stall, 1, placeholder="never early")
    is_compared = fields.toggle(columns[2], "is-compared", "Compare without realism", spec.is_compared)
    shown = round(100 * spec.level, 6)
    least, most = 1.0, 99.99
    given = min(max(shown, least), most)
    label = "Level of intervals [%]"
    percent = fields.number(columns[3], "level", label, given, least, most, step=1.0, format="%.4g")
    budget = BudgetSpec(
        evaluations=budget.evaluations,
        seconds=None if seconds is None else float(seconds),
        stall=None if stall is None else int(stall),
    )
    level = spec.level if percent == shown else round(percent / 100, 6)
    return spec.revised(budget=budget, is_compared=is_compared, level=level)
