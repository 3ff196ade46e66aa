"""All settings of a run, in the order in which an expert thinks of them."""

import streamlit as st

from services.material import Material
from services.methodspec import LineagesSpec
from services.runspec import RunSpec
from ui.components.feature_form import feature_form
from ui.components.goal_form import goal_form
from ui.components.method_form import chosen_name
from ui.components.realism_form import realism_form
from ui.components.reference_form import reference_form
from ui.components.rules_form import rules_form
from ui.components.search_form import search_form
from ui.session import AppSession


def settings_form(session: AppSession, spec: RunSpec, material: Material) -> RunSpec:
    """Draw goal, reference, features, realism, rules and search; return the run as it is set on screen."""
    dataset = material.dataset
    spec = goal_form(session, spec, material)
    reference_form(session, spec, dataset)
    feature_form(session, spec, dataset, has_weights=chosen_name(session, spec.method) == LineagesSpec().name)
    spec = realism_form(session, spec, material)
    spec = rules_form(session, spec, dataset)
    st.subheader("Search")
    return search_form(session, spec)
