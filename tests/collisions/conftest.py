"""Every registered model goes through the same battery."""

import pytest

import surrogate
from surrogate.collisions.models import MODELS


@pytest.fixture(scope="session", params=MODELS)
def model(request):
    return surrogate.load(request.param)
