"""Which pictures a model's data allow, and what they do with its outputs."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from lrlab.views.curves import Scale, lowered, raised, scale_of_training
from lrlab.views.fit import LineFit, MeasuredFit, RegionFit, SampleFit
from lrlab.views.training import panels_for

RNG = np.random.default_rng(0)


def rows(shape, targets, n=40):
    x = RNG.normal(size=(n, *shape)).astype(np.float32)
    y = targets(n)
    return x, y, x[:10], y[:10]


def numbers(n):
    return RNG.normal(size=n).astype(np.float32)


def two_classes(n):
    return (np.arange(n) % 2).astype(np.float32)


def ten_classes(n):
    return np.arange(n) % 10


def one_hot(n):
    return np.eye(10, dtype=np.float32)[np.arange(n) % 10]


@pytest.mark.parametrize(
    ("shape", "targets", "kinds"),
    [
        ((2,), two_classes, [RegionFit, RegionFit]),
        ((2,), lambda n: two_classes(n)[:, None], [RegionFit, RegionFit]),
        ((2,), lambda n: (np.arange(n) % 2).astype(bool), [RegionFit, RegionFit]),
        ((1,), numbers, [LineFit]),
        ((5,), numbers, [MeasuredFit]),
        ((5,), lambda n: numbers(n)[:, None], [MeasuredFit]),
        ((64,), ten_classes, [SampleFit]),
        ((64,), one_hot, [SampleFit]),
        ((28, 28), ten_classes, [SampleFit]),
        ((28, 28, 1), ten_classes, [SampleFit]),
        ((5,), ten_classes, []),
        ((5,), two_classes, []),
        ((3, 4), ten_classes, []),
        ((5,), lambda n: RNG.normal(size=(n, 2)), []),
        ((64,), lambda n: np.arange(n) + 100, [MeasuredFit]),
    ],
)
def test_the_picture_fits_the_data(shape, targets, kinds):
    panels = panels_for(*rows(shape, targets))
    figure = Figure()
    made = [make(figure.add_subplot()) for make in panels.make.values()]
    assert [type(panel) for panel in made] == kinds
    inputs = panels.inputs()
    assert (inputs is None) == (not kinds)
    if kinds:
        assert inputs.shape[1:] == shape
        np.testing.assert_array_equal(inputs, made[0].inputs)


def drawn(data, outputs):
    panels = panels_for(*data)
    figure = Figure()
    made = [make(figure.add_subplot()) for make in panels.make.values()]
    found = panels.outputs(outputs)
    for panel in made if found is not None else []:
        panel.draw(found)
    return made, found


@pytest.mark.parametrize("columns", [1, 2])
def test_regions_show_the_probability_of_class_1(columns):
    data = rows((2,), two_classes)
    points = len(panels_for(*data).inputs())
    chance = RNG.uniform(size=(2, points))
    outputs = chance[..., None] if columns == 1 else np.stack([1 - chance, chance], axis=-1)
    made, _ = drawn(data, outputs)
    for i, panel in enumerate(made):
        np.testing.assert_allclose(panel.regions.get_array().ravel(), chance[i])


def test_outputs_of_another_kind_are_not_drawn():
    assert drawn(rows((2,), two_classes), np.zeros((2, 6400, 3)))[1] is None
    assert drawn(rows((5,), numbers), np.zeros((2, 10, 2)))[1] is None
    assert drawn(rows((64,), ten_classes), np.zeros((2, 6, 9)))[1] is None


def test_a_model_that_is_lost_is_drawn_too():
    for shape, targets, outputs in (
        ((2,), two_classes, (2, 6400, 1)), ((5,), numbers, (2, 10, 1)), ((64,), ten_classes, (2, 6, 10)),
    ):  # fmt: skip
        drawn(rows(shape, targets), np.full(outputs, np.nan))


def test_samples_go_from_hard_to_easy_and_their_truth_is_known():
    x, y, _, _ = data = rows((64,), ten_classes)
    (panel,) = drawn(data, np.zeros((2, 6, 10)))[0]
    for row, truth in zip(panel.inputs, panel._classes, strict=True):
        assert truth in y[(x == row).all(axis=1)]


@pytest.mark.parametrize("start", [1e-6, 0.7, 300.0])
def test_the_scale_makes_room_below_in_steps(start):
    scale = scale_of_training(start)
    assert scale.low < start < scale.high
    assert lowered(scale, np.array([start, start / 2])) == scale
    further = lowered(scale, np.array([start, start / 200, np.nan, np.inf]))
    assert further.low < start / 200
    assert further.high == scale.high
    assert lowered(further, np.array([start])) == further, "it stays where it is"


@pytest.mark.parametrize("losses", [[0.0], [np.nan], []])
def test_losses_that_fit_no_log_axis_leave_the_scale_alone(losses):
    scale = scale_of_training(1.0)
    assert lowered(scale, np.array(losses)) == scale


@pytest.mark.parametrize("start", [0.0, np.nan, np.inf, -3.0])
def test_a_start_that_fits_no_log_axis_has_a_scale_too(start):
    scale = scale_of_training(start)
    assert scale.log == (not start <= 0)
    assert (0 if scale.log else -np.inf) < scale.low < scale.high < np.inf
    assert not np.isfinite(start) or scale.low < start < scale.high


@pytest.mark.parametrize("start", [0.5, 0.0, -0.1])
def test_losses_below_zero_are_seen(start):
    """Of a cosine similarity, say."""
    losses = np.linspace(start, -0.8, 20)[:, None]
    scale = raised(lowered(scale_of_training(start), losses), losses)
    assert not scale.log
    assert scale.low < -0.8 < start < scale.high
    assert lowered(scale, losses[:3]) == scale, "it stays where it is"


def test_the_scale_reaches_up_to_what_most_losses_are_and_not_to_those_that_leave():
    scale = Scale("loss", 0.1, 1.0)
    rattling, quiet = np.full(20, 2.0), np.full(20, 0.5)
    assert raised(scale, np.transpose([rattling, quiet])).high == 3.0
    assert raised(scale, np.transpose([quiet, quiet])) == scale
    spiked = np.where(np.arange(20) < 3, 50.0, 0.5)
    assert raised(scale, np.transpose([spiked, quiet])) == scale
    assert raised(scale, np.transpose([np.full(20, 1e5), quiet])) == scale
    assert raised(scale, np.transpose([np.full(20, np.inf), rattling])).high == 3.0


def test_a_model_without_numbers_reads_nothing():
    """One that has diverged to NaN: the first class would be as good a guess as any."""
    made = Figure().add_subplot()
    panel = SampleFit(made, np.zeros((3, 4)), np.zeros((3, 2, 2)), np.arange(3), 3)
    outputs = np.stack([np.full((3, 3), np.nan), np.eye(3)])
    panel.draw(outputs)
    assert [len(line.get_xdata()) for line in panel.guesses[0]] == [0, 0, 0]
    assert [len(line.get_xdata()) for line in panel.guesses[1]] == [1, 1, 1]
    assert len(panel.wrong.get_xdata()) == 0
