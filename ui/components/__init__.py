"""Pieces of pages: domain object in, domain object out."""
