"""Runs beside one another: how their settings differ, and what they found."""
