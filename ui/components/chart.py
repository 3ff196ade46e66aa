"""A figure on a page, the same way everywhere."""

from typing import Any, Literal

import streamlit as st

from ui import charts


def show_chart(key: str, figure: Any, alt: str, height: int | Literal["content"] = "content") -> None:
    """Draw a Plotly figure under a key of the page, with the sentence that says the same as the picture."""
    st.plotly_chart(figure, key=key, height=height, config=charts.CHART_CONFIG, alt=alt)
