"""The methods of search beside niches: one short file each, all with the same face."""
