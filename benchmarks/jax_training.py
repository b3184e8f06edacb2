"""The training of `lrlab.train` on the ravine, written with JAX and optax. `engine.py` and `scaling.py` time it.

One run is a `lax.scan` over epochs with `optax.sgd`, its rate injected and cut by the rule of Keras; `vmap` makes it
many runs, `jit` compiles them. `optax.contrib.reduce_on_plateau` has another rule (relative thresholds) and takes no
factor that varies from run to run. It works in float64, as lrlab does, and records the same.

Without JAX or optax this module cannot be imported.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

import lrlab

jax.config.update("jax_enable_x64", True)


def jax_training(condition: float, epochs: int) -> Callable[..., Any]:
    """The same training of many runs on the ravine: (alpha, factor, patience, min_delta, start) -> records."""

    def loss_at(w: jax.Array) -> jax.Array:
        return 0.5 * (w[0] * w[0] + condition * (w[1] * w[1]))

    def one_run(alpha, factor, patience, min_delta, start):
        optimizer = optax.inject_hyperparams(optax.sgd)(learning_rate=as_float32(alpha))

        def epoch(carry, _):
            w, state, best, wait = carry
            rate = state.hyperparams["learning_rate"]
            updates, state = optimizer.update(jax.grad(loss_at)(w), state)
            w = optax.apply_updates(w, updates)
            loss = loss_at(w)
            improved = jnp.isnan(best) | ((loss + min_delta).astype(jnp.float32) < best)
            best = jnp.where(improved, loss.astype(jnp.float32), best)
            wait = jnp.where(improved, 0, wait + 1)
            cut = wait >= jnp.maximum(patience, 1)
            state.hyperparams["learning_rate"] = jnp.where(cut, as_float32(rate * factor), rate)
            carry = w, state, best, jnp.where(cut, 0, wait)
            return carry, (w, loss, rate.astype(jnp.float32), improved)

        start_of_all = start, optimizer.init(start), jnp.float32(jnp.nan), 0
        (_, state, _, _), records = jax.lax.scan(epoch, start_of_all, length=epochs)
        return records, state.hyperparams["learning_rate"]

    return jax.vmap(one_run)


def as_float32(x: jax.Array) -> jax.Array:
    return x.astype(jnp.float32).astype(jnp.float64)


def compiled(
    problem: lrlab.Problem, rule: lrlab.Settings, epochs: int, start: np.ndarray
) -> tuple[Callable[[], Any], float]:
    """The same work as a compiled function of nothing, and the ms that compiling took. start: (runs, 2)

    Raises AssertionError where it does not give lrlab's runs.
    """
    arguments = rule.alpha, rule.factor, rule.patience, rule.min_delta, start
    since = time.perf_counter()
    function = jax.jit(jax_training(problem.curvature, epochs)).lower(*arguments).compile()
    taken = 1000 * (time.perf_counter() - since)

    def train() -> Any:
        return jax.tree.map(np.asarray, function(*arguments))

    assert_same_runs(lrlab.train(problem, rule, epochs=epochs, start=start), train())
    return train, taken


def assert_same_runs(run: lrlab.Run, records: Any) -> None:
    (w, loss, lr, improved), _ = records
    np.testing.assert_allclose(lr.T, run.lr, rtol=0, atol=np.finfo(np.float32).tiny)  # XLA takes less than that for 0
    np.testing.assert_array_equal(improved.T, run.improved)
    np.testing.assert_allclose(loss.T, run.loss[1:], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(w.swapaxes(0, 1), run.w[1:], rtol=1e-9, atol=1e-12)
