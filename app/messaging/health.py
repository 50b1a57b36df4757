"""The worker's and the queue's part of the health page."""

from __future__ import annotations

from datetime import timedelta

from app.core.health import Check
from app.messaging import queries

QUEUE_MAY_LAG = timedelta(minutes=15)


def worker() -> Check:
    """Whether a worker has shown itself lately."""
    seen = queries.worker_seen_at()
    return Check("worker", queries.is_worker_alive(), {"seen_at": seen.isoformat() if seen else None})


def queue() -> Check:
    """How long the oldest due message waits, and how many failed."""
    age = queries.queue_age()
    counts = queries.message_counts()
    return Check(
        "queue",
        age < QUEUE_MAY_LAG,
        {"age_seconds": int(age.total_seconds()), "queued": counts["queued"], "failed": counts["failed"]},
    )
