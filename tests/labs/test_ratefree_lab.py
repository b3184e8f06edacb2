"""RateFreeLab through its controls: sliders move gradient descent, and nothing else."""

import re

import numpy as np
import pytest

import lrlab
from lrlab import problems
from lrlab.core.samples import Samples
from lrlab.problems import GROUPS
from lrlab.studies.ratefree import lbfgs, newton, start_of
from lrlab.views.tables import readable

MODELS = [name for group in ("Convex models on data", "Models on data that are not convex") for name in GROUPS[group]]
QUICK = [name for name in MODELS if "digits" not in name]


def text_of(html):
    return re.sub(r"<[^>]+>", " ", html)


@pytest.fixture
def lab():
    lab = lrlab.RateFreeLab("logistic_regression", alpha=1.0, patience=3, epochs=80)
    yield lab
    lab.close()


def drawn(lab, panel=0):
    return np.array([line.get_ydata() for line in lab.view.panels[panel].lines])


def values_of(lab):
    return {name: control.value for name, control in lab.controls.items() if name not in ("problem", "rule")}


@pytest.mark.parametrize(
    ("name", "value"),
    [("alpha", 5.0), ("factor", 0.1), ("patience", 1), ("min_delta", 0.1), ("cooldown", 3), ("min_lr", 0.5),
     ("momentum", 0.5)],
)  # fmt: skip
def test_a_setting_of_gradient_descent_moves_it_and_no_solver(lab, name, value):
    view, solved, before, still = lab.view, list(lab.solved), lab.run, lab.figure._base
    lab.controls[name].value = value
    rows = len(lab.problem.samples.targets)
    values = values_of(lab)
    pair = lrlab.Settings.pair(**{key: values[key] for key in
                                  ("alpha", "factor", "patience", "min_delta", "cooldown", "min_lr")})  # fmt: skip
    expected = lrlab.train(lab.problem, pair, epochs=80, batch_size=rows, momentum=values["momentum"])
    np.testing.assert_array_equal(lab.run.loss, expected.loss)
    assert not np.array_equal(lab.run.loss, before.loss)
    for panel in range(2):
        np.testing.assert_allclose(drawn(lab, panel).T, expected.loss - lab.problem.lowest_loss, rtol=1e-9, atol=1e-14)
    # The same objects: they were not even computed again, and the still picture was not drawn again.
    assert all(now is then for now, then in zip(lab.solved, solved, strict=True))
    assert lab.view is view
    assert lab.figure._base is still


def test_without_mini_batches_the_seed_is_the_start(lab):
    np.testing.assert_array_equal(lab.run.w[0, 0], lab.problem.start_point)
    lab.controls["seed"].value = 3
    start = start_of(lab.problem, 3)
    np.testing.assert_array_equal(lab.run.w[0], [start, start])
    expected = newton(lab.problem, start, 80), lbfgs(lab.problem, start, 80)
    for solved, one in zip(lab.solved, expected, strict=True):
        np.testing.assert_array_equal(solved.w, one.w)
    first = lab.solved
    lab.controls["seed"].value = 0
    lab.controls["seed"].value = 3
    assert lab.solved is first  # once for each start


def test_new_start_is_another_seed_for_all(lab):
    lab._buttons()["New start"]()
    assert lab.controls["seed"].value == 1
    for one in lab.solved:
        np.testing.assert_array_equal(one.w[0], lab.run.w[0, 0])


def test_solvers_have_as_many_iterations_as_there_are_epochs(lab):
    lab.controls["epochs"].value = 4
    assert [one.iterations for one in lab.solved] == [4, 4]
    assert not any(one.done for one in lab.solved)
    lab.controls["epochs"].value = 1000
    assert all(one.done for one in lab.solved)
    assert drawn(lab).shape == (2, 1001)


@pytest.mark.parametrize("name", QUICK)
def test_every_model_has_a_picture_and_words(lab, name):
    lab.controls["problem"].value = name
    words = text_of(lab._readout.value)
    assert text_of(lab._message.value) == ""
    assert "nan" not in words.lower()
    assert "L-BFGS" in words
    assert ("Newton" in words) == lab.problem.convex
    assert ("closed form" in words) == name.startswith("linear")
    assert ("Hessians" in words) == lab.problem.convex
    assert ("scikit-learn" in words) == lab.problem.convex
    assert len(lab.others) == (0 if lab.problem.convex else 5)
    lab.controls["alpha"].value *= 3
    assert text_of(lab._message.value) == ""


def test_a_network_starts_from_weights_drawn_by_its_seed(lab):
    lab.set(problem="mlp_moons", epochs=30)
    starts = [problems.multilayer_perceptron("moons", seed=seed).start_point for seed in range(7)]
    np.testing.assert_array_equal(lab.run.w[0, 0], starts[0])
    np.testing.assert_array_equal(lab.solved[0].w[0], starts[0])
    for one, start in zip(lab.others, starts[1:6], strict=True):
        np.testing.assert_array_equal(one.w[0], start)
    others = lab.others
    lab.controls["seed"].value = 1
    np.testing.assert_array_equal(lab.run.w[0, 0], starts[1])
    np.testing.assert_array_equal(lab.others[-1].w[0], starts[6])
    assert lab.others[:4] == others[1:]
    assert "From 6 starts" in text_of(lab._readout.value)


def test_the_menu_offers_models_only(lab):
    offered = [value for _, choices in lab.controls["problem"].groups for _, value in choices]
    assert offered == MODELS
    with pytest.raises(ValueError, match=r"This lab cannot show 'ravine'. It has: linear_regression, "):
        lab.controls["problem"].value = "ravine"


def test_a_third_run_by_a_rule_and_one_that_fails(lab):
    lab.rule = lambda epoch, rate, losses: rate * 0.9
    assert drawn(lab).shape == (3, 81)
    np.testing.assert_allclose(drawn(lab)[2], lab.run.loss[:, 2] - lab.problem.lowest_loss, rtol=1e-9)
    assert "a rule for it" in text_of(lab._readout.value)
    lab.rule = lambda epoch, rate, losses: 1 / (5 - epoch)
    assert "division by zero" in text_of(lab._message.value)
    assert drawn(lab).shape == (2, 81)
    lab.rule = None
    assert text_of(lab._message.value) == ""


def test_reset_brings_the_first_values_back(lab):
    before = values_of(lab)
    lab.set(problem="linear_regression", alpha=0.5, seed=4, momentum=0.9)
    lab._buttons()["Reset"]()
    assert values_of(lab) == before
    assert lab.problem.name == "logistic regression"


def test_extremes_are_told_and_break_nothing(lab):
    lab.controls["alpha"].value = 1e30
    assert "infinite" in text_of(lab._readout.value) or "not a number" in text_of(lab._readout.value)
    lab.controls["alpha"].value = 1e-30
    assert "constant 80+, plateau 80+" in text_of(lab._readout.value)
    lab.controls["epochs"].value = 1
    assert text_of(lab._message.value) == ""


def test_bad_input_is_told_in_the_lab_which_goes_on(lab):
    run = lab.run
    lab.controls["alpha"].box.value = "0"
    assert "alpha must be greater than 0" in text_of(lab._message.value)
    assert lab.run is run
    lab.controls["alpha"].box.value = "2"
    assert text_of(lab._message.value) == ""


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"problem": "ravine"}, "RateFreeLab is for models on data, and .* is a surface. Use DescentLab"),
        ({"problem": "logistic"}, "Did you mean 'logistic_regression'"),
        ({"alpha": 0}, "alpha must be greater than 0"),
        ({"seed": -1}, "seed must be a whole number"),
    ],
)
def test_bad_arguments_are_told(arguments, says):
    with pytest.raises(ValueError, match=says):
        lrlab.RateFreeLab(**arguments)


def test_a_problem_of_ones_own():
    """Least squares again, but of the user's own making: known for what it is, without a Hessian, or a minimum."""
    rng = np.random.default_rng(0)
    inputs, targets = rng.standard_normal((40, 3)), rng.standard_normal(40)
    error = lambda w, x, y: w @ x.T - y  # noqa: E731
    grad = lambda w, x, y: 2 / len(y) * error(w, x, y) @ x  # noqa: E731
    loss = lambda w: (error(w, inputs, targets) ** 2).mean(-1)  # noqa: E731
    mine = lrlab.Problem(
        name="mine", formula="", loss=loss, grad=lambda w: grad(w, inputs, targets), start=(1.0, 1.0, 1.0),
        view=((-2, 2),) * 3, convex=True, samples=Samples(inputs, targets, grad, loss),
    )  # fmt: skip
    lab = lrlab.RateFreeLab(mine, alpha=0.1)
    assert [one.method for one in lab.solved] == ["closed form", "L-BFGS"]
    assert lab.solved[0].loss[-1] == pytest.approx(lab.solved[1].loss[-1], rel=1e-9)
    assert "LinearRegression" not in text_of(lab._readout.value)  # its inputs have no column of ones
    assert lab.controls["problem"].value == "mine (yours)"
    lab.controls["problem"].value = "linear_regression"
    assert len(lab.solved) == 3
    lab.close()


def test_close_leaves_nothing_open(lab):
    figure = lab.figure
    lab.close()
    assert lab.comm is None
    assert figure.figure is None
    assert all(control.comm is None for control in lab.controls.values())


def test_the_edge_beside_alpha_moves_out_with_momentum():
    lab = lrlab.RateFreeLab("linear_regression", epochs=20)
    lab.controls["momentum"].value = 0.9
    assert lab.controls["alpha"].note.value == f"stability edge {readable(lab.edge)}" == "stability edge 1.9"
    lab.close()
