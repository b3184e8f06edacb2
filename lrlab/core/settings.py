"""Settings: the numbers one turns, one value per run, so that many runs train in a single pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lrlab.core.arrays import Array
from lrlab.core.rules import check, check_one

RULE = ("alpha", "factor", "patience", "min_delta", "cooldown", "min_lr")  # the fields of Settings, by name


@dataclass(frozen=True, eq=False)
class Settings:
    """A learning rate and the arguments of ``ReduceLROnPlateau``, for any number of runs.

    Each field is a number or an array of shape (runs,); they are broadcast against each other and kept as (runs,).
    A constant run is one with ``factor=1``: there is no other kind of run.

    alpha: the learning rate at the start, greater than 0
    factor: what a cut multiplies the rate by, greater than 0 and at most 1
    patience: epochs without improvement before a cut (0 acts as 1, as in Keras)
    min_delta: by how much the loss must improve to count, an absolute number
    cooldown: epochs after a cut in which nothing is counted (1 acts as 0, as in Keras)
    min_lr: the rate is not cut below this

    Raises TypeError or ValueError where a value breaks its rule.
    """

    alpha: Any
    factor: Any
    patience: Any
    min_delta: Any = 1e-4
    cooldown: Any = 0
    min_lr: Any = 0.0

    def __post_init__(self) -> None:
        values = [np.atleast_1d(check(name, getattr(self, name))) for name in RULE]
        try:
            broadcast = np.broadcast_arrays(*values)
        except ValueError:
            shapes = ", ".join(f"{name} {value.shape}" for name, value in zip(RULE, values, strict=True))
            raise ValueError(f"Settings must be numbers or arrays of one length, got {shapes}.") from None
        if broadcast[0].ndim > 1:
            raise ValueError(f"Settings must be numbers or arrays of shape (runs,), got {broadcast[0].shape}.")
        for name, value in zip(RULE, broadcast, strict=True):
            object.__setattr__(self, name, np.array(value))

    def __len__(self) -> int:
        """Number of runs."""
        return len(self.alpha)

    def __getitem__(self, runs: int | slice | list[int] | Array) -> Settings:
        """The settings of some of the runs: ``settings[1]``, ``settings[:10]``."""
        return Settings(*(np.atleast_1d(getattr(self, name)[runs]) for name in RULE))

    @classmethod
    def pair(cls, alpha: float, factor: float, patience: int, **rest: Any) -> Settings:
        """Two runs from one alpha: run 0 keeps its rate (factor 1), run 1 has it cut on plateaus.

        >>> Settings.pair(0.1, factor=0.5, patience=5).factor
        array([1. , 0.5])
        """
        return cls(alpha, np.array([1.0, check_one("factor", factor)]), patience, **rest)

    @classmethod
    def grid(cls, alpha: float, factors: Any, patiences: Any, **rest: Any) -> Settings:
        """One run for each of F factors with each of P patiences: run f * P + p has factors[f] and patiences[p].

        >>> grid = Settings.grid(0.1, factors=[0.2, 0.5], patiences=[3, 5, 10])
        >>> grid.factor, grid.patience
        (array([0.2, 0.2, 0.2, 0.5, 0.5, 0.5]), array([ 3,  5, 10,  3,  5, 10]))
        """
        factors, patiences = np.meshgrid(check("factor", factors), check("patience", patiences), indexing="ij")
        return cls(alpha, factors.ravel(), patiences.ravel(), **rest)
