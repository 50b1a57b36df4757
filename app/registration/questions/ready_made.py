"""Questions that many organizations ask, ready to be taken into the library. One entry adds one."""

from __future__ import annotations

from dataclasses import dataclass

Texts = dict[str, str]

SENSITIVE_DAYS = 30


@dataclass(frozen=True)
class ReadyMade:
    """A question in every language. `only_if`: the ready-made question it belongs to, and for which answers."""

    key: str
    kind: str
    label: Texts
    help: Texts
    options: tuple[tuple[str, Texts], ...] = ()
    keep_days: int | None = None
    only_if: tuple[str, tuple[str, ...]] | None = None


_ALL = (
    ReadyMade(
        "affiliation",
        "affiliation",
        {"en": "Organization or school", "ru": "Организация или школа"},
        {"en": "If you represent one.", "ru": "Если вы кого-то представляете."},
    ),
    ReadyMade(
        "age_band",
        "one_choice",
        {"en": "Your age", "ru": "Ваш возраст"},
        {"en": "For our reports, without names.", "ru": "Для наших отчётов, без имён."},
        (
            ("under_18", {"en": "Under 18", "ru": "До 18 лет"}),
            ("18_24", {"en": "18–24", "ru": "18–24"}),
            ("25_34", {"en": "25–34", "ru": "25–34"}),
            ("35_54", {"en": "35–54", "ru": "35–54"}),
            ("55_64", {"en": "55–64", "ru": "55–64"}),
            ("65_over", {"en": "65 and over", "ru": "65 и старше"}),
            ("not_said", {"en": "I would rather not say", "ru": "Предпочитаю не говорить"}),
        ),
    ),
    ReadyMade(
        "access_needs",
        "several_choices",
        {"en": "What do you need to take part?", "ru": "Что вам нужно, чтобы участвовать?"},
        {"en": "Only the organizer sees this.", "ru": "Это видит только организатор."},
        (
            ("step_free", {"en": "Step-free access", "ru": "Вход без ступеней"}),
            ("hearing", {"en": "Hearing loop or speech as text", "ru": "Индукционная петля или речь текстом"}),
            ("sign_language", {"en": "Sign language", "ru": "Жестовый язык"}),
            ("large_print", {"en": "Large print", "ru": "Крупный шрифт"}),
            ("near_exit", {"en": "A seat near the exit", "ru": "Место у выхода"}),
            ("companion", {"en": "I come with a companion", "ru": "Я приду с сопровождающим"}),
            ("other", {"en": "Something else", "ru": "Другое"}),
        ),
        SENSITIVE_DAYS,
    ),
    ReadyMade(
        "access_other",
        "long_text",
        {"en": "What else do you need?", "ru": "Что ещё вам нужно?"},
        {},
        (),
        SENSITIVE_DAYS,
        ("access_needs", ("other",)),
    ),
)

READY_MADE: dict[str, ReadyMade] = {one.key: one for one in _ALL}


def belonging_to(key: str) -> list[ReadyMade]:
    """The ready-made questions that come along with this one."""
    return [one for one in _ALL if one.only_if is not None and one.only_if[0] == key]
