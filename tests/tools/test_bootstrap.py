"""Installing: what a stranger reads when something is missing, and that nothing is done twice."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tools import bootstrap
from tools.steps import StepFailed, run_quietly

ROOT = Path(__file__).resolve().parents[2]


def test_without_venv_it_says_the_one_line_that_installs_it(tmp_path):
    shutil.copytree(ROOT / "tools", tmp_path / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    # As on Debian, where ensurepip is in a package of its own.
    (tmp_path / "ensurepip.py").write_text("raise ModuleNotFoundError('ensurepip')")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "tools.bootstrap", "run"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert done.returncode == 1
    assert f"apt install python{version}-venv\n" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_an_old_python_is_told_so(monkeypatch):
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 9, 2))
    with pytest.raises(StepFailed, match=r"needs Python 3\.11 or newer; this is 3\.9"):
        bootstrap.make_environment()


def test_a_step_is_done_once_until_its_files_change(tmp_path, monkeypatch):
    monkeypatch.setattr(bootstrap, "STAMPS", tmp_path / "stamps")
    wish, deeds = tmp_path / "requirements.txt", []

    def step(**options: bool) -> int:
        bootstrap.once("run", [wish], lambda: deeds.append(wish.read_text()), **options)
        return len(deeds)

    wish.write_text("flask==1")
    assert [step(), step()] == [1, 1]
    wish.write_text("flask==2")
    assert [step(), step()] == [2, 2]
    assert step(anyway=True) == 3


def test_a_failed_step_is_tried_again(tmp_path, monkeypatch):
    monkeypatch.setattr(bootstrap, "STAMPS", tmp_path / "stamps")
    wish = tmp_path / "requirements.txt"
    wish.write_text("flask==1")

    def fail() -> None:
        raise StepFailed("no network")

    with pytest.raises(StepFailed):
        bootstrap.once("run", [wish], fail)
    deeds = []
    bootstrap.once("run", [wish], lambda: deeds.append("done"))
    assert deeds == ["done"]


def test_a_failed_command_shows_the_end_of_what_it_said():
    code = "print('a hint at the cause'); raise SystemExit(4)"
    with pytest.raises(StepFailed, match=r"(?s)Trying failed.*a hint at the cause.*ended with 4"):
        run_quietly("Trying", [sys.executable, "-c", code])


def test_a_newer_release_of_a_package_does_not_stop_the_installation(tmp_path, monkeypatch):
    # Debian 12's pip takes the newest release of what another package wants with an extra, and finds no digest for it.
    shelf = tmp_path / "shelf"
    pinned = [_wheel(shelf, "lecternlamp", "1.0", "lecternoil[scented]"), _wheel(shelf, "lecternoil", "1.0")]
    _wheel(shelf, "lecternoil", "1.1")
    wish = tmp_path / "requirements.txt"
    wish.write_text("".join(f"{name}==1.0 --hash=sha256:{digest}\n" for name, digest in pinned))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    venv.create(tmp_path / ".venv", with_pip=True)
    for name in ("ROOT", "ENVIRONMENT", "PYTHON", "STAMPS"):
        monkeypatch.setattr(bootstrap, name, tmp_path / getattr(bootstrap, name).relative_to(ROOT))
    bootstrap.install_requirements(testing=False)
    installed = {folder.name for folder in (tmp_path / ".venv").glob("lib/python*/site-packages/lectern*-info")}
    assert installed == {"lecternlamp-1.0.dist-info", "lecternoil-1.0.dist-info"}


def test_the_locked_lists_are_complete():
    # They are installed as they stand, without looking for what a package asks for.
    done = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    assert done.stdout == "No broken requirements found.\n", done.stdout + done.stderr


def _wheel(shelf: Path, name: str, version: str, *wanted: str) -> tuple[str, str]:
    """Put a package without content on the shelf; its name and digest."""
    shelf.mkdir(exist_ok=True)
    path = shelf / f"{name}-{version}-py3-none-any.whl"
    about = f"{name}-{version}.dist-info"
    wishes = "".join(f"Requires-Dist: {one}\n" for one in wanted)
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{wishes}")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: a test\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")
    return name, hashlib.sha256(path.read_bytes()).hexdigest()


def test_progress_counts_the_packages(tmp_path):
    wish = tmp_path / "requirements.txt"
    wish.write_text("flask==1 \\\n    --hash=sha256:00\ncolorama==2 ; sys_platform == 'win32' \\\njinja2==3 \\\n")
    progress = bootstrap.PipProgress([wish])
    assert progress("Ignoring colorama: markers don't match your environment\n") is None
    assert progress("Collecting flask==1\n") == "1 of 2: flask"
    assert progress("  Downloading flask.whl (1 MB)\n") is None
    assert progress("Requirement already satisfied: jinja2==3 in ./lib\n") == "2 of 2: jinja2"
