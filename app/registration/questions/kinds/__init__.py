"""The kinds of questions. One entry adds one: see docs/how-to/add-a-question-type.md."""

from app.registration.questions.kinds.affiliation import Affiliation
from app.registration.questions.kinds.day import Day
from app.registration.questions.kinds.kind import Kind
from app.registration.questions.kinds.long_text import LongText
from app.registration.questions.kinds.number import Number
from app.registration.questions.kinds.one_choice import OneChoice
from app.registration.questions.kinds.several_choices import SeveralChoices
from app.registration.questions.kinds.short_text import ShortText
from app.registration.questions.kinds.yes_no import YesNo

_ALL: tuple[type[Kind], ...] = (
    ShortText,
    LongText,
    OneChoice,
    SeveralChoices,
    YesNo,
    Number,
    Day,
    Affiliation,
)

KINDS: dict[str, Kind] = {kind.code: kind() for kind in _ALL}
