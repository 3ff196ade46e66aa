"""How long and how hard a run searches, and what becomes a result."""

import streamlit as st

from optimizer import FloorKind
from services.runspec import BudgetSpec, FloorSpec, MethodSpec, RunSpec
from ui.session import AppSession

MAX_EVALUATIONS = 100_000_000
_FLOORS = {"the best share": FloorKind.BEST_SHARE, "within a distance of the best": FloorKind.WITHIN}


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
        method = _lineages_form(session, spec.method)
        spec = _results_form(session, spec)
        budget = _stop_form(session, spec.budget)
    budget = budget.model_copy(update={"evaluations": int(evaluations)})
    return spec.revised(n_results=int(n_results), seed=int(seed), method=method, budget=budget)


def _lineages_form(session: AppSession, method: MethodSpec) -> MethodSpec:
    columns = st.columns(4)
    with columns[0]:
        n_lineages = st.number_input(
            "Lineages",
            1,
            10_000,
            method.n_lineages,
            key=session.key("n-lineages"),
            help="How many local searches live at once. Each starts at a random candidate and lives while it improves.",
        )
    with columns[1]:
        patience = st.number_input(
            "Patience [generations]",
            1,
            10_000,
            method.patience,
            key=session.key("patience"),
            help="A lineage that has not improved for this long goes extinct; its best is kept.",
        )
    with columns[2]:
        n_mutants = st.number_input(
            "Mutants per lineage",
            1,
            1_000,
            method.n_mutants,
            key=session.key("n-mutants"),
            help="Children of each lineage in a generation.",
        )
    with columns[3]:
        n_newcomers = st.number_input(
            "Newcomers",
            1,
            10_000,
            method.n_newcomers,
            key=session.key("n-newcomers"),
            help="Random candidates that compete for the place of an extinct lineage.",
        )
    return method.model_copy(
        update={
            "n_lineages": int(n_lineages),
            "patience": int(patience),
            "n_mutants": int(n_mutants),
            "n_newcomers": int(n_newcomers),
        }
    )


def _results_form(session: AppSession, spec: RunSpec) -> RunSpec:
    columns = st.columns(4)
    with columns[0]:
        words = list(_FLOORS)
        index = list(_FLOORS.values()).index(spec.floor.kind)
        kind = _FLOORS[
            st.selectbox(
                "Results come from",
                words,
                index=index,
                key=session.key("floor-kind"),
                help="Only candidates that are good enough become results.",
            )
        ]
    with columns[1]:
        if kind is FloorKind.BEST_SHARE:
            start = spec.floor.amount * 100 if spec.floor.kind is kind else 50.0
            amount = st.number_input("Best share [%]", 1.0, 100.0, start, key=session.key("floor-share")) / 100
        else:
            start = spec.floor.amount if spec.floor.kind is kind else 1.0
            amount = st.number_input("Within [std. dev.]", 0.0, 100.0, start, key=session.key("floor-within"))
    with columns[2]:
        distinct = st.number_input(
            "Differ by at least [std. dev.]",
            0.0,
            100.0,
            spec.distinct,
            step=0.1,
            key=session.key("distinct"),
            help="Smallest distance between two results, in standard deviations of the recorded values.",
        )
    with columns[3]:
        is_compared = st.toggle(
            "Compare without penalty",
            spec.is_compared,
            key=session.key("is-compared"),
            help="Do the same search once more without the density penalty, to show what it changed.",
        )
    return spec.revised(
        floor=FloorSpec(kind=kind, amount=float(amount)), distinct=float(distinct), is_compared=is_compared
    )


def _stop_form(session: AppSession, budget: BudgetSpec) -> BudgetSpec:
    columns = st.columns(4)
    with columns[0]:
        seconds = st.number_input(
            "Time limit [s]",
            min_value=1.0,
            value=budget.seconds,
            placeholder="none",
            key=session.key("seconds"),
            help="A run that ends by the clock is not repeatable to the last digit.",
        )
    with columns[1]:
        stall = st.number_input(
            "Stop after [generations]",
            min_value=1,
            value=budget.stall,
            placeholder="never early",
            key=session.key("stall"),
            help="End when the best score has not improved for so many generations.",
        )
    return BudgetSpec(
        evaluations=budget.evaluations,
        seconds=None if seconds is None else float(seconds),
        stall=None if stall is None else int(stall),
    )
