"""The component that draws every feature as a row, with its bounds on the recorded rows: message, edits, component."""

from ui.web.feature_board.component import feature_board
from ui.web.feature_board.edits import Edits, read_edits
from ui.web.feature_board.message import board_message

__all__ = ["Edits", "board_message", "feature_board", "read_edits"]
