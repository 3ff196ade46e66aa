"""Runs side by side: how their settings differ, and what they found."""
