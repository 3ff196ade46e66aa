"""How a run searches, how long and how hard, and what becomes a result."""

import streamlit as st

from optimizer import DEFAULT_PERCENT, METHODS, Choice, FloorKind, ImmigrantSource
from optimizer.methods.method import settings_of
from services.specs.method import MethodSpec, method_named
from services.specs.run import BudgetSpec, FloorSpec, RunSpec
from ui.shared.session import AppSession
from ui.shared.widgets import choose

NAMES = {
    "niches": "Niches (default)",
    "lineages": "Lineages (as published)",
    "differential_evolution": "Differential evolution",
    "dual_annealing": "Dual annealing",
    "multistart": "Multi-start L-BFGS-B",
    "cma_es": "CMA-ES with restarts",
    "bayesian": "Bayesian search (TPE)",
    "random_search": "Random search",
}
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

_MOST = 10_000  # that the page offers
MAX_EVALUATIONS = 100_000_000
_FLOORS = {
    FloorKind.WITHIN_PERCENT: "within a percentage of the best",
    FloorKind.WITHIN: "within a distance of the best",
    FloorKind.BEST_SHARE: "the best share",
}
_CHOICES = {Choice.SPREAD: "good and different", Choice.KMEANS: "K-Means, as published"}


def chosen_name(session: AppSession, method: MethodSpec) -> str:
    """The name of the method as it is chosen on screen, for what is drawn above the choice."""
    return str(st.session_state.get(session.forms.key("method"), method.name))


def method_form(session: AppSession, method: MethodSpec) -> MethodSpec:
    """Draw the choice of the method and its knobs; return the method as chosen."""
    columns = st.columns([1, 3], vertical_alignment="bottom")
    with columns[0]:
        name = choose(
            "Search by",
            {known: NAMES[known] for known in METHODS},
            method.name,
            key=session.forms.key("method"),
            help="What becomes a result is chosen in the same way for every method.",
        )
    columns[1].caption(HELP[name])
    if name != method.name:
        method = method_named(name)
    return _settings_form(session, method) if name in _SETTINGS else method


def _settings_form(session: AppSession, method: MethodSpec) -> MethodSpec:
    """Draw the settings of a method, with the limits and the meaning that the engine declares."""
    labels, declared, given = _SETTINGS[method.name], settings_of(method.method), method.model_dump()
    columns = st.columns([1, 1, 2] if len(labels) == 1 else len(labels) + 1)
    chosen: dict[str, object] = {}
    for column, (name, label) in zip(columns, labels.items(), strict=False):
        _, setting = declared[name]
        key, least = session.forms.key(f"{method.name}-{name}"), int(setting.least or 0)
        chosen[name] = int(column.number_input(label, least, _MOST, given[name], key=key, help=setting.meaning))
    usual = ImmigrantSource.BOTH if method.name == "niches" else ImmigrantSource.RANDOM
    with columns[len(labels)]:
        source = choose(
            "Newcomers from",
            _SOURCES,
            given["immigrants_from"] or usual,
            key=session.forms.key(f"{method.name}-immigrants"),
            help=declared["immigrants_from"][1].meaning,
        )
    return method.model_copy(update=chosen | {"immigrants_from": None if source is usual else source})


def search_form(session: AppSession, spec: RunSpec) -> RunSpec:
    """Draw number of results, budget and seed, with the expert knobs folded away; return the run as chosen."""
    columns = st.columns(3)
    n_results = columns[0].number_input("Number of results", 1, 50, spec.n_results, key=session.forms.key("n-results"))
    evaluations = columns[1].number_input(
        "Budget [evaluations]",
        1,
        MAX_EVALUATIONS,
        spec.budget.evaluations,
        step=10_000,
        key=session.forms.key("budget"),
        help="Candidates that the model is asked about, at most.",
    )
    seed = columns[2].number_input(
        "Seed", 0, 2**31 - 1, spec.seed, key=session.forms.key("seed"), help="The same seed gives the same results."
    )
    with st.expander("Advanced"):
        method = method_form(session, spec.method)
        spec = _results_form(session, spec)
        spec = _stop_form(session, spec)
    budget = spec.budget.model_copy(update={"evaluations": int(evaluations)})
    return spec.revised(n_results=int(n_results), seed=int(seed), budget=budget).searched_by(method)


def _results_form(session: AppSession, spec: RunSpec) -> RunSpec:
    columns = st.columns(4)
    with columns[0]:
        kind = choose(
            "Results come from",
            _FLOORS,
            spec.floor.kind,
            key=session.forms.key("floor-kind"),
            help="Only candidates that are good enough become results.",
        )
    with columns[1]:
        floor = _floor_amount(session, kind, spec.floor)
    with columns[2]:
        choice = choose(
            "Chosen",
            _CHOICES,
            spec.choice,
            key=session.forms.key("choice"),
            help="Good and different: the best candidate, then again and again what is good and least like those "
            "before. K-Means: the best member of each cluster.",
        )
    distinct = columns[3].number_input(
        "Differ by at least [std. dev.]",
        0.0,
        100.0,
        spec.distinct,
        step=0.1,
        key=session.forms.key("distinct"),
        help="Smallest distance between two results, in standard deviations of the recorded values.",
    )
    return spec.revised(floor=floor, choice=choice, distinct=float(distinct))


def _floor_amount(session: AppSession, kind: FloorKind, floor: FloorSpec) -> FloorSpec:
    """Draw how much that kind of floor allows; what was set of another kind does not carry over."""
    if kind is FloorKind.WITHIN_PERCENT:
        start = floor.amount if floor.kind is kind else DEFAULT_PERCENT
        help_text = (
            "Of the best outcome, or of its distance from the value searched for; where that is less than one standard "
            "deviation of the recorded rows, of one standard deviation."
        )
        amount = st.number_input(
            "Within [%]", min_value=0.0, value=start, step=1.0, key=session.forms.key("floor-percent"), help=help_text
        )
    elif kind is FloorKind.WITHIN:
        start = floor.amount if floor.kind is kind else 1.0
        amount = st.number_input("Within [std. dev.]", 0.0, 100.0, start, key=session.forms.key("floor-within"))
    else:
        start = floor.amount * 100 if floor.kind is kind else 50.0
        amount = st.number_input("Best share [%]", 1.0, 100.0, start, key=session.forms.key("floor-share")) / 100
    return FloorSpec(kind=kind, amount=float(amount))


def _stop_form(session: AppSession, spec: RunSpec) -> RunSpec:
    """Draw when the search ends before its budget is used up, whether it is compared, and the level of intervals."""
    columns = st.columns(4, vertical_alignment="bottom")
    seconds = columns[0].number_input(
        "Time limit [s]",
        min_value=1.0,
        value=spec.budget.seconds,
        placeholder="none",
        key=session.forms.key("seconds"),
        help="A run that ends by the clock is not repeatable to the last digit.",
    )
    stall = columns[1].number_input(
        "Stop after [generations]",
        min_value=1,
        value=spec.budget.stall,
        placeholder="never early",
        key=session.forms.key("stall"),
        help="End when the best score has not improved for so many generations.",
    )
    is_compared = columns[2].toggle(
        "Compare without realism",
        spec.is_compared,
        key=session.forms.key("is-compared"),
        help="Do the same search once more without penalties, plausibility and risk aversion, to show what they "
        "changed.",
    )
    percent = columns[3].number_input(
        "Level of intervals [%]",
        1.0,
        99.99,
        min(max(round(100 * spec.level, 6), 1.0), 99.99),
        step=1.0,
        format="%.4g",
        key=session.forms.key("level"),
        help="Share of true values that the interval of a prediction shall hold. Needs a model that knows how "
        "uncertain it is.",
    )
    budget = BudgetSpec(
        evaluations=spec.budget.evaluations,
        seconds=None if seconds is None else float(seconds),
        stall=None if stall is None else int(stall),
    )
    level = spec.level if percent == round(100 * spec.level, 6) else round(percent / 100, 6)
    return spec.revised(budget=budget, is_compared=is_compared, level=level)
