"""Four rules that watch a loss, each as it is written in its library, in as few lines as it can be.

losses: one for each epoch. Each returns the rate in force after each epoch; `early_stopping` the epoch it stops at.
"""

from math import inf


def keras_plateau(losses, rate, factor, patience, min_delta=1e-4, cooldown=0, min_lr=0.0):
    best, wait, cooling, rates = None, 0, 0, []
    for loss in losses:
        if cooling > 0:
            cooling -= 1
            wait = 0
        if best is None or loss + min_delta < best:
            best, wait = loss, 0
        elif cooling == 0:
            wait += 1
            if wait >= patience and rate > min_lr:
                rate, cooling, wait = max(rate * factor, min_lr), cooldown, 0
        rates.append(rate)
    return rates


def torch_plateau(
    losses,
    rate,
    factor,
    patience,
    threshold=1e-4,
    threshold_mode="rel",
    cooldown=0,
    min_lr=0.0,
    eps=1e-8,
):
    best, bad, cooling, rates = inf, 0, 0, []
    for loss in losses:
        if loss < (best * (1 - threshold) if threshold_mode == "rel" else best - threshold):
            best, bad = loss, 0
        else:
            bad += 1
        if cooling > 0:
            cooling -= 1
            bad = 0
        if bad > patience:
            lowered = max(rate * factor, min_lr)
            rate = lowered if rate - lowered > eps else rate
            cooling, bad = cooldown, 0
        rates.append(rate)
    return rates


def optax_plateau(losses, rate, factor, patience, rtol=1e-4, atol=0.0, cooldown=0, min_scale=0.0):
    best, count, cooling, scale, rates = inf, 0, 0, 1.0, []
    for loss in losses:
        improved = loss < (1 - rtol) * best - atol
        best = loss if improved else best
        count = 0 if improved else count + 1
        if cooling > 0:
            cooling -= 1
            count = 0
        else:
            cut = count == patience
            scale = max(scale * factor if cut else scale, min_scale)
            cooling, count = (cooldown, 0) if cut else (0, count)
        rates.append(rate * scale)
    return rates


def early_stopping(losses, patience=0, min_delta=0.0):
    best, wait = None, 0
    for epoch, loss in enumerate(losses, start=1):
        wait += 1
        if best is None or loss + min_delta < best:
            best, wait = loss, 0
        elif wait >= patience:
            return epoch
    return None
