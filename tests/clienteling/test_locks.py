"""One process at a time, by a lock of the database's."""

import pytest
from django.db import connection

from clienteling.locks import DatabaseLock, alone_in

HOLD, DROP = "SELECT pg_advisory_lock(%s)", "SELECT pg_advisory_unlock(%s)"
pytestmark = pytest.mark.django_db


def is_free(lock: DatabaseLock) -> bool:
    """Whether another process could have it now."""
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [lock])
        [is_ours] = cursor.fetchone()
        cursor.execute("SELECT pg_advisory_unlock_all()")
    other.close()
    return bool(is_ours)


def test_alone_in_keeps_others_out_until_the_end():
    with alone_in(DatabaseLock.LOOKS) as is_ours:
        assert is_ours
        assert not is_free(DatabaseLock.LOOKS)
        assert is_free(DatabaseLock.MAILBOX)

    assert is_free(DatabaseLock.LOOKS)


def test_alone_in_lets_go_after_an_error():
    with pytest.raises(ZeroDivisionError), alone_in(DatabaseLock.LOOKS):
        1 / 0  # noqa: B018

    assert is_free(DatabaseLock.LOOKS)


def test_alone_in_says_when_somebody_else_has_it_and_leaves_it_theirs():
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute(HOLD, [DatabaseLock.LOOKS])
        with alone_in(DatabaseLock.LOOKS) as is_ours:
            assert not is_ours

        assert not is_free(DatabaseLock.LOOKS)
        cursor.execute(DROP, [DatabaseLock.LOOKS])
    other.close()


def test_no_two_locks_have_one_number():
    assert len(DatabaseLock) == len(DatabaseLock.__members__) == 7
