"""How a run searches, how long and how hard, and what becomes a result."""

from collections.abc import Sequence

import streamlit as st

from optimizer import DEFAULT_PERCENT, METHODS, Choice, FloorKind, ImmigrantSource
from services.problems.starts import searching_by
from services.specs.method import LineagesSpec, MethodSpec, NichesSpec, method_named
from services.specs.run import BudgetSpec, FloorSpec, RunSpec
from ui.shared.session import AppSession
from ui.shared.widgets import choose

NAMES = {
    "niches": "Niches (default)",
    "lineages": "Lineages (as published)",
    "differential_evolution": "Differential evolution",
    "dual_annealing": "Dual annealing",
    "shgo": "SHGO",
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
    "shgo": "A mesh of samples, and a descent from each of its local optima (SciPy).",
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


MAX_EVALUATIONS = 100_000_000
_FLOORS = {
    FloorKind.WITHIN_PERCENT: "within a percentage of the best",
    FloorKind.WITHIN: "within a distance of the best",
    FloorKind.BEST_SHARE: "the best share",
}
_CHOICES = {Choice.SPREAD: "good and different", Choice.KMEANS: "K-Means, as published"}


def chosen_name(session: AppSession, method: MethodSpec) -> str:
    """Return the name of the method as it is chosen on screen, for what is drawn above the choice."""
    return str(st.session_state.get(session.key("method"), method.name))


def method_form(session: AppSession, method: MethodSpec) -> MethodSpec:
    """Draw the choice of the method and its knobs; return the method as chosen."""
    columns = st.columns([1, 3], vertical_alignment="bottom")
    with columns[0]:
        name = choose(
            "Search by",
            {known: NAMES[known] for known in METHODS},
            method.name,
            key=session.key("method"),
            help="What becomes a result is chosen in the same way for every method.",
        )
    columns[1].caption(HELP[name])
    if name != method.name:
        method = method_named(name)
    if isinstance(method, NichesSpec):
        return _niches_form(session, method)
    return _lineages_form(session, method) if isinstance(method, LineagesSpec) else method


def _niches_form(session: AppSession, method: NichesSpec) -> NichesSpec:
    columns = st.columns([1, 1, 2])
    with columns[0]:
        n_lineages = _number(
            session,
            "Lineages",
            method.n_lineages,
            "niches-lineages",
            "How many local searches live at once, fewer where the budget would not bring so many to their end.",
        )
    with columns[1]:
        source = _newcomers_from(session, "niches-from", method.immigrants_from or ImmigrantSource.BOTH)
    source_or_default = None if source is ImmigrantSource.BOTH else source
    return method.model_copy(update={"n_lineages": n_lineages, "immigrants_from": source_or_default})


def _lineages_form(session: AppSession, method: LineagesSpec) -> LineagesSpec:
    columns = st.columns(5)
    texts: Sequence[tuple[str, str, str]] = (
        (
            "Lineages",
            "n_lineages",
            "How many local searches live at once. Each starts at a newcomer and lives while it improves.",
        ),
        (
            "Patience [generations]",
            "patience",
            "A lineage that has not improved for this long goes extinct; its best is kept.",
        ),
        ("Mutants per lineage", "n_mutants", "Children of each lineage in a generation."),
        ("ImmigrantSampler", "n_immigrants", "Candidates that compete for the place of an extinct lineage."),
    )
    knobs: dict[str, object] = {}
    for column, (label, knob, words) in zip(columns, texts, strict=False):
        with column:
            knobs[knob] = _number(session, label, getattr(method, knob), knob.replace("_", "-"), words)
    with columns[4]:
        source = _newcomers_from(session, "newcomers-from", method.immigrants_from or ImmigrantSource.RANDOM)
        knobs["immigrants_from"] = None if source is ImmigrantSource.RANDOM else source
    return method.model_copy(update=knobs)


def _number(session: AppSession, label: str, value: int, key: str, words: str) -> int:
    return int(st.number_input(label, 1, 10_000, value, key=session.key(key), help=words))


def _newcomers_from(session: AppSession, key: str, source: ImmigrantSource) -> ImmigrantSource:
    return choose(
        "Newcomers from",
        _SOURCES,
        source,
        key=session.key(key),
        help="Where lineages begin. Recorded rows, moved inside the bounds, are where the model knows most.",
    )


def search_form(session: AppSession, spec: RunSpec) -> RunSpec:
    """Draw number of results, budget and seed, with the expert knobs folded away; return the run as chosen."""
    columns = st.columns(3)
    with columns[0]:
        n_results = st.number_input("Number of results", 1, 50, spec.n_results, key=session.key("n-results"))
    with columns[1]:
        evaluations = st.number_input(
            "Budget [evaluations]",
            1,
            MAX_EVALUATIONS,
            spec.budget.evaluations,
            step=10_000,
            key=session.key("budget"),
            help="Candidates that the model is asked about, at most.",
        )
    with columns[2]:
        seed = st.number_input(
            "Seed", 0, 2**31 - 1, spec.seed, key=session.key("seed"), help="The same seed gives the same results."
        )
    with st.expander("Advanced"):
        method = method_form(session, spec.method)
        spec = _results_form(session, spec)
        spec = _stop_form(session, spec)
    budget = spec.budget.model_copy(update={"evaluations": int(evaluations)})
    return searching_by(spec.revised(n_results=int(n_results), seed=int(seed), budget=budget), method)


def _results_form(session: AppSession, spec: RunSpec) -> RunSpec:
    columns = st.columns(4)
    with columns[0]:
        kind = choose(
            "Results come from",
            _FLOORS,
            spec.floor.kind,
            key=session.key("floor-kind"),
            help="Only candidates that are good enough become results.",
        )
    with columns[1]:
        floor = _floor_amount(session, kind, spec.floor)
    with columns[2]:
        choice = choose(
            "Chosen",
            _CHOICES,
            spec.choice,
            key=session.key("choice"),
            help="Good and different: the best candidate, then again and again what is good and least like those "
            "before. K-Means: the best member of each cluster.",
        )
    with columns[3]:
        distinct = st.number_input(
            "Differ by at least [std. dev.]",
            0.0,
            100.0,
            spec.distinct,
            step=0.1,
            key=session.key("distinct"),
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
            "Within [%]", min_value=0.0, value=start, step=1.0, key=session.key("floor-percent"), help=help_text
        )
    elif kind is FloorKind.WITHIN:
        start = floor.amount if floor.kind is kind else 1.0
        amount = st.number_input("Within [std. dev.]", 0.0, 100.0, start, key=session.key("floor-within"))
    else:
        start = floor.amount * 100 if floor.kind is kind else 50.0
        amount = st.number_input("Best share [%]", 1.0, 100.0, start, key=session.key("floor-share")) / 100
    return FloorSpec(kind=kind, amount=float(amount))


def _stop_form(session: AppSession, spec: RunSpec) -> RunSpec:
    """Draw when the search ends before its budget is used up, whether it is compared, and the level of intervals."""
    columns = st.columns(4, vertical_alignment="bottom")
    with columns[0]:
        seconds = st.number_input(
            "Time limit [s]",
            min_value=1.0,
            value=spec.budget.seconds,
            placeholder="none",
            key=session.key("seconds"),
            help="A run that ends by the clock is not repeatable to the last digit.",
        )
    with columns[1]:
        stall = st.number_input(
            "Stop after [generations]",
            min_value=1,
            value=spec.budget.stall,
            placeholder="never early",
            key=session.key("stall"),
            help="End when the best score has not improved for so many generations.",
        )
    with columns[2]:
        is_compared = st.toggle(
            "Compare without realism",
            spec.is_compared,
            key=session.key("is-compared"),
            help="Do the same search once more without penalties, plausibility and caution, to show what they changed.",
        )
    with columns[3]:
        percent = st.number_input(
            "Level of intervals [%]",
            1.0,
            99.99,
            min(max(round(100 * spec.level, 6), 1.0), 99.99),
            step=1.0,
            format="%.4g",
            key=session.key("level"),
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
