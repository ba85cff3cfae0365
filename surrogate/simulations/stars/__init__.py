"""Profiles of stars, from which simulations start."""
