"""The component that draws lineages, live and as a replay: scene, rows, message, component."""
