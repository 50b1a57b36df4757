"""Random lives, held against a model: how long they are and how hard hypothesis tries."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test


def live(kind: type[RuleBasedStateMachine], *, examples: int, steps: int) -> None:
    """Let so many of this kind live for so many steps. A step may take its time: it is a whole deed."""
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        kind,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=checks, database=None
        ),
    )
