"""Classifiers that learn nucleosynthesis patterns and are then asked about stars."""
