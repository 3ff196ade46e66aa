"""The app: what Streamlit's server runs at every visit, and, imported by it once, what else it answers."""

import streamlit as st

if __name__ == "__main__":
    from ui.shared.frame import ICON, pages, remember_frame, show_name

    st.set_page_config(page_title="Mixwright", page_icon=ICON, layout="wide")
    show_name()
    page = st.navigation(pages(), position="top")
    remember_frame(page)
    page.run()
else:
    from streamlit.runtime.pages_manager import PagesManager

    from ui.shared.server import lifespan
    from ui.web.delivery import code_route

    # What st.navigation says at every visit, said before the first one: no folder makes pages, the frame does.
    PagesManager.uses_pages_directory = False
    app = st.App(__file__, routes=[code_route(st.get_option("server.baseUrlPath"))], lifespan=lifespan)
