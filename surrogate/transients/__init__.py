"""Flares of stellar collisions near massive black holes, in the light curves of surveys."""
