"""Likelihoods, samplers and their checks: what outcomes of collisions tell of their causes."""
