"""What the paper found (Gonzalez Prieto et al. 2026), on its own test rows."""

from __future__ import annotations

TABLE_2 = {
    "k-NN": ("96.0", "91.7"),
    "SVC": ("98.3", "97.7"),
    "network": ("98.5 ± 0.4 (best: 98.6)", "97.9 ± 0.2 (best: 98.4)"),
}
"""Accuracy and balanced accuracy [%]."""

TABLE_4 = {
    "k-NN": ("0.021", "1e-05", "0.0037", "0.011"),
    "SVR": ("0.028", "0.021", "0.0045", "0.015"),
    "network": (
        "4.67e-3 ± 0.23e-3 (best: 4.41e-3)",
        "4.7e-7 ± 3.8e-7 (best: 3.7e-7)",
        "1.09e-3 ± 0.05e-3 (best: 1.05e-3)",
        "1.76e-3 ± 0.15e-3 (best: 1.51e-3)",
    ),
}
"""Median absolute errors of both final masses [Msun], then relative ones."""

TABLE_6 = {
    "mixture of experts": (
        "98.5 ± 0.1 (best: 98.6)",
        "98.2 ± 0.2 (best: 98.5)",
        "12.5e-3 ± 1.5e-3 (best: 10.4e-3)",
        "1e-5 ± 1e-5 (best: 0.4e-5)",
        "3.1e-3 ± 0.3e-3 (best: 2.7e-3)",
        "8.4e-3 ± 1.7e-3 (best: 7.5e-3)",
    ),
    "separate networks": (*TABLE_2["network"], *TABLE_4["network"]),
}
"""Accuracies [%], median absolute errors [Msun], median relative errors."""

TABLE_7 = {
    "testing": ("98.2", "98.2", "0.0043", "0", "0.0011", "0.0014"),
    "interpolation": ("100", "100", "0.091", "0", "0.0022", "0.0036"),
    "TAMS": ("94.9", "89.4", "0.0086", "0", "0.0041", "0.0044"),
    "extrapolation": ("84.4", "78.6", "1.53", "0", "0.015", "0.033"),
}
"""As Table 6, of the whole pipeline with one pair of networks."""

TABLE_8 = {"kernel": "rbf", "C": 1.0, "gamma": 10.0, "epsilon": 1e-5}
"""Optimal support vector regression, for each of the three fractions."""
