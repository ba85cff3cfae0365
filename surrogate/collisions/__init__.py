"""Stellar collisions: two main-sequence stars meet, and what is left."""
