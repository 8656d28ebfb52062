"""What one call costs: our processor time, the time its SQL took, and the number of its queries."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from django.db import connection

from clienteling import memory

WARM_UPS, ROUNDS = 2, 9


@dataclass(frozen=True)
class Cost:
    """Medians over the rounds. `sql_ms` is wall clock, its work being another process's."""

    cpu_ms: float
    sql_ms: float
    queries: int


@dataclass
class QueryCount:
    """An execute wrapper that counts queries and adds up their time."""

    queries: int = 0
    seconds: float = 0.0
    statements: list[str] = field(default_factory=list)

    def __call__(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(sql, *rest)
        finally:
            self.seconds += time.perf_counter() - started
            self.queries += 1
            self.statements.append(sql)


def cost_of(call: Callable[[], object], *, rounds: int = ROUNDS) -> Cost:
    """Call it until warm, then measure processor time and, in rounds of their own, its SQL."""
    for _ in range(WARM_UPS):
        call()
    memory.settle()  # as the web server does
    cpu = [_cpu_seconds(call) for _ in range(rounds)]
    counts = [counted(call) for _ in range(rounds)]
    return Cost(
        cpu_ms=1000 * median(cpu),
        sql_ms=1000 * median(count.seconds for count in counts),
        queries=counts[-1].queries,
    )


def counted(call: Callable[[], object]) -> QueryCount:
    """The queries of one call."""
    count = QueryCount()
    with connection.execute_wrapper(count):
        call()
    return count


def _cpu_seconds(call: Callable[[], object]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started
