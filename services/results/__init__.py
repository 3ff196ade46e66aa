"""From a search to its result document: chosen rows, baselines, names, robustness, valleys between results."""
