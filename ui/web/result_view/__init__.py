"""The component that shows a result, linked throughout: table, parallel coordinates, map and curves."""

from ui.web.result_view.component import result_view
from ui.web.result_view.message import RunBackground, result_message, table_message

__all__ = ["RunBackground", "result_message", "result_view", "table_message"]
