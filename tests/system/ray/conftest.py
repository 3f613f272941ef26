"""One cluster for all tests of the folder; each driver is a process of its own, as it is in life."""

from collections.abc import Iterator

import pytest

from tests.system.ray.cluster import Cluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A node with four logical CPUs."""
    pytest.importorskip("ray", reason="the extra ray is not installed: make ray")
    one = Cluster().head()
    yield one
    one.stop()
