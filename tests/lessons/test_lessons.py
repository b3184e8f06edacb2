"""Every lesson runs from top to bottom, and every number in its prose is what the code gives."""

import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

import lrlab
from lrlab.course import catalogue
from lrlab.studies.basins import MOVING
from tests.browser.jupyter import find_chromium

LESSONS = sorted((Path(__file__).parents[2] / "lessons").glob("*.ipynb"))
RAVINE = lrlab.problems.ravine()


def test_there_are_lessons():
    assert LESSONS


@pytest.mark.skipif(find_chromium() is not None, reason="run in a browser, by tests/browser/test_lessons.py")
@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_runs_from_top_to_bottom(path):
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    check_outputs(notebook)


def check_outputs(notebook):
    """Of a lesson that was run: no error, no chatter, and a picture of each lab for places without a kernel."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error"
            printed = output.get("name") == "stdout" and "print(" in cell.source
            assert output.output_type != "stream" or printed, f"unexpected chatter: {output}"
    labs = [cell for cell in notebook.cells if cell.cell_type == "code" and "Lab(" in cell.source]
    assert all("image/png" in cell.outputs[-1].data for cell in labs)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_is_short(path):
    cells = nbformat.read(path, as_version=4).cells
    words = sum(len(cell.source.split()) for cell in cells if cell.cell_type == "markdown")
    assert words <= 1250


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_is_as_the_catalogue_says(path):
    cells = nbformat.read(path, as_version=4).cells
    lesson, source = int(path.name[:2]), "\n".join(cell.source for cell in cells)
    assert source.startswith(f"# {lesson} · {catalogue.TITLES[lesson]}\n")
    assert tuple(re.findall(r'lrlab\.exercise\("(\w+)"\)', source)) == catalogue.LESSONS[lesson]
    for name in catalogue.LESSONS[lesson]:
        if start := catalogue.find(name).task(0).start:
            assert any(cell.source == f'@lrlab.answer("{name}")\n{start}' for cell in cells)


def pair(alpha, factor=1.0, patience=5, problem=RAVINE, epochs=200, **options):
    return lrlab.train(problem, lrlab.Settings.pair(alpha, factor, patience), epochs=epochs, **options)


class Prose:
    """The text of a lesson."""

    def __init__(self, number):
        (path,) = [path for path in LESSONS if path.name.startswith(number)]
        cells = nbformat.read(path, as_version=4).cells
        self.text = " ".join(" ".join(cell.source for cell in cells if cell.cell_type == "markdown").split())

    def __call__(self, words):
        assert words in self.text, f"the lesson no longer says {words!r}"


class TestNumbersOfLesson1:
    says = Prose("01")

    @pytest.mark.parametrize(("alpha", "ratio"), [(0.02, 0.98), (1, 0), (1.5, -0.5), (2, -1), (2.1, -1.1)], ids=str)
    def test_what_one_step_does_on_the_bowl(self, alpha, ratio):
        w = pair(alpha, problem=lrlab.problems.bowl(), epochs=5).w[:, 0]
        np.testing.assert_allclose(w[1:], ratio * w[:-1], atol=1e-6)
        self.says(f"| {alpha} |")

    def test_edges(self):
        assert lrlab.problems.bowl().stability_edge() == 2
        assert RAVINE.stability_edge() == pytest.approx(0.08)
        assert lrlab.problems.linear_regression().stability_edge() == pytest.approx(1)
        self.says("so its edge is 2")
        self.says("$2/25 = 0.08$")
        self.says("well below the edge of 1")

    def test_the_valley(self):
        assert np.isnan(pair(0.01).epochs_to(RAVINE.target)[0])
        self.says("At 0.01 the target is not reached in 200 epochs. At 0.04 it takes 74, at 0.07 it takes 42")
        self.says("at 0.078 it takes 63 already")
        for alpha, epochs in ((0.04, 74), (0.07, 42), (0.078, 63)):
            assert pair(alpha).epochs_to(RAVINE.target)[0] == epochs
        assert np.isfinite(pair(0.085).diverged[0])

    def test_the_rescue(self):
        run = pair(0.085, 0.5, 5)
        first, second = run.segments(1)[:2]
        assert (first.length, round(second.rate, 6)) == (6, 0.0425)
        assert (np.diff(run.loss[:7, 1]) > 0).all(), "the loss climbs for six epochs"
        assert run.loss[7, 1] < run.loss[6, 1]
        assert run.epochs_to(RAVINE.target)[1] == 63
        self.says("climbs for six epochs, the rate is halved, and now 0.0425 is below the edge")
        self.says("reaches the target at epoch 63")
        assert pair(0.085, 0.5, 20).epochs_to(RAVINE.target)[1] == 47
        self.says("even sooner, at epoch 47")

    def test_the_brake(self):
        run = pair(0.05, 0.5, 5)
        assert (run.epochs_to(RAVINE.target) == 59).all()
        self.says("both reach the target at epoch 59")
        assert run.final_loss[0] < run.final_loss[1] / 100
        assert (np.diff(run.loss[-20:, 0]) < 0).all(), "the constant run is still improving"

    def test_the_noise_floor_grows_with_alpha_and_the_plateau_run_gets_below_it(self):
        seeds = range(20)
        noisy = [pair(0.06, 0.5, 10, noise=1, seed=seed).loss[-50:].mean(axis=0) for seed in seeds]
        constant, plateau = np.median(noisy, axis=0)
        assert plateau < constant / 3
        ends = np.array([pair(0.06, 0.5, 10, noise=1, seed=seed).final_loss for seed in range(100)])
        assert 0.84 <= np.mean(ends[:, 1] < ends[:, 0]) <= 0.94
        self.says("the blue run ends lower in about nine of them")
        quieter = np.median([pair(0.02, noise=1, seed=seed).loss[-50:, 0].mean() for seed in seeds])
        assert quieter < constant / 2

    def test_impatience_harms(self):
        for seed in range(20):
            constant, plateau = pair(0.06, 0.1, 2, noise=1, seed=seed).loss[-50:].mean(axis=0)
            if seed == 0:
                assert plateau > 3 * constant
        ends = [pair(0.06, 0.1, 2, noise=1, seed=seed).loss[-50:].mean(axis=0) for seed in range(20)]
        assert np.mean([plateau > constant for constant, plateau in ends]) >= 0.8

    def test_the_data(self):
        problem = lrlab.problems.linear_regression()
        assert len(problem.samples.targets) == 331
        self.says("all 331 of the training part")
        self.says("442 people")
        assert 442 - 331 == 111
        rattling = pair(0.6, 0.5, 5, problem=problem, epochs=100, batch_size=32)
        assert rattling.monitored[-50:, 0].std() > 100 * rattling.monitored[-50:, 1].std()
        mild = pair(0.05, 0.5, 5, problem=problem, epochs=100, batch_size=32)
        constant, plateau = mild.monitored[-50:].mean(axis=0)
        assert constant < 1.02 * plateau, "at 0.05 the constant run is nearly as good"


class TestNumbersOfLesson4:
    says = Prose("04")

    def test_the_classifier_ends_in_one_place_whatever_alpha_is(self):
        problem = lrlab.problems.logistic_regression()
        assert len(problem.samples.targets) == 426
        assert problem.dim == 3
        self.says("426 breast tumours")
        self.says("Try alpha 0.05, 1 and 10")
        for alpha in (0.05, 1, 10):
            run = pair(alpha, problem=problem, batch_size=32)
            late = run.w[-50:, 0].mean(axis=0)
            assert np.linalg.norm(late - problem.minima[0]) < 0.2 * np.linalg.norm(problem.start - late)
        constant, plateau = np.linalg.norm(pair(10, 0.5, 5, problem, batch_size=32).w[-1] - problem.minima[0], axis=1)
        assert constant > 1
        assert plateau < 0.05
        assert problem.stability_edge() == pytest.approx(16, abs=0.5)
        self.says("though the edge is 16")
        self.says("Set factor to 0.5 and it settles there")

    def test_hopping_out_of_a_well(self):
        wells = lrlab.problems.double_well()
        (deep,), (shallow,) = wells.minima
        assert deep < shallow
        for alpha in (0.002, 0.02, 0.05):
            np.testing.assert_allclose(pair(alpha, 0.5, 5, wells).w[-1, :, 0], shallow, atol=0.02)
        np.testing.assert_allclose(pair(0.14, 0.5, 5, wells).w[-1, :, 0], deep, atol=0.01)
        constant, plateau = pair(0.18, 0.5, 5, wells).w[-20:, :, 0].T
        assert (constant < 0).all()
        assert np.ptp(constant) > 0.1
        np.testing.assert_allclose(plateau, deep, atol=0.01)
        assert wells.stability_edge() == pytest.approx(0.16, abs=0.005)
        self.says("the edge of that well is 0.16")
        for alpha in np.arange(0.13, 0.251, 0.01):
            constant, plateau = pair(alpha, 0.5, 5, wells).w[-20:, :, 0].T
            np.testing.assert_allclose(plateau, deep, atol=0.02)
            assert (np.ptp(constant) < 0.05) == (alpha < 0.165), "the window for a single rate"
        self.says("about 0.13 to 0.16")
        self.says("0.13 to 0.25 will do")

    def test_the_washboard(self):
        problem = lrlab.problems.tilted_washboard()
        assert len(problem.minima) == 7
        calm = lrlab.BasinLab(problem, alpha=0.1)
        assert len(calm.constant.ends) == 600
        assert round(100 * calm.constant.global_share) == round(100 * calm.plateau.global_share) == 14
        self.says("one in seven, 14 %, finds the lowest")
        calm.controls["alpha"].value = 1
        assert (calm.constant.ends == MOVING).all(), "it is not settled"
        starts = np.linspace(*problem.view[0], 100)[:, None]
        constant = lrlab.train(problem, lrlab.Settings(1.0, np.ones(100), 5), epochs=1000, start=starts).w[200:, :, 0]
        assert (abs(constant - problem.minima[0]) < 1.1).all(), "each is carried into dip 1, and stays"
        assert calm.plateau.global_share > 0.8
        self.says("More than eight in ten settle in the lowest dip")
        assert (calm.plateau.ends >= 0).all(), "the others are left in another dip"
        for patience, share in ((1, 0.4), (20, 1.0)):
            calm.controls["patience"].value = patience
            assert calm.plateau.global_share == pytest.approx(share, abs=0.06)
        self.says("with patience 1 about a third settle in the lowest dip, with patience 20 all but a few")
        calm.close()

    def test_larger_rates_fray_the_borders_and_leave_narrow_wells(self):
        lab = lrlab.BasinLab("himmelblau", alpha=0.01)
        assert lab.constant.global_share == lab.plateau.global_share == 1
        third = lab.constant.ends == 2
        lab.controls["alpha"].value = 0.016
        assert ((lab.constant.ends == MOVING) == third).mean() > 0.98, "the country of minimum 3 is not settled"
        assert lab.plateau.global_share == 1
        self.says("Near 0.016 the country of minimum 3 turns to *not settled*")
        lab.set(problem="two_wells", alpha=0.05)
        calm = lab.plateau.global_share
        lab.controls["alpha"].value = 1
        assert lab.constant.global_share == 0
        assert 0 < lab.plateau.global_share < calm / 2
        lab.close()

    def test_patience_gets_the_network_over_its_plateau(self):
        moons = lrlab.problems.multilayer_perceptron("moons")
        assert moons.dim == 33
        self.says("8 hidden units, 33 weights")
        for seed in range(5):
            hasty = pair(0.5, 0.5, 3, moons, batch_size=32, seed=seed).final_loss
            patient = pair(0.5, 0.5, 20, moons, batch_size=32, seed=seed).final_loss
            assert hasty[1] > 1.3 * hasty[0]
            assert patient[1] < 0.7 * hasty[1]
        self.says("With patience 20 the blue run gets through")
