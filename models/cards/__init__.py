"""What is known about a model beside its weights: family, settings, card."""
