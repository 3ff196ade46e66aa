"""The use cases: runs, training, tables in, files out. Knows neither Streamlit nor Plotly."""
