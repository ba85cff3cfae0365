"""A built-in SPH code: collisions of stars, all pairs, on CPUs and GPUs."""
