"""Forests, boosted trees and Gaussian processes."""
