"""Trainings that are interrupted, and patterns that cannot be learnt."""

import numpy as np
import pytest

from surrogate.enrichment.classifiers.train_models import train_models

QUICK = {"seeds": (0,), "epochs": 20, "one_class_epochs": 20}


def stopper(after):
    """A report that interrupts the training."""

    def report(text, done, total):
        if done == after:
            raise KeyboardInterrupt

    return report


@pytest.mark.slow
def test_an_interrupted_training_goes_on(patterns, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        train_models(patterns, **QUICK, keep=tmp_path / "part", report=stopper(5))
    files = sorted((tmp_path / "part").glob("*.npz"))
    assert len(files) == 5
    times = {file: file.stat().st_mtime_ns for file in files}
    seen = []
    resumed = train_models(
        patterns, **QUICK, keep=tmp_path / "part", report=lambda *state: seen.append(state)
    )
    assert {file: file.stat().st_mtime_ns for file in files} == times
    assert seen[0][1:] == (0, 13)
    assert seen[-1][1:] == (13, 13)
    whole = train_models(patterns, **QUICK)
    for key, net in whole.binary.items():
        again = resumed.binary[key]
        for state, threshold in net.threshold.items():
            np.testing.assert_allclose(again.threshold[state], threshold, rtol=1e-5)
    assert resumed.card == whole.card
    with pytest.raises(ValueError, match="another training"):
        train_models(patterns.take(range(70)), **QUICK, keep=tmp_path / "part")


def test_a_process_is_missing(patterns):
    with pytest.raises(ValueError, match="none of process s"):
        train_models(patterns.of("r"), **QUICK)
