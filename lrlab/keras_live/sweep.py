"""A map of factor x patience on a real Keras model: many trainings, spread over processes or machines by joblib."""

from __future__ import annotations

import atexit
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from joblib import delayed

from lrlab.core.arrays import Array
from lrlab.core.plateau import follow
from lrlab.core.rules import check, check_one
from lrlab.core.run import Run
from lrlab.core.schedules import Rule
from lrlab.core.settings import Settings
from lrlab.keras_live.cells import Cell, Result, Task, forget, model_here, train_cell, train_here
from lrlab.keras_live.data import Data, check_data
from lrlab.keras_live.ready import find
from lrlab.keras_live.spread import backend_here, died, pickled, spread
from lrlab.keras_live.store import Store
from lrlab.problems.data import from_scikit_learn
from lrlab.studies.sweep import METRICS, Sweep, beside_constant, measure

TRIES = 3  # how often processes may die with no cell finished in between
NO_TENSORFLOW = (
    "KerasSweep needs TensorFlow, which is not installed here. "
    'Install it with pip install "lrlab[keras]" (or, where lrlab is a checkout, pip install tensorflow).'
)


class KerasSweep:
    """A Keras model trained with each of F factors and P patiences, and once without the callback, for each seed.

    get_model: alpha -> compiled `keras.Model`, as for `KerasLab`; or the name of a ready-made one
    data: ``((x, y), (x_val, y_val))``, arrays, or a function that returns them: it is called wherever cells are
        trained, so that large data need not travel; left out for a ready-made model
    alpha: the learning rate at the start
    factors, patiences: what to try, (F,) and (P,). A factor of 1 is the constant run
    epochs, batch_size, min_delta, cooldown, min_lr: as for `KerasLab`. seeds: initial weights and order of the rows
    store: a file in which each result is kept as soon as it is there, and from which a sweep goes on; None for none

    cells: all that is to be trained, seed by seed, the constant run first
    done: the `Result` of each finished one
    notes: what is worth knowing about the store
    unwritten: how many finished ones are not in the store, since the disk is full or does not allow it. They are tried
        again with the next one, and when `run` is called again

    Raises ImportError without TensorFlow; ValueError or TypeError for a bad argument, for a model that cannot be sent
    to other processes, and for a store that belongs to another sweep.

        sweep = lrlab.KerasSweep("moons", alpha=2.0, factors=[0.2, 0.5, 0.8], patiences=[2, 5, 10], store="moons.jsonl")
        for cell in sweep.run():
            print(f"{len(sweep.done)} of {len(sweep.cells)}: {cell}")
        sweep.table(lambda run: run.final_loss)  # (seeds, F, P)
    """

    def __init__(
        self,
        get_model: str | Callable[[float], Any],
        data: Any = None,
        *,
        alpha: float,
        factors: Sequence[float],
        patiences: Sequence[int],
        epochs: int = 100,
        batch_size: int = 32,
        seeds: Sequence[int] = (0,),
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
        store: str | os.PathLike[str] | None = None,
    ) -> None:
        if find_spec("tensorflow") is None:
            raise ImportError(NO_TENSORFLOW)
        if isinstance(get_model, str):
            ready = find(get_model)
            if data is not None:
                raise ValueError(f"The ready-made model {get_model!r} has its own data. Leave data out.")
            get_model, data = ready.get_model, ready.get_data
        if not callable(get_model):
            raise TypeError(f"get_model must be a function, alpha -> compiled model, got {get_model!r}.")
        self._shared = {
            "alpha": check_one("alpha", alpha),
            "epochs": check_one("epochs", epochs),
            "batch_size": check_one("batch_size", batch_size),
            "min_delta": check_one("min_delta", min_delta),
            "cooldown": check_one("cooldown", cooldown),
            "min_lr": check_one("min_lr", min_lr),
        }
        self.epochs = self._shared["epochs"]
        self.factors = _each("factor", factors)
        self.patiences = _each("patience", patiences)
        self.seeds = _each("seed", seeds)
        with from_scikit_learn():
            rows = check_data(data() if callable(data) else data)
        given = data if callable(data) else ((rows.x, rows.y), (rows.x_val, rows.y_val))
        self._payload = pickled((get_model, given))
        self._digest = hashlib.sha256(self._payload).hexdigest()
        grid = [(factor, patience) for factor in self.factors for patience in self.patiences]
        self.cells = list(dict.fromkeys(_cell(seed, *at) for seed in self.seeds for at in [(1.0, 1), *grid]))
        self._results: dict[Cell, Result] = {}
        self.notes: list[str] = []
        self._waiting: list[Result] = []  # finished, and not in the store
        self._unproved = False  # whether results were taken over, and nobody knows yet whether they are this model's
        self._store = None if store is None else Store(store, {**self._shared, "data": _fingerprint(rows)})
        if self._store is not None:
            self._take_over(self._store)
        self._stop: Path | None = None  # while it runs: the file that tells everybody to stop
        self._held = False

    @property
    def done(self) -> dict[Cell, Result]:
        """The results so far, by cell."""
        return {cell: self._results[cell] for cell in self.cells if cell in self._results}

    @property
    def unwritten(self) -> int:
        """How many finished results are not in the store."""
        return len(self._waiting)

    @property
    def left(self) -> list[Cell]:
        """The cells that are not done, in the order in which they are begun."""
        return [cell for cell in self.cells if cell not in self._results]

    def run(self, n_jobs: int | None = None, backend: Any = None) -> Iterator[Cell]:
        """Train what is not done; yields each cell when it is finished and stored.

        n_jobs: how many at a time; None: what ``joblib.parallel_config`` says, else one for each processor
        backend: of joblib; None: the one that holds where ``run`` is called, as in
            ``with joblib.parallel_config(backend="dask"): cells = sweep.run()``

        Ends when all is done, or after `pause` or `cancel`. Whoever leaves the loop or closes the iterator cancels.
        What processes do that die is done again by others. ``run`` may be called again at any time after.

        Raises RuntimeError for what the model raises, if processes die again and again with nothing finished, and, at
        the end, if results could not be written; ValueError if the store turns out to be that of another model.
        """
        here, configured = backend_here()
        if n_jobs == 0:
            raise ValueError("n_jobs must be how many cells are trained at a time, or -1 for one a processor, got 0.")
        return self._run(backend or here, n_jobs or configured or -1)

    def pause(self) -> None:
        """Begin no more cells; those under way are finished, then `run` ends."""
        self._held = True

    def cancel(self) -> None:
        """End `run` soon: cells under way are dropped (on other machines: finished first)."""
        self._held = True
        stop = self._stop
        if stop is not None:
            with suppress(OSError):  # it has just ended
                stop.touch()

    def run_by(self, rule: Rule) -> Run | None:
        """A run of the first seed whose rate ``rule`` sets, see `lrlab.schedules`: a `Run` of one, trained here, now.

        None if `pause` or `cancel` came meanwhile. Raises RuleError where the rule fails, and what the model raises.
        """
        self._held = False  # what was told earlier was told to `run`
        try:
            result = train_here(self._task(_cell(self.seeds[0], 1.0, 1)), lambda: self._held, rule)
        finally:
            forget()
        return None if result is None else self._as_run([result.cell], {result.cell: result})

    def adopt(self, other: KerasSweep) -> None:
        """Take over what a sweep over another grid has finished, if all else is the same."""
        if (self._payload, self._shared) == (other._payload, other._shared):
            for result in other._results.copy().values():  # a thread may be adding to them
                self._keep(result)

    def pair(self, cell: Cell) -> Run:
        """The constant run of a cell's seed, and the cell: a `Run` of two; NaN where one is not finished."""
        return self._as_run([_cell(cell.seed, 1.0, 1), _cell(*cell)])

    def table(self, read: Callable[[Run], Array]) -> Array:
        """(seeds, F, P): what ``read`` makes of a run, say ``lambda run: run.final_loss``; NaN where not finished."""
        cells = [_cell(seed, f, p) for seed in self.seeds for f in self.factors for p in self.patiences]
        return self._values(read, cells).reshape(len(self.seeds), len(self.factors), len(self.patiences))

    def constant(self, read: Callable[[Run], Array]) -> Array:
        """(seeds,): the same of the constant runs."""
        return self._values(read, [_cell(seed, 1.0, 1) for seed in self.seeds])

    def map(self, metric: str, target: float | None = None) -> Sweep:
        """The `studies.sweep.Sweep` of one of its METRICS: factors up, patiences across, the median over seeds.

        target: the validation loss that counts as arrived, see `studies.sweep.measure`; None: no run arrives

        Raises ValueError or TypeError for another metric, and for a target that is no number.
        """
        if metric not in METRICS:
            raise ValueError(f"metric must be one of {', '.join(METRICS)}, got {metric!r}.")
        target = None if target is None else check_one("target", target)
        read = partial(_measured, metric, target)
        rows = (len(self.seeds), len(self.factors))  # all factors share the constant run of their seed
        constant, lost = (np.broadcast_to(self.constant(what)[:, None], rows) for what in (read, _lost))
        factors, patiences = np.array(self.factors), np.array(self.patiences)
        return beside_constant(metric, factors, patiences, self.table(read), constant, self.table(_lost), lost)

    def _values(self, read: Callable[[Run], Array], cells: list[Cell]) -> Array:
        values = np.full(len(cells), np.nan)
        finished = [i for i, cell in enumerate(cells) if cell in self._results]
        if finished:
            values[finished] = read(self._as_run([cells[i] for i in finished]))
        return values

    def _as_run(self, cells: list[Cell], known: dict[Cell, Result] | None = None) -> Run:
        """Cells as one `Run`; loss and watched as in `History.run`, without weights; NaN where one is not finished."""
        found = self._results if known is None else known
        results = [found.get(cell, self._unknown) for cell in cells]
        start = [result.start for result in results]
        loss, watched, rates = (
            np.array([result.history[name] for result in results]).T for name in ("loss", "val_loss", "learning_rate")
        )
        rule = {name: self._shared[name] for name in ("min_delta", "cooldown", "min_lr")}
        factors, patiences = (np.array([getattr(cell, name) for cell in cells]) for name in ("factor", "patience"))
        settings = Settings(self._shared["alpha"], factors, patiences, **rule)
        return Run(
            w=np.empty((len(watched) + 1, len(cells), 0)),
            loss=np.vstack([start, loss]),
            watched=np.vstack([start, watched]),
            lr=rates.astype(np.float32),
            final_lr=np.array([result.final_rate for result in results], np.float32),
            improved=follow(watched, settings)[1],
            settings=settings,
        )

    @property
    def _unknown(self) -> Result:
        nothing = [np.nan] * self.epochs
        names = ("loss", "val_loss", "learning_rate")
        return Result(Cell(0, 1.0, 1), np.nan, dict.fromkeys(names, nothing), np.nan, "")

    # While it runs -----------------------------------------------------------------------------------------------

    def _run(self, backend: Any, n_jobs: int) -> Iterator[Cell]:
        with self._running() as stop:
            self._check_model()
            tries = TRIES
            while (left := self.left) and not self._held:
                try:
                    yield from self._trained(left, stop, backend, n_jobs)
                except Exception as error:
                    if not died(error):
                        raise
                    tries = tries - 1 if len(self.left) == len(left) else TRIES
                    if not tries:
                        raise RuntimeError(
                            "The processes that train die again and again before a cell is finished. Do they have "
                            f"enough memory? Fewer at a time may do: run(n_jobs=1). The last one said: {error}"
                        ) from error
            if why := self._write():
                raise RuntimeError(
                    f"{self.unwritten} of the finished cells are in memory only: {self._store.path} cannot be written "
                    f"({why}). Mend that, then start again, which writes them and trains nothing twice."
                )

    @contextmanager
    def _running(self) -> Iterator[Path]:
        if self._stop is not None:
            raise RuntimeError("This sweep is running already. Cancel it first, or wait until it has ended.")
        with tempfile.TemporaryDirectory(prefix="lrlab-sweep-", ignore_cleanup_errors=True) as folder:
            self._held, self._stop = False, Path(folder, "stop")
            atexit.register(self.cancel)  # TensorFlow, at work when Python ends, would bring it down
            try:
                yield self._stop
            finally:
                self._stop = None
                atexit.unregister(self.cancel)
                forget()

    def _trained(self, cells: list[Cell], stop: Path, backend: Any, n_jobs: int) -> Iterator[Cell]:
        """Train these cells once; yields each when its result is kept."""
        outcomes = spread(self._tasks(cells, stop), backend, n_jobs)
        try:
            for outcome in outcomes:
                if isinstance(outcome, str):
                    raise RuntimeError(outcome)
                if outcome is not None:
                    self._keep(outcome)
                    yield outcome.cell
        except BaseException as error:
            if not died(error):
                # What is under way is waited for; what has been finished in spite of all is kept.
                self.cancel()
                for outcome in outcomes:
                    with suppress(OSError, ValueError):
                        if isinstance(outcome, Result):
                            self._keep(outcome)
            raise

    def _tasks(self, cells: list[Cell], stop: Path) -> Iterator[Any]:
        for cell in cells:
            if self._held:
                return
            yield delayed(train_cell)(self._task(cell, str(stop)))

    def _task(self, cell: Cell, stop: str = "") -> Task:
        return Task(cell, self._payload, self._digest, self._shared, stop, os.getpid())

    def _keep(self, result: Result) -> None:
        if result.cell not in self._results:
            self._write(result)
            self._results[result.cell] = result
            self._unproved = False

    def _write(self, *finished: Result) -> str:
        """Have these in the store, and those that wait. Returns why that was not possible, or "".

        Whatever the disk says, training goes on: what was finished must not be lost for it.
        """
        waiting, why = [*self._waiting, *finished] if self._store is not None else [], ""
        while waiting and not why:
            try:
                self._store.append(waiting[0])
            except OSError as error:
                why = error.strerror or str(error)
            else:
                waiting.pop(0)
        self._waiting = waiting
        return why

    def _check_model(self) -> None:
        """Where a store had all cells, nothing is trained that would tell whose they are: a model is built for that.

        Raises ValueError where they are another model's, RuntimeError for what the model raises.
        """
        if self._unproved and not self.left:
            self._store.compare(model_here(self._task(self.cells[0])))
            self._unproved = False

    def _take_over(self, store: Store) -> None:
        self._results.update(store.results)
        self._unproved = bool(self.done)
        if self.done:
            self.notes.append(f"{len(self.done)} of {len(self.cells)} cells were in {store.path} already.")
        if store.path.exists() and not os.access(store.path, os.W_OK):
            self.notes.append(f"{store.path} may not be written: what is trained now is kept in memory only.")
        if store.torn:
            self.notes.append(f"The last line of {store.path} is half a line: its cell is trained again.")


def _lost(run: Run) -> Array:
    return np.isfinite(run.diverged).astype(float)


def _measured(metric: str, target: float | None, run: Run) -> Array:
    return measure(metric, run.watched, np.isfinite(run.diverged), target)


def _cell(seed: int, factor: float, patience: int) -> Cell:
    return Cell(seed, factor, 1 if factor == 1 else patience)


def _each(name: str, values: Any) -> list[Any]:
    """The values, checked, as plain numbers; those that come twice once."""
    found = list(dict.fromkeys(check(name, np.atleast_1d(np.asarray(values))).ravel().tolist()))
    if not found:
        raise ValueError(f"There must be at least one {name}, got {values!r}.")
    return found


def _fingerprint(rows: Data) -> str:
    digest = hashlib.sha256()
    for array in rows:
        digest.update(f"{array.dtype} {array.shape} ".encode())
        digest.update(np.ascontiguousarray(array))
    return digest.hexdigest()[:16]
