"""The multi-layer perceptron: its forward pass, its backward pass, and a Problem made of both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from lrlab.core.arrays import Array
from lrlab.core.problem import Problem
from lrlab.core.rules import check_one
from lrlab.core.samples import Fit, Samples
from lrlab.core.threads import one_thread
from lrlab.problems import data as datasets
from lrlab.problems.models import accuracy, check_choice, cross_entropy, in_blocks, log_loss, sigmoid, softmax

MODEL = "Model: Rumelhart, Hinton, Williams, Nature 323 (1986)."


class Activation(NamedTuple):
    """What a hidden unit does with its sum: a = function(z), and the slope da/dz, worked out from a."""

    function: Callable[[Array], Array]
    slope: Callable[[Array], Array]


def tanh(z: Array) -> Array:
    """The hyperbolic tangent, as a sigmoid twice as steep and twice as high: a third faster here than np.tanh."""
    return 2 * sigmoid(2 * z) - 1


ACTIVATIONS = {
    "tanh": Activation(tanh, lambda a: 1 - a * a),
    "relu": Activation(lambda z: np.maximum(z, 0), lambda a: a > 0),
    "sigmoid": Activation(sigmoid, lambda a: a * (1 - a)),
}


class Layer(NamedTuple):
    """One layer of each of any number of networks. weights: (..., units in, units out). biases: (..., 1, units out)."""

    weights: Array
    biases: Array


def layers_of(w: Array, sizes: Sequence[int]) -> list[Layer]:
    """Weights w of shape (..., dim), taken apart: each layer's matrix, row after row, and then its biases.

    sizes: units of each layer, the inputs first. The order is that of Keras' ``get_weights``.
    """
    layers, at = [], 0
    for units_in, units_out in pairwise(sizes):
        end = at + units_in * units_out
        weights = w[..., at:end].reshape(*w.shape[:-1], units_in, units_out)
        at = end + units_out
        layers.append(Layer(weights, w[..., None, end:at]))
    return layers


def forward(layers: list[Layer], inputs: Array, activation: Activation) -> list[Array]:
    """What the units of each layer put out, (..., rows, units), from the inputs to the logits.

    The last layer has no activation: what makes probabilities of logits belongs to the loss.
    """
    outputs = [inputs]
    for weights, biases in layers[:-1]:
        z = outputs[-1] @ weights + biases
        outputs.append(activation.function(z))
    weights, biases = layers[-1]
    outputs.append(outputs[-1] @ weights + biases)
    return outputs


def backward(layers: list[Layer], outputs: list[Array], error: Array, activation: Activation) -> list[Layer]:
    """Backpropagation: the gradient of the loss, layer by layer, in the shapes of ``layers``.

    outputs: what `forward` gave. error: (..., rows, outputs), the gradient of the loss in the logits
    """
    gradient = []
    for number in reversed(range(len(layers))):
        entering = outputs[number]
        gradient.append(Layer(entering.mT @ error, error.sum(axis=-2, keepdims=True)))
        if number > 0:
            # To the layer before: through the weights, then through the activation.
            error = (error @ layers[number].weights.mT) * activation.slope(entering)
    return gradient[::-1]


def joined(layers: list[Layer], like: Array) -> Array:
    """The way back from `layers_of`: one array of the shape of ``like``, (..., dim)."""
    w, at = np.empty(like.shape), 0
    for layer in layers:
        for part in layer:
            end = at + part.shape[-2] * part.shape[-1]
            w[..., at:end] = part.reshape(*like.shape[:-1], end - at)
            at = end
    return w


def glorot_uniform(sizes: Sequence[int], seed: int = 0) -> Array:
    """Where training starts: biases 0, weights at random, fewer units larger weights. Keras' default. (dim,).

    Source: Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010.
    """
    rng = np.random.default_rng(seed)
    parts = []
    for units_in, units_out in pairwise(sizes):
        limit = np.sqrt(6 / (units_in + units_out))
        parts += [rng.uniform(-limit, limit, units_in * units_out), np.zeros(units_out)]
    return np.concatenate(parts)


class Head(NamedTuple):
    """What follows the logits, which are (..., rows, outputs): the loss, its gradient in them, and the share right."""

    loss: Callable[[Array, Array], Array]
    error: Callable[[Array, Array], Array]
    accuracy: Callable[[Array, Array], Array]


# Two classes have one logit, and targets (rows,); more have one logit each, and targets (rows, classes), one-hot.
TWO_CLASSES = Head(
    loss=lambda logits, targets: log_loss(logits[..., 0], targets),
    error=lambda logits, targets: (sigmoid(logits) - targets[:, None]) / len(targets),
    accuracy=lambda logits, targets: np.mean((logits[..., 0] > 0) == targets, axis=-1),
)
MANY_CLASSES = Head(
    loss=cross_entropy,
    error=lambda logits, targets: (softmax(logits) - targets) / len(targets),
    accuracy=accuracy,
)


@one_thread()
def multilayer_perceptron(
    data: str = "moons", hidden: int | Sequence[int] = 8, activation: str = "tanh", seed: int = 0
) -> Problem:
    """A network of fully connected layers that tells classes apart. Not convex, and its minima are not known.

    data: "moons" or "circles" (two classes of points in the plane) or "digits" (ten classes of 8 x 8 pixels)
    hidden: how many hidden units; for several hidden layers, how many in each: ``hidden=(8, 8)``
    activation: "tanh", "relu" or "sigmoid", in the hidden units
    seed: fixes the weights at the start

    One output with a sigmoid and the log-loss for two classes; ten outputs with a softmax and the cross-entropy for
    digits. Three quarters of the rows are for training, the rest for validation. Weights lie in w as `layers_of` says.
    Raises TypeError or ValueError where an argument is none of these.
    """
    check_choice("data", data, ("moons", "circles", "digits"))
    check_choice("activation", activation, tuple(ACTIVATIONS))
    units = ACTIVATIONS[activation]
    table = {"moons": datasets.moons, "circles": datasets.circles, "digits": datasets.digits}[data]()
    inputs, targets, inputs_val, targets_val = table[:4]
    sizes = [inputs.shape[1], *_checked_hidden(hidden), 1]
    head = TWO_CLASSES
    if data == "digits":
        sizes[-1], head = 10, MANY_CLASSES
        targets, targets_val = datasets.one_hot(targets, 10), datasets.one_hot(targets_val, 10)

    def logits(w: Array, inputs: Array) -> Array:
        return forward(layers_of(w, sizes), inputs, units)[-1]

    def grad(w: Array, inputs: Array, targets: Array) -> Array:
        layers = layers_of(w, sizes)
        outputs = forward(layers, inputs, units)
        return joined(backward(layers, outputs, head.error(outputs[-1], targets), units), like=w)

    def on_validation_rows(measure: Callable[[Array, Array], Array]) -> Callable[[Array], Array]:
        return lambda w: measure(logits(w, inputs_val), targets_val)

    start = glorot_uniform(sizes, check_one("seed", seed))
    widest = max(sizes[1:])
    picture = Fit(inputs, lambda w, x: sigmoid(logits(w, x))[..., 0], True, table.names)
    return Problem(
        name=f"MLP on {data}",
        formula=r"$-\frac{1}{n}\Sigma_i\,\log p_{y_i}(x_i)$",
        loss=in_blocks(lambda w: head.loss(logits(w, inputs), targets), numbers=widest * len(inputs)),
        grad=lambda w: grad(w, inputs, targets),
        start=tuple(start),
        view=((-2.0, 2.0),) * start.size,
        convex=False,
        axes=_axes(sizes),
        samples=Samples(
            inputs=inputs,
            targets=targets,
            grad=grad,
            validation_loss=in_blocks(on_validation_rows(head.loss), numbers=widest * len(inputs_val)),
            score=in_blocks(on_validation_rows(head.accuracy), numbers=widest * len(inputs_val)),
            score_name="accuracy",
            score_step=1 / len(inputs_val),
            fit=None if data == "digits" else picture,
        ),
        **LAB[data],
    )


# What a lab starts with, found by training: the lowest rates crawl, the highest never come to rest.
LAB: dict[str, dict[str, Any]] = {
    "moons": {
        "alpha_range": (0.01, 30.0),
        "epochs": 200,
        "teaches": "The loss rests near 0.35 for some time, then falls: a plateau need not be the end.",
        "source": "Data: scikit-learn's make_moons. " + MODEL,
    },
    "circles": {
        "alpha_range": (0.01, 20.0),
        "epochs": 200,
        "teaches": "No line parts a ring from what is inside: the loss waits near log 2 until hidden units turn.",
        "source": "Data: scikit-learn's make_circles. " + MODEL,
    },
    "digits": {
        "alpha_range": (0.003, 3.0),
        "epochs": 40,
        "teaches": "Alpha 0.1 reads nine digits in ten after 15 epochs; at alpha 3 the loss ends higher than it began.",
        "source": "Data: Alpaydin, Kaynak, UCI Machine Learning Repository (1998). " + MODEL,
    },
}


def _axes(sizes: Sequence[int]) -> list[str]:
    """A label for each weight: "W1[0, 2]" leads from input 0 to unit 2 of the first hidden layer."""
    labels = []
    for layer, (units_in, units_out) in enumerate(pairwise(sizes), start=1):
        labels += [f"W{layer}[{i}, {j}]" for i in range(units_in) for j in range(units_out)]
        labels += [f"b{layer}[{j}]" for j in range(units_out)]
    return labels


def _checked_hidden(hidden: Any) -> list[int]:
    layers = list(hidden) if isinstance(hidden, Sequence) and not isinstance(hidden, str) else [hidden]
    for units in layers or [layers]:
        if not isinstance(units, int | np.integer) or isinstance(units, bool) or units < 1:
            raise ValueError(
                "hidden must be a whole number of units, 1 or more, or one for each hidden layer, "
                f"got {hidden!r}. Try 8, or (8, 8)."
            )
    return [int(units) for units in layers]
