"""The component that draws lineages, live and as a replay: nouns, message, component."""

from ui.live_view.component import live_view
from ui.live_view.message import Sent, encode, progress_after
from ui.live_view.scene import Progress, Scene, SceneDensity, SceneFeature, SceneLine, event_width, recorded_width

__all__ = [
    "Progress",
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
]
