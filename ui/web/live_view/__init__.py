"""The component that draws lineages, live and as a replay: nouns, message, component."""

from ui.web.live_view.component import SteeringRequest, bring_live_view, live_view
from ui.web.live_view.message import Limits, Sent, encode, progress_after
from ui.web.live_view.rows import BRIEFLY, SHAPE_WIDTH, Rows, thinned
from ui.web.live_view.scene import (
    Progress,
    Scene,
    SceneDensity,
    SceneFeature,
    SceneLine,
    Steered,
    event_width,
    recorded_width,
)

__all__ = [
    "BRIEFLY",
    "SHAPE_WIDTH",
    "Limits",
    "Progress",
    "Rows",
    "Scene",
    "SceneDensity",
    "SceneFeature",
    "SceneLine",
    "Sent",
    "Steered",
    "SteeringRequest",
    "bring_live_view",
    "encode",
    "event_width",
    "live_view",
    "progress_after",
    "recorded_width",
    "thinned",
]
