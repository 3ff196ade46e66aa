"""The live picture of a run as one HTML file that plays anywhere, without the app and without a network."""

from ui.web.animation.page import Picture, animation

__all__ = ["Picture", "animation"]
