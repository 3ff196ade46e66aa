"""The frame of the app: page settings, navigation, and the page that was asked for."""

import streamlit as st

from ui.shared.frame import ICON, pages, remember_frame

st.set_page_config(page_title="Mixwright", page_icon=ICON, layout="wide")
page = st.navigation(pages(), position="top")
remember_frame(page)
page.run()
