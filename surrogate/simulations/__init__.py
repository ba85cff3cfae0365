"""Simulations of collisions: stars, runs, what is left of them, and which to run next."""
