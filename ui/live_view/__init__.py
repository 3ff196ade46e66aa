"""The component that draws lineages, live and as a replay: nouns, message, component."""

from ui.live_view.component import live_view
from ui.live_view.message import Limits, Sent, encode, progress_after
from ui.live_view.rows import BRIEFLY, SHAPE_WIDTH, Rows, thinned
from ui.live_view.scene import Progress, Scene, SceneDensity, SceneFeature, SceneLine, event_width, recorded_width

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
    "encode",
    "event_width",
    "live_view",
    "progress_after",
    "recorded_width",
    "thinned",
]
