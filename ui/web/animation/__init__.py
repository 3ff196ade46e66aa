"""The live replay of a run as one HTML file that plays anywhere, without the app and without a network."""

from ui.web.animation.page import Replay, animation

__all__ = ["Replay", "animation"]
