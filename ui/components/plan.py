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
    words = plan_words(spec, estimate_seconds(spec, evaluation_seconds(spec, problem)))
    if job is None:
        st.info(words, icon=":material/schedule:")
        return
    st.warning(
        f"The settings below differ from those of the run shown here. Search again to see what they do. {words}",
        icon=":material/edit:",
    )


def evaluation_seconds(spec: RunSpec, problem: Problem) -> float:
    """Return how long an evaluation of a run takes; measured once for table, model, curve, method and realism."""
    is_far = spec.distance is not None and spec.distance.weight > 0
    realism = f"{spec.caution > 0}|{is_far}|{spec.plausibility}"
    key = f"{spec.dataset.digest}|{spec.model.model_dump_json()}|{spec.curve}|{spec.method.name}|{realism}"
    return cache.seconds_per_evaluation(key, problem, spec.method)
