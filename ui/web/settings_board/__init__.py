"""The component that sets a run: its goal, every feature on its recorded rows, realism, and size."""
