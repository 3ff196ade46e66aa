"""All settings of a run, in the order in which an expert thinks of them."""

import streamlit as st

from services.material import Material
from services.methodspec import LineagesSpec
from services.runspec import RunSpec
from ui.components.feature_table import feature_table
from ui.components.goal_form import goal_form
from ui.components.method_form import chosen_name
from ui.components.realism_form import realism_form
from ui.components.rules_form import rules_form
from ui.components.search_form import search_form
from ui.session import AppSession


def settings_form(session: AppSession, spec: RunSpec, material: Material) -> RunSpec:
    """Draw goal, realism, features, rules and search; return the run as it is set on screen."""
    spec = goal_form(session, spec, material)
    spec = realism_form(session, spec, material)
    has_weights = chosen_name(session, spec.method) == LineagesSpec().name
    spec = feature_table(session, spec, material.dataset, has_weights=has_weights)
    spec = rules_form(session, spec, material.dataset)
    st.subheader("Search")
    return search_form(session, spec)
