"""The component that shows a result, linked throughout: table, parallel coordinates, map and curves."""
