"""All settings of a run, in the order in which an expert thinks of them."""

import streamlit as st

from services.catalog.loading import ModelWithData
from services.specs.method import LineagesSpec
from services.specs.run import RunSpec
from ui.optimize.constraints_form import constraints_form
from ui.optimize.feature_form import feature_form
from ui.optimize.goal_form import goal_form
from ui.optimize.realism_form import realism_form
from ui.optimize.reference_form import reference_form
from ui.optimize.search_form import chosen_name, search_form
from ui.shared.session import AppSession


def settings_form(session: AppSession, spec: RunSpec, model_data: ModelWithData) -> RunSpec:
    """Draw goal, reference, features, realism, rules and search; return the run as it is set on screen."""
    dataset = model_data.dataset
    spec = goal_form(session, spec, model_data)
    reference_form(session, spec, dataset)
    feature_form(session, spec, dataset, has_weights=chosen_name(session, spec.method) == LineagesSpec().name)
    spec = realism_form(session, spec, model_data)
    spec = constraints_form(session, spec, dataset)
    st.subheader("Search")
    return search_form(session, spec)
