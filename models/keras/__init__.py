"""Keras files read without trusting them, written without Keras, and run as they are where their origin is trusted."""
