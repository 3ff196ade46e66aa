"""How a run searches: the method, and the knobs of those that have some on screen."""

from collections.abc import Sequence

import streamlit as st

from optimizer import METHODS, NewcomersFrom
from services.methodspec import LineagesSpec, MethodSpec, NichesSpec, method_named
from ui.components.choices import choose
from ui.session import AppSession

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
    NewcomersFrom.RANDOM: "random candidates",
    NewcomersFrom.RECORDED: "recorded rows",
    NewcomersFrom.BOTH: "random and recorded",
}


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
        source = _newcomers_from(session, "niches-from", method.newcomers_from or NewcomersFrom.BOTH)
    source_or_default = None if source is NewcomersFrom.BOTH else source
    return method.model_copy(update={"n_lineages": n_lineages, "newcomers_from": source_or_default})


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
        ("Newcomers", "n_newcomers", "Candidates that compete for the place of an extinct lineage."),
    )
    knobs: dict[str, object] = {}
    for column, (label, knob, words) in zip(columns, texts, strict=False):
        with column:
            knobs[knob] = _number(session, label, getattr(method, knob), knob.replace("_", "-"), words)
    with columns[4]:
        source = _newcomers_from(session, "newcomers-from", method.newcomers_from or NewcomersFrom.RANDOM)
        knobs["newcomers_from"] = None if source is NewcomersFrom.RANDOM else source
    return method.model_copy(update=knobs)


def _number(session: AppSession, label: str, value: int, key: str, words: str) -> int:
    return int(st.number_input(label, 1, 10_000, value, key=session.key(key), help=words))


def _newcomers_from(session: AppSession, key: str, source: NewcomersFrom) -> NewcomersFrom:
    return choose(
        "Newcomers from",
        _SOURCES,
        source,
        key=session.key(key),
        help="Where lineages begin. Recorded rows, moved inside the bounds, are where the model knows most.",
    )
