"""What will run and how long it takes, or that the picture shows other settings than the screen."""

import streamlit as st

from optimizer import Problem
from services.estimate import estimate_seconds, plan_words
from services.runs import Job
from services.runspec import RunSpec
from ui import cache


def plan_of(spec: RunSpec, problem: Problem, job: Job | None) -> None:
    """Say what a start would do, and in yellow that the shown run had other settings."""
    if job is not None and RunSpec.model_validate_json(job.spec) == spec:
        return
    key = f"{spec.dataset.digest}|{spec.model.model_dump_json()}|{spec.curve}|{spec.method.name}"
    seconds = estimate_seconds(spec, cache.seconds_per_evaluation(key, problem, spec.method))
    words = plan_words(spec, seconds)
    if job is None:
        st.info(words, icon=":material/schedule:")
        return
    st.warning(
        f"The settings below differ from those of the run shown here. Search again to see what they do. {words}",
        icon=":material/edit:",
    )
