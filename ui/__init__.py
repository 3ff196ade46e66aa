"""Everything that knows Streamlit, beside the pages; the charts in it do not."""
