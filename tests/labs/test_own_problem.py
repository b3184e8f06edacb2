"""A surface that somebody else has written, with nothing but what `import lrlab` gives."""

import re
from pathlib import Path

import numpy as np
import pytest

import lrlab
from lrlab.core.arrays import Array, columns, stack

LABS = ["DescentLab", "BasinLab"]


def goldstein_price(**changes):
    """Of Goldstein and Price (1971): minimum 3 at (0, -1). The logarithm of it, which is drawn more easily."""

    def loss(w):
        x, y = w[..., 0], w[..., 1]
        a = 1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)
        b = 30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
        return np.log(a * b)

    own = {
        "name": "Goldstein & Price", "formula": r"$\log(a\,b)$", "loss": loss, "start": (-1.0, -1.5),
        "view": ((-2, 2), (-3, 1)), "convex": False, "minima": [(0, -1)], "alpha_range": (0.0005, 0.05),
    }  # fmt: skip
    return lrlab.Problem(**own | changes)


def text_of(html: str) -> str:
    return re.sub(r"<[^>]+>", " ", html)


@pytest.mark.parametrize("kind", LABS)
def test_it_works_in_every_lab(kind):
    lab = getattr(lrlab, kind)(goldstein_price(), alpha=0.005, patience=5)
    group, choices = lab.controls["problem"].groups[0]
    assert (group, choices[0][0]) == ("Yours", "Goldstein & Price")
    lab.controls["alpha"].value = 0.01
    assert text_of(lab._message.value) == ""
    lab.controls["problem"].value = "rastrigin"
    lab.controls["problem"].value = choices[0][1]  # and back
    assert lab.problem.name == "Goldstein & Price"
    lab.close()


def test_the_surface_of_the_contributing_guide_works():
    guide = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n# from .*?\n(def \w+\(\) -> Problem:.*?)```", guide, re.DOTALL)[1]
    names = {"np": np, "Array": Array, "columns": columns, "stack": stack, "Problem": lrlab.Problem}
    exec(code, names)
    make = names[re.match(r"def (\w+)", code)[1]]
    lab = lrlab.DescentLab(make(), alpha=0.1)
    assert lab.run.loss[-1, 0] < lab.run.loss[0, 0]
    assert text_of(lab._message.value) == ""
    lab.close()


def test_without_a_gradient_differences_stand_in_for_it_and_the_lab_says_so():
    mine = goldstein_price()
    assert not mine.has_exact_gradient
    lab = lrlab.DescentLab(mine, alpha=0.005, epochs=500)
    assert lab.run.final_loss[0] == pytest.approx(np.log(3), abs=0.01)
    assert "No gradient was given" in text_of(lab._readout.value)
    lab.controls["problem"].value = "bowl"
    assert "No gradient was given" not in text_of(lab._readout.value)
    lab.close()


@pytest.mark.parametrize("minima", [(), [(0.707, 0), (-0.707, 0)], [(0.72, 0)]])
def test_losses_below_zero_stay_in_the_picture(minima):
    mine = lrlab.Problem(
        name="mine", formula="$x^4 - x^2 + y^2$", start=(1.5, 1.0), view=((-2, 2), (-2, 2)),
        convex=False, minima=minima, loss=lambda w: w[..., 0] ** 4 - w[..., 0] ** 2 + w[..., 1] ** 2,
    )  # fmt: skip
    lab = lrlab.DescentLab(mine, alpha=0.05, epochs=30)
    bottom, _ = lab.view.axes["losses"].get_ylim()
    losses = lab.view.loss.lines[0].get_ydata()
    assert (losses[:8] > bottom).all()
    lower = "lower place than the lowest minimum" in text_of(lab._readout.value)
    assert lower == (bool(minima) and lab.run.best_loss.min() < mine.lowest - 1e-6)
    lab.close()


def test_a_lab_that_cannot_be_made_leaves_nothing_open():
    import ipywidgets

    before = len(ipywidgets.widgets.widget._instances)
    with pytest.raises(ValueError, match=r"formula must be mathtext .*nonsense.*Unknown symbol.* Try"):
        lrlab.DescentLab(goldstein_price(formula=r"$\nonsense{x}$"))
    lab = lrlab.DescentLab("bowl")
    lab.close()
    assert len(ipywidgets.widgets.widget._instances) <= before


def test_one_weight_and_many():
    for dim in (1, 5):
        mine = lrlab.Problem(
            name="mine", formula="$w^4$", loss=lambda w: (w**4).sum(-1), grad=lambda w: 4 * w**3, convex=True,
            start=(1.0,) * dim, view=((-2, 2),) * dim, minima=[(0.0,) * dim],
        )  # fmt: skip
        lab = lrlab.DescentLab(mine, alpha=0.1)
        assert text_of(lab._message.value) == ""
        assert lab.run.final_loss[0] < 0.01 * lab.run.loss[0, 0]
        lab.close()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            {"grad": lambda w: -w},
            r"Goldstein & Price: grad must be the gradient of loss, but at \(.*\) it gives",
        ),
        ({"grad": lambda w: w[..., 0]}, r"grad must turn weights of shape \(..., 2\) into \(..., 2\)"),
        ({"start": (1.0,)}, "view must be one .low, high. for each of the 1 numbers in start"),
        ({"loss": lambda w: w}, r"loss must turn weights of shape \(..., 2\) into \(...\)"),
        ({"minima": [(1, 2, 3)]}, "minima must be a list of points of 2 numbers"),
    ],
)
def test_slips_are_told_on_entry(change, says):
    with pytest.raises(ValueError, match=says):
        goldstein_price(**change)


def test_a_data_problem_whose_batches_have_another_gradient_is_told():
    x = np.linspace(-1, 1, 20)
    samples = lrlab.Samples(
        inputs=x, targets=2 * x, validation_loss=lambda w: (w[..., 0] - 2) ** 2,
        grad=lambda w, x, y: (w * x - y) @ x[:, None] / len(x),  # a factor of 2 is missing
    )  # fmt: skip
    with pytest.raises(ValueError, match=r"samples.grad, over all rows, must be the gradient of loss"):
        lrlab.Problem(
            name="line", formula="", start=(0.0,), view=((-3, 3),), convex=True, samples=samples,
            loss=lambda w: np.mean((w * x - 2 * x) ** 2, axis=-1),
            grad=lambda w: np.mean(2 * (w * x - 2 * x) * x, axis=-1, keepdims=True),
        )  # fmt: skip
