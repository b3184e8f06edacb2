"""The picture of KerasSweepLab: a map whose cells appear as they are trained; beside it the curves of one of them."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from lrlab.core.arrays import Array
from lrlab.core.run import Run
from lrlab.studies.sweep import EPOCHS, GAIN, LOSS, Sweep
from lrlab.views.curves import LossView, RateView, Scale
from lrlab.views.layout import runs_in_legend
from lrlab.views.style import styles_with
from lrlab.views.sweep import Side, SweepView, meter_of, places_in_legend

TITLES = {EPOCHS: "epochs to target", LOSS: "final validation loss", GAIN: "final loss: times lower than constant's"}
STEPS = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)
GAINS = (1.25, 2.0, 5.0, 20.0, 100.0)


class KerasSweepPanels:
    """map: a `SweepView`. loss, rate: of the pair of the chosen cell. axes: "map", "bar", "losses", "rates"

    factors, patiences: of the map, rising. limits: see `limits_of`. target: the validation loss that counts as arrived
    own: the name of a third run, where there is one
    """

    def __init__(
        self,
        figure: Figure,
        *,
        metric: str,
        factors: tuple[float, ...],
        patiences: tuple[int, ...],
        alpha: float,
        epochs: int,
        limits: tuple[float, float],
        scale: Scale,
        target: float | None,
        own: str = "",
    ) -> None:
        self.axes = {name: figure.add_axes((0, 0, 1, 1), label=name) for name in ("map", "bar", "losses", "rates")}
        across, up = Side("patience", np.array(patiences)), Side("factor", np.array(factors))
        meter = meter_of(metric, epochs, limits, limits[1])
        self.map = SweepView(self.axes["map"], self.axes["bar"], across, up, meter)
        self.axes["map"].set_title(TITLES[metric], loc="left")
        styles = styles_with(own)
        self.loss = LossView(self.axes["losses"], scale, epochs, target, styles)
        self.rate = RateView(self.axes["rates"], (alpha / 20, alpha), epochs, None, styles)
        self.axes["losses"].tick_params(labelbottom=False)
        figure.legend(handles=[*runs_in_legend(styles), *places_in_legend(metric, unknown=True)])

    def draw(self, sweep: Sweep, cell: tuple[int, int], run: Run) -> None:
        """Show the map, and the pair of the chosen cell, (row, column), maybe with a third run beside it."""
        self.map.draw(sweep)
        self.map.mark(sweep.columns[cell[1]], sweep.rows[cell[0]])
        self.map.tell(sweep.constant[cell[0]], sweep.values[cell])
        self.loss.draw(run)
        self.rate.draw(run)


def limits_of(sweep: Sweep, start: float) -> tuple[float, float]:
    """What the colours reach from and to: in steps, since a picture should not change with every cell.

    start: the validation loss before the first epoch; losses above it are all as bad
    """
    values = np.append(sweep.values, sweep.constant)
    values = values[np.isfinite(values) & (values > 0)]
    if sweep.metric == GAIN:
        most = float(np.exp(np.abs(np.log(values)).max(initial=0.0)))
        reach = next((gain for gain in GAINS if most <= gain), GAINS[-1])
        return 1 / reach, reach
    if sweep.metric == EPOCHS or not len(values):
        return 0.1, 1.0
    high = min(values.max(), start) if 0 < start < np.inf else values.max()
    high = _step(high, down=False)
    return _step(min(values.min(), high / 3), down=True), high  # a bar that spans less has too many ticks


def _step(value: float, down: bool) -> float:
    """The next number of those that people count in, below or above; by a hair off, it is the number itself."""
    power = 10.0 ** np.floor(np.log10(value))
    steps: Array = np.array([*STEPS, 10.0]) * power
    chosen = steps[steps <= value * 1.0001].max() if down else steps[steps > value * 0.9999].min()
    return float(f"{chosen:.2g}")
