"""The component that shows a result, linked throughout: table, parallel coordinates, map and curves."""

from ui.web.result_view.component import result_view
from ui.web.result_view.message import encode
from ui.web.result_view.picture import Picture, RunBackground, picture_of, table_picture

__all__ = ["Picture", "RunBackground", "encode", "picture_of", "result_view", "table_picture"]
