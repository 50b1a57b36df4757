"""The checks of CI must themselves fail when they should."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import check_files, check_translations, messages
from tools.check_results import main as check_results
from tools.compile_translations import compile_translations

ROOT = Path(__file__).resolve().parents[2]

SUITE = """
import pytest

def test_plain(): pass

def test_negative_control_oversells(): {control}

def test_in_a_browser(): {browser}
"""


def run_suite(folder: Path, *, control: str = "pass", browser: str = "pass") -> Path:
    """Run a small suite with the real pytest; returns its JUnit file."""
    (folder / "test_small.py").write_text(SUITE.format(control=control, browser=browser))
    results = folder / "results.xml"
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            f"--junitxml={results}",
            "test_small.py",
        ],
        cwd=folder,
        env={**plain, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        check=False,
    )
    return results


def test_a_full_green_run_is_accepted(tmp_path, capsys):
    results = run_suite(tmp_path)
    assert check_results([str(results), "--must-pass", "negative_control"]) == 0
    assert capsys.readouterr().out == "3 passed, 0 failed, 0 skipped\n"


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"browser": "pytest.skip('no Chromium')"}, "Skipped, though everything it needs must be here"),
        ({"browser": "pytest.xfail('some day')"}, "Skipped, though everything it needs must be here"),
        ({"browser": "assert not 'green'"}, "Failed: test_small::test_in_a_browser"),
        ({"control": "assert not 'oversold'"}, "No test named negative_control ran and passed."),
        ({"control": "pytest.skip('slow')"}, "No test named negative_control ran and passed."),
    ],
)
def test_a_run_that_proves_too_little_is_refused(tmp_path, capsys, changed, complaint):
    results = run_suite(tmp_path, **changed)
    assert check_results([str(results), "--must-pass", "negative_control"]) == 1
    assert complaint in capsys.readouterr().out


def test_a_parameter_of_that_name_does_not_count(tmp_path, capsys):
    results = tmp_path / "results.xml"
    results.write_text('<testsuite><testcase classname="a" name="test_b[negative_control]"/></testsuite>')
    assert check_results([str(results), "--must-pass", "negative_control"]) == 1
    assert "No test named negative_control ran and passed." in capsys.readouterr().out


def test_a_run_that_never_ended_or_ran_nothing_is_refused(tmp_path, capsys):
    assert check_results([str(tmp_path / "missing.xml")]) == 1
    said = capsys.readouterr().out
    assert "missing.xml is missing" in said
    assert "No test ran." in said


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        # In two pieces, so that this very file passes the check.
        ("{" + '"{}": "https://somewhere.example/x.tgz"'.format("resolved") + "}", "a download address in a lock file"),
        ("--extra-index-url https://somewhere.example\n", "the choice of a package index"),
        (f"path = {ROOT}/app\n", "the path of this folder"),
        ("-----BEGIN EC " + "PRIVATE KEY-----\nMHc\n", "a private key"),
        ("<" * 7 + " HEAD\n", "an unresolved merge"),
    ],
)
def test_a_file_with_what_must_not_be_there_is_found(tmp_path, content, problem):
    file = tmp_path / "some.txt"
    file.write_text(content)
    assert list(check_files.problems_in(file)) == [problem]


def test_an_innocent_file_passes(tmp_path):
    file = tmp_path / "some.txt"
    file.write_text("See the package's page. Nothing resolved yet; no index-url here.\n")
    assert list(check_files.problems_in(file)) == []


@pytest.fixture
def project(tmp_path):
    """A small app with its texts, and a Russian file made from it."""
    (tmp_path / "app").mkdir()
    (tmp_path / "templates").mkdir()
    (tmp_path / "app" / "views.py").write_text(
        "_('Seats: %(count)s', count=3)\nngettext('One seat', '%(num)s seats', 2)\npgettext('door', 'Open')\n"
    )
    (tmp_path / "templates" / "page.html").write_text("<h1>{{ _('Events') }}</h1>")
    russian = tmp_path / "app" / "translations" / "ru" / "LC_MESSAGES" / "messages.po"
    russian.parent.mkdir(parents=True)
    russian.write_text("")
    messages.update(russian, messages.wanted_messages(tmp_path))
    return tmp_path


def fill(project: Path, **changed: str) -> list[str]:
    """Translate everything, some of it as `changed` says; returns the problems found."""
    texts = {
        "seats": "Мест: %(count)s",
        "one": "%(num)s место",
        "few": "%(num)s места",
        "many": "%(num)s мест",
        "door": "Открыта",
        "events": "События",
        "mark": "",
    } | changed
    more = project / "more.po"
    more.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
        f'{texts["mark"]}msgid "Seats: %(count)s"\nmsgstr "{texts["seats"]}"\n\n'
        'msgid "One seat"\nmsgid_plural "%(num)s seats"\n'
        f'msgstr[0] "{texts["one"]}"\nmsgstr[1] "{texts["few"]}"\nmsgstr[2] "{texts["many"]}"\n\n'
        f'msgctxt "door"\nmsgid "Open"\nmsgstr "{texts["door"]}"\n\n'
        f'msgid "Events"\nmsgstr "{texts["events"]}"\n'
    )
    wanted = messages.wanted_messages(project)
    [russian] = messages.po_files(project / "app" / "translations")
    messages.update(russian, wanted, [more])
    return sorted(check_translations.problems_in(russian, wanted))


def test_complete_translations_pass(project):
    assert fill(project) == []


def test_an_untranslated_text_is_found(project):
    assert fill(project, events="") == ["is not translated: (None, ('Events',))"]


def test_a_missing_plural_form_is_found(project):
    assert fill(project, many="") == ["is not translated: (None, ('One seat', '%(num)s seats'))"]


def test_a_fuzzy_text_is_not_taken_over(project):
    assert fill(project, mark="#, fuzzy\n") == ["is not translated: (None, ('Seats: %(count)s',))"]


def test_a_fuzzy_text_in_the_file_is_found(project):
    fill(project)
    [russian] = messages.po_files(project / "app" / "translations")
    russian.write_text(russian.read_text().replace('msgid "Events"', '#, fuzzy\nmsgid "Events"'))
    problems = list(check_translations.problems_in(russian, messages.wanted_messages(project)))
    assert problems == ["is marked fuzzy: (None, ('Events',))"]


def test_a_lost_placeholder_is_found(project):
    assert fill(project, seats="Мест: %(cuont)s")[0].startswith("has other placeholders in 'Мест: %(cuont)s'")


def test_texts_that_came_or_went_since_are_found(project):
    assert fill(project) == []
    (project / "templates" / "page.html").write_text("<h1>{{ _('All events') }}</h1>")
    [russian] = messages.po_files(project / "app" / "translations")
    assert sorted(check_translations.problems_in(russian, messages.wanted_messages(project))) == [
        "is no longer in the code (run make messages): (None, ('Events',))",
        "is not in the file (run make messages): (None, ('All events',))",
    ]


def test_the_same_code_gives_the_same_bytes(project):
    fill(project)
    [russian] = messages.po_files(project / "app" / "translations")
    before = russian.read_bytes()
    messages.update(russian, messages.wanted_messages(project))
    assert russian.read_bytes() == before
    assert b"Date" not in before


def test_compiling_is_done_once_and_again_after_a_change(project):
    fill(project)
    folder = project / "app" / "translations"
    [russian] = messages.po_files(folder)
    assert compile_translations(folder) == [russian.with_suffix(".mo")]
    assert compile_translations(folder) == []
    russian.with_suffix(".mo").unlink()
    assert compile_translations(folder) == [russian.with_suffix(".mo")]
