import gc
from collections.abc import Iterator

import pytest

from clienteling import memory


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    """As it was before."""
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


def test_settle_leaves_what_is_loaded_alone_and_still_collects_what_comes() -> None:
    memory.settle()

    assert gc.get_freeze_count() > 1_000
    assert gc.isenabled()
    assert gc.get_threshold()[0] == memory.YOUNG_AT_MOST
