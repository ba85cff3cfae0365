"""A reaction network for the r- and i-process: 7,000 nuclei, implicit steps, differentiable."""
