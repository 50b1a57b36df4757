"""Clean values that a form or a file hands to the deeds about questions."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class OptionValues:
    """One option; a new one has no code yet."""

    code: str | None
    label: dict[str, str]
    is_archived: bool = False


@dataclass(frozen=True)
class QuestionValues:
    """Everything that an organizer says about a question. An empty `key` is made of the label."""

    kind: str
    label: dict[str, str]
    key: str = ""
    help: dict[str, str] = field(default_factory=dict)
    options: tuple[OptionValues, ...] = ()
    lowest: int | None = None
    highest: int | None = None
    keep_days: int | None = None
