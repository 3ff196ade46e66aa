"""The lesson on one feature: its knobs, and what there is to see."""

from functools import partial

import streamlit as st

from optimizer import Goal
from services.problems.stories import LESSON, story, story_spec
from services.specs.results import RunResult
from services.specs.run import NumericSpec, RunSpec
from services.texts.tables import closing_sentence
from ui.shared import cache
from ui.shared.widgets import Fields, safe_label

_HELP = {
    "lineages": "How many local searches live at once.",
    "patience": "Generations without improvement after which a lineage goes extinct.",
    "mutation-strength": "How far a mutation goes, in standard deviations of the recorded values.",
}
_STEPS = {
    "A newcomer starts a lineage": "Each dot is a lineage: it begins at a random place and has children a small "
    "mutation away.",
    "It lives while it improves": "A lineage that has just improved survives even if others are better, so a small "
    "hill gets its climber.",
    "It goes extinct, its best is kept": "After some generations without improvement it ends. The gray cross marks "
    "its best, which is kept.",
    "The best that were kept give the results": "Of the good ones, those least like each other are taken: different "
    "ways to a good outcome.",
}


def lesson_form() -> RunSpec:
    """Draw the knobs and return the run that they make."""
    spec = story_spec(story("bumps"), cache.catalog())
    columns = st.columns(5, gap="medium", vertical_alignment="bottom")
    goal = columns[0].segmented_control(
        "Search for", ["Max", "Min"], default="Max", key="lesson-goal", required=True, persist_state="session"
    )
    fields = Fields(lambda name: f"lesson-{name}", _HELP)
    slider = partial(fields.slider, persist_state="session")
    n_lineages = slider(columns[1], "lineages", "Lineages", LESSON.n_lineages, 1, 40)
    patience = slider(columns[2], "patience", "Patience", LESSON.patience, 1, 40)
    strength = slider(columns[3], "mutation-strength", "Mutation strength", 0.05, 0.01, 1.0, 0.01)
    seed = fields.number(columns[4], "seed", "Seed", 0, 0, 2**31 - 1, persist_state="session")
    features = tuple(
        feature.model_copy(update={"mutation_strength": float(strength)})
        if isinstance(feature, NumericSpec)
        else feature
        for feature in spec.features
    )
    method = LESSON.model_copy(update={"n_lineages": int(n_lineages), "patience": int(patience)})
    return spec.revised(
        name="How it works",
        goal=Goal.MINIMUM if goal == "Min" else Goal.MAXIMUM,
        features=features,
        method=method,
        seed=int(seed),
    )


def lesson_text(result: RunResult | None) -> None:
    """Write what there is to see, and how the last run ended."""
    if result is not None:
        st.write(safe_label(closing_sentence(result)))
    columns = st.columns(4, gap="medium")
    for number, (column, (title, text)) in enumerate(zip(columns, _STEPS.items(), strict=True), start=1):
        with column, st.container(border=True, height="stretch"):
            st.markdown(f"**{number}. {title}**")
            st.caption(text)
    st.caption(
        "Try: a mutation strength of 1 jumps between hills and settles on none; 0.01 climbs slowly; a patience of 2 "
        "gives up too early; one lineage finds one hill."
    )
    st.caption(
        "With several goals there is no single best: lineages spread along the front, on which more of one goal costs "
        "some of another, and different settings that reach the same are kept."
    )
