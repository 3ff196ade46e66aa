"""Charts, each in two steps: ``NAME_info(...)`` gives numbers, ``NAME_figure(info)`` the Plotly figure of them.

``NAME_alt(info)`` says the same in a sentence. Pass ``style.CHART_CONFIG`` on to whatever shows a figure.
"""
