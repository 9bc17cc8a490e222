"""Times in the control tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import make_url

from presync.control.models import UtcDateTime

NOON_IN_OSLO = datetime(2026, 11, 23, 12, tzinfo=timezone(timedelta(hours=1)))


@pytest.mark.parametrize("url", ["sqlite://", "postgresql+psycopg://"])
def test_a_time_comes_back_as_the_same_moment_in_utc(url: str) -> None:
    dialect = make_url(url).get_dialect()()
    kind = UtcDateTime()
    stored = kind.process_bind_param(NOON_IN_OSLO, dialect)
    back = kind.process_result_value(stored, dialect)
    assert back == NOON_IN_OSLO
    assert back is not None
    assert back.tzinfo is UTC


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        UtcDateTime().process_bind_param(
            NOON_IN_OSLO.replace(tzinfo=None), make_url("sqlite://").get_dialect()()
        )
