"""A report on many objects, to be read and printed: one HTML file."""
