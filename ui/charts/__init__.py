"""Charts: ``NAME_figure(...)`` is the Plotly figure, ``NAME_alt(...)`` says the same in a sentence.

Where both need the same numbers, ``NAME_info(...)`` gives them. Pass ``style.CHART_CONFIG`` on to what shows a figure.
"""
