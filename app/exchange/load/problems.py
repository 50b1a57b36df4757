"""What is wrong with a data file: every place, with a sentence each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.errors import Refused


@dataclass(frozen=True)
class Problem:
    """One thing to mend. `place` leads to it in the file: `events[3].sessions[0].starts`."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


class LoadRefused(Refused):
    """Nothing was loaded, because of `problems`."""

    code = "load_refused"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
