"""What lessons 5, 7 and 8 say in numbers is what the code gives."""

import importlib.util
from contextlib import closing

import nbformat
import numpy as np
import pytest

import lrlab
from lrlab.course.catalogue import LESSONS as EXERCISES
from lrlab.course.catalogue import find
from lrlab.studies import ratefree
from tests.lessons.test_lessons import LESSONS, RAVINE, Prose

NEEDS_TENSORFLOW = pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="needs TensorFlow")


def cells_of(number):
    (path,) = [path for path in LESSONS if path.name.startswith(number)]
    return nbformat.read(path, as_version=4).cells


def lab_of(number, cell, **changed):
    """The lab that a cell of a lesson shows, with some of its sliders moved."""
    (source,) = [one.source for one in cells_of(number) if one.id == cell]
    lab = eval(source.strip(), {"lrlab": lrlab})
    if changed:
        lab.set(**changed)
    return lab


@pytest.mark.parametrize("lesson", [5, 6, 7, 8])
def test_each_exercise_is_in_its_lesson_once_and_code_has_a_cell_to_write_in(lesson):
    sources = [cell.source for cell in cells_of(f"0{lesson}") if cell.cell_type == "code"]
    for name in EXERCISES[lesson]:
        assert sources.count(f'lrlab.exercise("{name}")') == 1
        kind = find(name).task(0).kind
        assert sum(f'@lrlab.answer("{name}")' in source for source in sources) == (kind == "code")


class TestNumbersOfLesson5:
    says = Prose("05")

    def test_two_jobs(self):
        with closing(lab_of("05", "ravine")) as lab:
            assert [job.length for job in lab.jobs] == [6, 94]
            assert lab.jobs[0].improved == 1
            assert lab.jobs[1].improved == 100
            assert [round(job.rate, 6) for job in lab.jobs] == [0.085, 0.0425]
        self.says("Job 1 is 6 epochs long: epoch 1 improved the loss, and 5 epochs did not. Job 2 is 94 epochs long")

    def test_with_noise_those_are_patience_long_that_improve_nothing(self):
        with closing(lab_of("05", "noisy")) as lab:
            cut = [job for job in lab.jobs if job.cut]
        assert [job.length for job in cut] == [41, 52, 16, 10, 10, 10, 10]
        assert [job.improved > 0 for job in cut] == 3 * [True] + 4 * [False]
        self.says("Job 1 is 41 epochs long, job 2 is 52, job 3 is 16")
        self.says("Jobs 4 to 7 are 10 long, and none of them improves anything")

    def test_the_chain_is_exact_with_all_the_state_and_not_without(self):
        with closing(lab_of("05", "three-jobs")) as lab:
            assert [job.length for job in lab.jobs] == [28, 24, 8]
            assert lab.chain.same
            lab.set(carry=False)
            assert round(lab.chain.weights, 2) == 0.44
            first = lab.jobs[0].last
            assert np.array_equal(lab.chain.run.w[: first + 1], lab.run.w[: first + 1])
            assert round(lab.chain.run.final_loss[0], 3) == 0.012
            assert round(lab.run.final_loss[0], 3) == 0.195
        self.says("Here the chain even ends lower, 0.012 against 0.195.")
        self.says("Three jobs, 28, 24 and 8 epochs long")
        self.says("From the second job on it goes another way, and a weight is off by up to 0.44")

    def test_cut_to_a_standstill(self):
        with closing(lab_of("05", "standstill-lab")) as lab:
            assert len(lab.jobs) == 28
            assert [job.length for job in lab.jobs[1:-1]] == 26 * [5]
            assert not any(job.improved for job in lab.jobs[1:])
            assert lab.run.idle_epochs == [145]
            assert np.ptp(lab.run.watched[75:]) < 0.01
            stuck = lab.run.final_loss[0]
            gone = np.flatnonzero(lab.run.lr[:, 0] < lab.view.axes["rates"].get_ylim()[0])
            assert gone[0] == 58, "the epoch after"
            lab.set(patience=15)
            assert len(lab.jobs) == 5
            assert stuck / lab.run.final_loss[0] > 1000
        self.says("There are 28 jobs, and after the first none improves anything")
        self.says("its line leaves the picture at epoch 58")
        self.says("145 of 150 epochs bring no new best loss")
        self.says("Set patience to 15: five jobs, and the loss ends thousands of times lower")

    @NEEDS_TENSORFLOW
    def test_the_network(self):
        for carry in (True, False):
            with closing(lab_of("05", "keras-chain", carry=carry)) as lab:
                lab.wait()
                assert len(lab.jobs) > 1
                assert lab.chain.same == carry
                first = lab.jobs[0].last
                parted = np.flatnonzero(lab.chain.run.watched[:, 0] != lab.run.watched[:, 0])
                assert carry or parted[0] > first
        self.says("the chain leaves the run after the first cut")


class TestNumbersOfLesson7:
    says = Prose("07")

    def test_the_map(self):
        with closing(lab_of("07", "map-lab")) as lab:
            sweep = lab.sweep
            assert sweep.values.size == 900
            assert 0.94 < sweep.better.mean() < 0.97
            assert sweep.better[:, sweep.columns >= 5].all()
            assert sweep.constant[0] / sweep.values.min() > 100
            assert 8.5 < sweep.values.max() / sweep.constant[0] < 9.5
            lab.set(alpha=0.02)
            assert 0.5 < lab.sweep.better.mean() < 0.6
            assert not lab.sweep.better[:, sweep.columns < 5].any()
            lab.set(alpha=0.07, noise=0)
            assert lab.sweep.worse.all()
            lab.set(metric="gain over constant")
            assert lab.sweep.values.max() < 0.5, "none is white, which is a draw"
        self.says("In about 95 % of the cells cutting wins")
        self.says("more than a hundred times lower than the constant run, the worst one about nine times higher")
        self.says("a little more than half of the cells, and with patience below 5 in none of them")
        self.says("cutting loses everywhere")
        self.says("press *gain over constant*, and every cell has the colour of the constant run")

    def test_the_window_of_starting_rates(self):
        names = {"np": np, "lrlab": lrlab}
        exec(next(cell.source for cell in cells_of("07") if cell.id == "window"), names)
        found = names["found"]
        counts = {name: len(good) for name, good in found.items()}
        assert counts == {"constant": 5, "patience 5": 2, "patience 10": 13, "patience 20": 14}
        assert max(found["constant"]) < RAVINE.stability_edge() / 2
        assert max(found["patience 10"]) == max(found["patience 20"]) == 0.17
        assert min(found["patience 10"]) >= min(found["constant"])
        self.says("Constant: 5 of 30. With patience 10, 13 of 30; with 20, 14.")
        assert found["patience 5"] == [0.067, 0.17]
        assert RAVINE.target == pytest.approx(RAVINE.watch(RAVINE.start_point) / 1000)
        self.says("with patience 5 it is 2 of 30, 0.067 and 0.17, and those in between miss")
        self.says("the target, a thousandth of the loss at the start")
        self.says("far past the edge of 0.08")

    def test_the_map_of_alphas(self):
        with closing(lab_of("07", "alpha-map")) as lab:
            better, alphas = lab.sweep.better, lab.sweep.rows
        assert better[alphas > RAVINE.stability_edge()].mean() > 0.97
        assert not better[: len(alphas) // 2].any()
        self.says("past the edge of 0.08 nearly every cell wins")
        self.says("In the lower half none does.")

    def test_the_lowest_rate(self):
        def late(lowest, factor=0.1, patience=2):
            settings = lrlab.Settings(0.06, factor, patience, min_lr=lowest)
            runs = [lrlab.train(RAVINE, settings, epochs=200, noise=1, seed=seed) for seed in range(20)]
            return np.median([run.watched[-20:].mean() for run in runs])

        constant = late(0, 1, 1)
        assert 4 < late(0) / constant < 6
        assert 7 < constant / late(0.02) < 9
        assert late(0.02, 0.5, 10) > 1.5 * late(0, 0.5, 10)
        self.says(
            "about five times as high as the constant run. With a lowest rate of 0.02 it ends about eight times *lower*"
        )
        self.says("with a good patience a lowest rate is a price and not a gain")

    def test_what_it_costs(self):
        assert 900 * 10 * 200 == 1_800_000
        assert 3 < 1_800_000 / (365 * 24 * 60) < 4
        self.says(
            "1.8 million epochs. With a network that needs a minute for an epoch, these would be more than three years"
        )
        for knobs, words in enumerate(("| 5 | 15 |", "| 25 | 75 |", "| 125 | 375 |", "| 625 | 1,875 |"), start=1):
            assert words == f"| {5**knobs} | {3 * 5**knobs:,} |"
            self.says(words)

    @NEEDS_TENSORFLOW
    def test_the_defaults_of_keras(self):
        import keras

        callback = keras.callbacks.ReduceLROnPlateau()
        assert (callback.factor, callback.patience) == (0.1, 10)
        self.says("(Keras has 0.1 and 10)")


class TestNumbersOfLesson8:
    says = Prose("08")

    def test_the_line(self):
        with closing(lab_of("08", "line-lab")) as lab:
            by = {one.method: one for one in lab.solved}
            assert (by["Newton"].iterations, by["L-BFGS"].iterations, by["closed form"].iterations) == (1, 2, 1)
            lowest = by["closed form"].loss[-1]
            above = lab.run.loss[:, 0] - lowest
            assert np.argmax(above <= 1e-6 * above[0]) == 66
            ends = [one.loss[-1] for one in lab.solved]
            assert round(lab.run.loss[-1, 1] - lowest, 4) == 0.0023
            assert lab.run.watched[:, 1].argmin() < np.flatnonzero(lab.run.cuts[:, 1])[0] < 66
            assert lab.run.watched[-1, 0] > lab.run.watched[:, 0].min()
            lab.set(alpha=1.5)
            assert np.argmax(lab.run.loss[:, 1] - lowest <= 1e-6 * above[0]) == 17
            assert lab.run.cuts[:17, 1].sum() == 2
            assert np.isfinite(lab.run.diverged[0])
            assert [one.loss[-1] for one in lab.solved] == ends
        self.says("Newton's method takes one step, L-BFGS two")
        self.says("Gradient descent takes 66 steps to close the gap a million-fold")
        self.says("At 1.5 gradient descent diverges")
        self.says(
            "the cuts stop the run 0.0023 above the minimum. At 1.5 it is what saves the run: two cuts, and after 17"
        )

    def test_ten_features(self):
        with closing(lab_of("08", "price-lab")) as lab:
            quick = next(one for one in lab.solved if one.method == "L-BFGS")
            assert quick.done
            assert quick.gradients[-1] == 25
            assert lab.run.loss[-1, 0] > 1.001 * quick.loss[-1]
        assert ratefree.MEMORY == 10
        self.says("It has not; L-BFGS was there after 25 gradients.")
        self.says("learns the curvatures from the last ten gradients")
        digits = 64 * 32 + 32 + 32 * 10 + 10
        assert digits == 2410
        assert round(digits**2 / 1e6, 1) == 5.8
        self.says("2,410 weights, so 5.8 million numbers")

    def test_the_network(self):
        with closing(lab_of("08", "network-lab")) as lab:
            quick = lab.solved[-1]
            assert quick.loss[-1] < lab.run.loss[-1].min()
            assert round(quick.loss[-1], 3) == 0.087
            assert quick.watched.argmin() == 17
            assert round(quick.watched.min(), 3) == 0.147
            assert quick.watched[-1] > 16
            assert max(one.loss[-1] for one in lab.others) > 1.5 * min(one.loss[-1] for one in lab.others)
        self.says(
            "to 0.087, below both others. Its *validation* loss was lowest, 0.147, after 17 iterations, and is above 16"
        )

    def test_batches_and_alpha(self):
        names = {"np": np, "lrlab": lrlab}
        exec(next(cell.source for cell in cells_of("08") if cell.id == "batches"), names)
        best = {size: names["alphas"][names["late_losses"](size).argmin()] for size in (4, 32, 150)}
        assert best == {4: 0.1, 32: 1, 150: 3}
        assert len(names["moons"].samples.targets) == 150
        self.says("0.1 for batches of 4, 1 for 32, and 3 for all 150 rows")

    @NEEDS_TENSORFLOW
    def test_adam_needs_alpha(self):
        from lrlab.keras_live.data import check_data
        from tests.lessons.test_lesson_6 import trainer

        names = {"np": np, "lrlab": lrlab}
        for cell in cells_of("08"):
            if cell.id == "import":
                exec(cell.source, names)
            if cell.id == "adam-lab":
                exec(cell.source.split("lrlab.KerasLab")[0], names)
        train = trainer(names["get_model"], check_data(((names["x"], names["y"]), (names["x_val"], names["y_val"]))))
        straight, bent, wild = (train(alpha, patience=10, epochs=50) for alpha in (0.0003, 0.05, 3.0))
        assert max(straight[1]) < 0.9, "what a straight line gets"
        assert bent[1][0] > 0.93
        assert bent[0].final_loss[0] < straight[0].final_loss[0] / 2
        assert wild[0].watched[-10:, 0].mean() > 1 > wild[0].watched[0, 0]
        assert wild[0].watched[-20:, 0].std() > 0.1
        self.says(
            "and the validation loss is less than half as high. At 3 the constant run jumps about and ends above 1"
        )
