"""Installs what Lectern needs into this folder: `python3 -m tools.bootstrap run` or `… test`.

It needs the standard library only. Each step leaves a stamp that holds the digest of what it was made from,
so a second start does nothing.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tools import node
from tools.steps import StepFailed, run_quietly

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
STAMPS = ENVIRONMENT / "lectern-stamps"
OLDEST_PYTHON = (3, 11)
DEBIAN_PACKAGES = ("chromium", "fonts-noto-core", "gir1.2-ical-3.0", "python3-gi")


def main(arguments: list[str]) -> int:
    """Install for `run` or for `test`."""
    if len(arguments) != 1 or arguments[0] not in ("run", "test"):
        print(__doc__, file=sys.stderr)
        return 2
    testing = arguments[0] == "test"
    try:
        make_environment()
        install_requirements(testing=testing)
        install_reader(testing=testing)
        if testing:
            install_debian_packages()
        compile_translations()
    except StepFailed as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The next start goes on from here.", file=sys.stderr)
        return 130
    return 0


def make_environment() -> None:
    """Make .venv, unless a sound one is there."""
    if sys.version_info < OLDEST_PYTHON:
        raise StepFailed(
            f"Lectern needs Python {OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]} or newer; this is "
            f"{sys.version_info[0]}.{sys.version_info[1]}. Name a newer one: make run PYTHON=python3.12"
        )
    if _works(PYTHON, "import pip"):
        return
    if not _works(Path(sys.executable), "import ensurepip, venv"):
        raise StepFailed(f"This Python has no venv. Install it, then try again:\n\n    {_apt_install(_venv_package())}")
    run_quietly("Making .venv", [sys.executable, "-m", "venv", "--clear", ENVIRONMENT])


def install_requirements(*, testing: bool) -> None:
    """Install exactly the packages that the locked lists name, checking their digests.

    The lists are complete, so pip has nothing to resolve, and mustn't: where one package asks for another with an
    extra, older pips (Debian 12's among them) take that one's newest release for it and stop at its missing digest.
    """
    names = ["requirements.txt"] + (["requirements-dev.txt"] if testing else [])
    files = [ROOT / name for name in names]
    lists = [part for file in files for part in ("-r", file)]
    options = ("--disable-pip-version-check", "--no-deps", "--require-hashes")
    command: list[str | Path] = [PYTHON, "-m", "pip", "install", *options, *lists]
    title = "Installing Python packages" + (" for the tests" if testing else "")
    once(
        "test" if testing else "run",
        files,
        lambda: run_quietly(title, command, progress=PipProgress(files)),
    )


def install_reader(*, testing: bool) -> None:
    """Fetch zxing-wasm, which reads codes at the door (and, for the tests, ical.js)."""

    def install() -> None:
        node.install_packages(PYTHON, development=testing)
        node.copy_reader()

    missing = any(not (node.READER / target).exists() for target in node.READER_FILES.values())
    # The tests' set holds the other one, so what the tests installed is left alone by a run.
    name = "node-test" if testing or (STAMPS / "node-test").exists() else "node-run"
    once(name, [ROOT / "package-lock.json"], install, anyway=missing)


def install_debian_packages() -> None:
    """Install what the browser and calendar tests need, if this is Debian and we may; else say so."""
    missing = [package for package in DEBIAN_PACKAGES if not _is_installed(package)]
    if not missing:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print(f"Tests that need {', '.join(missing)} will be skipped. To run them: {_apt_install(*missing)}")
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    try:
        run_quietly("Reading Debian's package lists", ["apt-get", "update"], environment=environment)
        run_quietly(f"Installing {', '.join(missing)}", install, environment=environment, progress=_apt_progress)
    except StepFailed as failure:
        print(f"{failure}\nTests that need {', '.join(missing)} will be skipped.")


def compile_translations() -> None:
    """Compile the translations, with Babel, which the environment has by now."""
    done = subprocess.run([PYTHON, "-m", "tools.compile_translations"], cwd=ROOT, check=False)
    if done.returncode != 0:
        raise StepFailed("The translations could not be compiled.")


class PipProgress:
    """Turns pip's output into "12 of 57: name"."""

    def __init__(self, files: list[Path]) -> None:
        self._total = sum(len(re.findall(r"^[\w.-]+(?:\[.*\])?==", file.read_text(), re.MULTILINE)) for file in files)
        self._done = 0

    def __call__(self, line: str) -> str | None:
        if line.startswith("Ignoring "):
            self._total -= 1
        named = re.match(r"(?:Collecting|Requirement already satisfied:) ([\w.-]+)", line)
        if named:
            self._done += 1
            return f"{min(self._done, self._total)} of {self._total}: {named[1]}"
        return "unpacking" if line.startswith("Installing collected") else None


def _apt_progress(line: str) -> str | None:
    return line.strip()[:60] if line.startswith(("Get:", "Setting up")) else None


def once(name: str, files: list[Path], deed: Callable[[], None], *, anyway: bool = False) -> None:
    """Do `deed` unless it was done from these very files."""
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    stamp = STAMPS / name
    if not anyway and stamp.exists() and stamp.read_text() == digest:
        return
    deed()
    STAMPS.mkdir(exist_ok=True)
    stamp.write_text(digest)


def _works(python: Path, statement: str) -> bool:
    if not python.exists():
        return False
    return subprocess.run([python, "-c", statement], capture_output=True, check=False).returncode == 0


def _is_installed(package: str) -> bool:
    if not shutil.which("dpkg-query"):
        return False
    query = ["dpkg-query", "--show", "--showformat=${db:Status-Status}", package]
    return subprocess.run(query, capture_output=True, text=True, check=False).stdout == "installed"


def _venv_package() -> str:
    return f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"


def _apt_install(*packages: str) -> str:
    return ("" if os.geteuid() == 0 else "sudo ") + "apt install " + " ".join(packages)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
