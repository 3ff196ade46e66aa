"""The component that draws every feature as a row, with its bounds on the recorded rows: message, edits, component."""
