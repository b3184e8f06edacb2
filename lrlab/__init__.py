"""lrlab: what the learning rate does, under your sliders.

Names are loaded when first used, so that ``import lrlab`` stays quick: it imports neither scikit-learn nor TensorFlow.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "BasinLab": "lrlab.labs.basin",
    "ChainLab": "lrlab.labs.chain",
    "DescentLab": "lrlab.labs.descent",
    "Fit": "lrlab.core.samples",
    "JobsLab": "lrlab.labs.jobs",
    "KerasChainLab": "lrlab.labs.keras_chain",
    "KerasJobsLab": "lrlab.labs.keras_jobs",
    "KerasLab": "lrlab.labs.keras",
    "KerasSweep": "lrlab.keras_live.sweep",
    "KerasSweepLab": "lrlab.labs.keras_sweep",
    "LiveFigure": "lrlab.live.figure",
    "Problem": "lrlab.core.problem",
    "RateFreeLab": "lrlab.labs.ratefree",
    "Run": "lrlab.core.run",
    "Samples": "lrlab.core.samples",
    "answer": "lrlab.course.answers",
    "exercise": "lrlab.course.answers",
    "from_scene": "lrlab.labs.from_scene",
    "progress": "lrlab.course.answers",
    "replay": "lrlab.labs.replay",
    "self_check": "lrlab.course.self_check",
    "Settings": "lrlab.core.settings",
    "solution": "lrlab.course.answers",
    "SweepLab": "lrlab.labs.sweep",
    "train": "lrlab.core.descent",
}
_MODULES = {
    "chain": "lrlab.studies.chain",
    "moments": "lrlab.moments",
    "plateau": "lrlab.core.plateau",
    "problems": "lrlab.problems",
    "regimes": "lrlab.studies.regimes",
    "schedules": "lrlab.core.schedules",
}

__all__ = sorted([*_HOME, *_MODULES, "__version__"])


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        value = import_module(_MODULES[name])
    elif name in _HOME:
        value = getattr(import_module(_HOME[name]), name)
    else:
        raise AttributeError(f"module 'lrlab' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
