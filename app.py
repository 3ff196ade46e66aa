"""The app: what Streamlit's server runs at every visit, and, imported by it once, what else it answers."""

import streamlit as st

if __name__ == "__main__":
    from ui.shared.frame import ICON, pages, remember_frame

    st.set_page_config(page_title="Mixwright", page_icon=ICON, layout="wide")
    page = st.navigation(pages(), position="top")
    remember_frame(page)
    page.run()
else:
    from ui.web.delivery import code_route

    app = st.App(__file__, routes=[code_route(st.get_option("server.baseUrlPath"))])
