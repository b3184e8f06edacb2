"""Are results the same in every Python? Trains all problems in each one that this machine has, and compares digests.

    make pythons

No digest is stored: the Pythons are compared with each other, with the versions of constraints.txt in all of them.
Given a file for an argument, it writes its own results there; that is how it asks the others.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NEEDED = ("numpy", "scipy", "scikit-learn", "threadpoolctl")  # by what is numbers only
VERSIONS = ("3.11", "3.12", "3.13")


def results() -> dict[str, str]:
    """By the name of a problem: a digest of what three runs on it come to, to the last bit."""
    import numpy as np

    from lrlab.core.descent import train
    from lrlab.core.schedules import SCHEDULES
    from lrlab.core.settings import Settings
    from lrlab.problems import CATALOGUE
    from lrlab.studies.basins import basins, grid_of_starts

    found = {}
    for name, make in CATALOGUE.items():
        problem = make()
        low, high = problem.alpha_range
        settings = Settings(np.sqrt(low * high) * np.array([0.5, 1, 2]), np.array([1, 0.5, 0.2]), np.array([1, 2, 5]))
        noise = {"noise": 0.3} if problem.samples is None else {"batch_size": 32}
        run = train(problem, settings, epochs=60, seed=3, momentum=0.5, **noise)
        third = train(problem, settings, epochs=30, rule=SCHEDULES["cosine"](low, 30)) if name == "ravine" else run
        found[name] = digest(run.w, run.watched, run.lr, run.improved, third.lr)
        if problem.dim == 2 and len(problem.minima) > 1:
            starts = grid_of_starts(problem, 15)
            many = train(problem, Settings(np.full(len(starts), low), 0.5, 5), epochs=60, start=starts)
            found[f"basins of {name}"] = digest(basins(problem, many).ends)
    return found


def digest(*arrays) -> str:
    whole = hashlib.sha256()
    for array in arrays:
        whole.update(f"{array.dtype} {array.shape}".encode() + array.tobytes())
    return whole.hexdigest()[:16]


def interpreter(version: str) -> str | None:
    """A Python of that version that starts; pyenv has one for each name, and not all of them do."""
    places = [shutil.which(f"python{version}"), *map(str, Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))]
    for place in filter(None, places):
        if subprocess.run([place, "-c", "import ensurepip"], capture_output=True).returncode == 0:
            return place
    return None


def asked(python: str, folder: Path) -> dict[str, str]:
    """What another Python's results are."""
    subprocess.run([python, "-m", "venv", folder], check=True)
    there = folder / "bin" / "python"
    pip = [there, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-c", ROOT / "constraints.txt", *NEEDED]
    subprocess.run(pip, check=True)
    subprocess.run([there, __file__, folder / "results.json"], check=True, cwd=ROOT)
    return json.loads((folder / "results.json").read_text())


def main() -> int:
    if len(sys.argv) > 1:
        sys.path.insert(0, str(ROOT))
        Path(sys.argv[1]).write_text(json.dumps(results()))
        return 0
    found = {}
    for version in VERSIONS:
        python = interpreter(version)
        if python is None:
            print(f"Python {version}: not on this machine")
            continue
        with tempfile.TemporaryDirectory(prefix="lrlab-python-") as folder:
            found[version] = asked(python, Path(folder))
        whole = hashlib.sha256(json.dumps(found[version], sort_keys=True).encode()).hexdigest()[:16]
        print(f"Python {version}: {len(found[version])} results, digest {whole}", flush=True)
    if len(found) < 2:
        print("Fewer than two Pythons here, so nothing was compared.")
        return 1
    first, *others = found.values()
    differ = sorted({name for other in others for name in first if first[name] != other[name]})
    print(f"They differ in: {', '.join(differ)}." if differ else "All are the same, to the last bit.")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
