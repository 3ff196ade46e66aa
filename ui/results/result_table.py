"""The results beside what they have to beat, and one of them looked at closely: one choice for view and card."""

from collections.abc import Collection
from typing import Any, Literal

import streamlit as st

from services.jobs import Job
from services.jobs.workers.traces import TracePiece
from services.papers.choices import RunChoices
from services.results.names import result_names, titles
from services.results.valleys import neighbour_sentences, valley_sentences
from services.results.verdict import verdict_of
from services.specs.results import RunResult
from services.texts.outcomes import front_words
from services.texts.results import (
    Fact,
    Light,
    ResultSummary,
    Tone,
    checks_of_constraints,
    disagreement,
    facts,
    light_of,
    nearest_sentence,
    result_summaries,
    variety_sentence,
)
from services.texts.tables import closing_sentence, density_warning, search_sentence
from ui.charts.convergence import convergence_alt, convergence_figure, convergence_info
from ui.charts.density import DensityCheckInfo, density_check_alt, density_check_figure
from ui.results.actions import act_on, asked_for, card_buttons, limits_asked_for, search_with_limits
from ui.shared import cache
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label, show_chart
from ui.web.result_view.component import result_view, table_message

LOOKED_AT = "looked-at"
STORY = "How the search went"
_LOOKS: dict[Tone, tuple[Literal["green", "orange", "red"], str]] = {
    Tone.GOOD: ("green", ":material/check:"),
    Tone.DOUBTFUL: ("orange", ":material/priority_high:"),
    Tone.BAD: ("red", ":material/close:"),
}


def result_detail(result: RunResult, names: dict[str, int], actions: tuple[Job, RunChoices] | None = None) -> None:
    """Draw a choice among the results, named as they are listed, and what there is to know of the chosen one.

    Args:
        names: of the results that are shown, and their places.
        actions: the run and its choices; None offers nothing to do.
    """
    if st.session_state.get(LOOKED_AT) not in names:  # it was another run's, which had more of them
        st.session_state.pop(LOOKED_AT, None)
    with st.container(border=True, key="result-detail"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.selectbox("Look closer at", names, key=LOOKED_AT, help="Or click a row of the table.", width=200)
            position = names[name]
            if actions is not None:
                card_buttons(actions[1], position, is_last=len(names) < 2)
        show_result(result, position)


def show_result(result: RunResult, k: int) -> None:
    """Draw what is known of the result at position ``k``: what to expect, how far to trust it; the rest folds."""
    st.markdown(f"**{safe_label(titles(result)[k])}**")
    _facts(facts(result, result.results, k))
    if words := front_words(result, k):
        st.write(safe_label(words))
    if (light := light_of(result, result.results, k)) is not None:
        _light(light)
    if warning := disagreement(result.results, k):
        st.warning(safe_label(warning), icon=":material/balance:")
    with st.expander("All checks"):
        chips(result_summaries(result, result.results, k))
        if sentence := nearest_sentence(result, result.results, k):
            st.write(safe_label(sentence))
        if words := " ".join(filter(None, [lineages_words(result, k), *neighbour_sentences(result, k)])):
            st.write(safe_label(words))
        if checks := checks_of_constraints(result, result.results, k):
            st.caption("  \n".join(_check(words, is_met) for words, is_met in checks))


def _light(light: Light) -> None:
    """Draw a light in words: what to think of it, and why."""
    colour, icon = _LOOKS[light.tone]
    reasons = "; ".join(light.reasons)
    st.markdown(f":{colour}[{icon}] **{safe_label(light.words)}.** {safe_label(reasons)}")


def valley_words(result: RunResult) -> None:
    """Draw what lies between the results: plateaus, and what separates neighbours."""
    if sentences := valley_sentences(result):
        st.write(safe_label(" ".join(sentences)))


def chips(found: list[ResultSummary]) -> None:
    """Draw glances as a line of chips: icon, colour and words each say the same."""
    with st.container(horizontal=True, gap="small"):
        for one in found:
            colour, icon = _LOOKS[one.tone]
            st.badge(safe_label(one.line), icon=icon, color=colour, help=safe_label(one.meaning))


def lineages_words(result: RunResult, k: int) -> str:
    """How many lineages are behind the result at position ``k``, or "" where nobody counted."""
    counted, method = result.results.n_lineages, result.spec.method
    if counted is None:
        return ""
    n, n_all = counted[k], result.statistics.n_lineages
    if n == 0:
        return "No lineage ended nearest to it: it was found on the way of others."
    return f"{method.counted(n)} of {n_all:,} ended well enough to be a result and nearest to this one."


def _check(words: str, is_met: bool) -> str:
    icon, met = (":material/check:", "met") if is_met else (":material/close:", "not met")
    return f"{icon} {safe_label(words)}: {met}"


def look_at(name: str) -> None:
    """Show this result when the page is drawn next; called from a callback only."""
    st.session_state[LOOKED_AT] = name


def _facts(found: list[Fact]) -> None:
    with st.container(horizontal=True, gap="medium"):
        for fact in found:
            text = f"{safe_label(fact.name)}  \n**{safe_label(fact.value)}**"
            st.markdown(text, help=safe_label(fact.meaning), width="content")


def result_table(result: RunResult) -> None:
    """Draw the verdict, the table, one result in detail and what the search did."""
    if found_any(result):
        result_words(result)
        result_choice(result, table_message(result))
        st.write(safe_label(closing_sentence(result)))


def found_any(result: RunResult) -> bool:
    """Whether there are results; else say why there are none, and what to do."""
    if not len(result.results):
        words = "Nothing was found: no candidate got a finite prediction. Choose another model, or narrower bounds."
        if result.notes:
            words = f"Nothing was found. {' '.join(result.notes)}"
        st.warning(safe_label(words), icon=":material/search_off:")
    return len(result.results) > 0


def result_words(result: RunResult, left_out: Collection[int] = ()) -> None:
    """Draw the verdict as a sentence or two, its details folded, and a warning where it cannot be believed.

    Args:
        left_out: places of results that do not count.
    """
    if (verdict := verdict_of(result, left_out)) is not None:
        with st.container(key="verdict"):
            st.markdown(f"{safe_label(verdict.words)} **{safe_label(verdict.next_step)}**")
    if warning := density_warning(result):
        st.warning(safe_label(warning), icon=":material/warning:")
    with st.expander("Why, and what was asked for"):
        if verdict is not None and verdict.details:
            st.write(safe_label(verdict.details))
        if notes := [*result.notes, *filter(None, [result.second_opinion])]:
            st.caption("  \n".join(map(safe_label, notes)))
        st.caption(safe_label(search_sentence(result)))


def result_choice(result: RunResult, message: dict[str, Any], actions: tuple[Job, RunChoices] | None = None) -> None:
    """Draw the linked view of results and the card of the one that is chosen; a choice draws only these anew.

    Args:
        message: of the view.
        actions: the run and its choices; None offers nothing to do.
    """
    st.fragment(_draw_choice)(result, message, actions)


def search_story(result: RunResult, run_id: str) -> None:
    """Draw how the search went, how good and different its results are, and how the best got better; folded."""
    st.fragment(_draw_story)(result, run_id)


def _draw_story(result: RunResult, run_id: str) -> None:
    with st.expander(STORY, icon=":material/trending_up:", key="search-story", on_change="rerun") as fold:
        if not fold.open:  # a chart costs the browser a tenth of a second, also where nobody sees it
            return
        st.write(safe_label(closing_sentence(result)))
        if words := variety_sentence(result):
            st.write(safe_label(words))
        valley_words(result)
        convergence(result, cache.course(run_id).read())


def _draw_choice(result: RunResult, message: dict[str, Any], actions: tuple[Job, RunChoices] | None) -> None:
    if actions is not None:
        act_on(result, actions[0])
        search_with_limits(result)
    n = len(result.results)
    shown, to_lab = (range(n), ()) if actions is None else (actions[1].shown(n), actions[1].to_lab)
    all_names = result_names(n)
    names = {all_names[k]: k for k in shown}
    result_view(
        message,
        key="result-view",
        chosen=_chosen(names),
        on_choose=lambda position: look_at(all_names[position]),
        to_lab=to_lab,
        on_act=asked_for if actions is not None else None,
        on_limits=limits_asked_for if actions is not None else None,
    )
    st.caption("Blue cells differ from the reference.")
    result_detail(result, names, actions)


def _chosen(names: dict[str, int]) -> int:
    """The position of the result that is looked at, the same for the view and for the card below it."""
    session, name = AppSession.current(), st.session_state.get(LOOKED_AT)
    if session.results.run_id != session.run_id:
        session.results.run_id, session.results.chosen, name = session.run_id, None, None
    if name in names:
        session.results.chosen = names[name]
        return session.results.chosen
    places = list(names.values())
    if session.results.chosen not in places:
        session.results.chosen = places[0]
    # the card forgot: the page was left meanwhile, another run is shown, or the result was left out
    look_at(next(name for name, k in names.items() if k == session.results.chosen))
    return session.results.chosen


def density_check(info: DensityCheckInfo, key: str) -> None:
    """Draw the densities of the results against those of the recorded rows; ``key`` names the results."""
    help_ = "Candidates far outside of what was recorded were never tried: there the model is only guessing."
    with st.container(gap="xxsmall"):
        st.markdown("##### Density check", help=help_)
        figure, alt = cache.chart(f"density {key}", lambda: (density_check_figure(info), density_check_alt(info)))
        show_chart("density-check", figure, alt)


def convergence(result: RunResult, trace: TracePiece | None) -> None:
    """Draw how the best of the search got better."""
    if trace is None or not len(trace.events):
        return
    info = convergence_info(trace.events, trace.generations, result)
    show_chart("convergence", convergence_figure(info), convergence_alt(info))
