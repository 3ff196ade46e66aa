"""The live replay of a run as one HTML file that plays anywhere, without the app and without a network."""
