"""The component that draws lineages, live and as a replay: scene, rows, message, component."""

from ui.web.live_view.component import SteeringRequest, bring_live_view, live_view
from ui.web.live_view.message import Limits, Sent, encode, next_block
from ui.web.live_view.row_block import BRIEFLY, RowBlock, row_width, thinned
from ui.web.live_view.scene import RunStatus, Scene, SceneDensity, SceneFeature, SceneLine, recorded_width

__all__ = [
    "BRIEFLY",
    "Limits",
    "RowBlock",
    "RunStatus",
    "Scene",
    "SceneDensity",
    "SceneFeature",
    "SceneLine",
    "Sent",
    "SteeringRequest",
    "bring_live_view",
    "encode",
    "live_view",
    "next_block",
    "recorded_width",
    "row_width",
    "thinned",
]
