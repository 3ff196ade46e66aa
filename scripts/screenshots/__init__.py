"""The pictures of the guide: what they show is searched, served and photographed here."""
