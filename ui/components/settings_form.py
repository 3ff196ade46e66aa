"""All settings of a run, in the order in which an expert thinks of them."""

from services.material import Material
from services.methodspec import LineagesSpec
from services.runspec import RunSpec
from ui.components.density_form import density_form
from ui.components.feature_table import feature_table
from ui.components.goal_form import goal_form
from ui.components.method_form import chosen_name
from ui.components.search_form import search_form
from ui.session import AppSession


def settings_form(session: AppSession, spec: RunSpec, material: Material) -> RunSpec:
    """Draw goal, realism, features and search; return the run as it is set on screen."""
    spec = goal_form(session, spec, material)
    spec = density_form(session, spec, material.dataset)
    has_weights = chosen_name(session, spec.method) == LineagesSpec().name
    spec = feature_table(session, spec, material.dataset, has_weights=has_weights)
    return search_form(session, spec)
