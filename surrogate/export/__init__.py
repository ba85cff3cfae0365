"""Trained models for other languages."""
