"""StarSmasher: its files, its settings and its runs."""
