"""Lessons 0, 2 and 3: every number in their prose is what the code gives."""

import numpy as np
import pytest

import lrlab
from lrlab.course.self_check import CHECKS, checked
from lrlab.studies.jobs import CONSTANT, PLATEAU, compare, whole_jobs
from tests.lessons.test_lessons import LESSONS, Prose, pair

RAVINE = lrlab.problems.ravine()
SEEDS = range(20)


def job(alpha, kind=CONSTANT, epochs=100):
    factor = 1 if kind == CONSTANT else 0.5
    return whole_jobs(RAVINE, kind, lrlab.Settings(alpha, factor, 5), epochs=epochs)[0]


class TestLesson0:
    def test_the_map_has_every_lesson(self):
        says = Prose("00")
        for path in LESSONS:
            if not path.name.startswith("00"):
                says(f"({path.name})")

    def test_the_self_check_has_a_row_for_everything_and_all_works_here(self):
        rows = checked()
        assert len(rows) == len(CHECKS)
        assert [row for row in rows if row.works is False] == []
        assert "✓" in lrlab.self_check().data

    def test_what_fails_is_told_in_its_row_and_the_others_go_on(self, monkeypatch):
        def broken():
            raise OSError("no room <here>")

        monkeypatch.setitem(CHECKS, "labs", broken)
        rows = {row.what: row for row in checked()}
        assert rows["labs"][1:] == (False, "OSError: no room <here>")
        assert rows["training"].works
        assert "no room &lt;here&gt;" in lrlab.self_check().data

    def test_without_tensorflow_that_is_said_and_is_no_fault(self, monkeypatch):
        from importlib.metadata import PackageNotFoundError, version

        def missing(name):
            if "tensorflow" in name:
                raise PackageNotFoundError(name)
            return version(name)

        monkeypatch.setattr("lrlab.course.self_check.version", missing)
        row = next(row for row in checked() if row.what == "TensorFlow")
        assert row.works is None
        assert "lrlab[keras]" in row.words


class TestLesson2:
    says = Prose("02")
    losses = (2.0, 1.6, 1.3, 1.1, 1.3, 1.25, 1.2, 1.05, 1.2, 1.15, 1.3, 1.2, 1.1, 1.25, 1.2, 1.15, 1.2)

    def cuts(self, patience):
        after = np.array([0.1, *lrlab.plateau.rates(self.losses, 0.1, 0.5, patience)])
        return (1 + np.flatnonzero(np.diff(after) < 0)).tolist()

    def test_the_replayed_losses(self):
        assert self.cuts(3) == [7, 11, 14, 17]
        assert self.cuts(4)[0] == 12
        self.says("It is, at the end of epoch 7.")
        self.says("the second cut comes at the end of epoch 11")
        self.says("and not at the end of epoch 10")
        self.says("the first cut waits until epoch 12")
        assert self.losses[5] < self.losses[4]
        assert self.losses[6] < self.losses[5]
        assert min(self.losses[:7]) == 1.1
        assert min(self.losses) == self.losses[7] == 1.05
        assert np.diff([0, *self.cuts(3)]).tolist() == [7, 4, 3, 3]
        self.says("the rates above last 7, 4, 3 and 3 epochs")

    def test_the_cell_has_these_losses(self):
        import nbformat

        (path,) = [path for path in LESSONS if path.name.startswith("02")]
        (cell,) = [cell for cell in nbformat.read(path, as_version=4).cells if cell.id == "replay"]
        found = {}
        exec(cell.source.split("replayed")[0], {}, found)
        assert tuple(found["losses"]) == self.losses

    def test_too_little_to_count(self):
        run = pair(0.05, 0.5, 5)
        assert (np.diff(run.loss[:, 0]) < 0).all()
        assert run.cuts[:, 1].sum() == 18
        self.says("It is cut 18 times.")
        calm = lrlab.train(RAVINE, lrlab.Settings.pair(0.05, 0.5, 5, min_delta=1e-9), epochs=200)
        assert not calm.cuts.any()
        np.testing.assert_array_equal(calm.loss[:, 0], calm.loss[:, 1])

    def test_the_chance_of_no_new_best(self):
        noise = np.random.default_rng(0).standard_normal((20_000, 35))
        share = (noise[:, 30:].min(axis=1) > noise[:, :30].min(axis=1)).mean()
        assert share == pytest.approx(30 / 35, abs=0.01)
        assert round(100 * 30 / 35) == 86
        self.says("that is 86 %")

    @pytest.mark.parametrize(
        ("factor", "patience", "t", "height"),
        [(0.1, 2, 2, 448), (0.5, 5, 17, 24), (0.5, 20, 66, 4), (0.9, 3, 66, 3), (0.9, 30, 656, 50)],
    )
    def test_the_table_of_factor_and_patience(self, factor, patience, t, height):
        late = [pair(0.06, factor, patience, noise=1, seed=seed).loss[-50:].mean(axis=0) for seed in SEEDS]
        constant, plateau = np.median(late, axis=0)
        assert round(patience * np.log(10) / np.log(1 / factor)) == t
        assert round(100 * plateau / constant) == height
        self.says(f"| {factor} | {patience} | {t} | {height} % |")

    def test_patience_under_noise_as_it_is_seen(self):
        hasty, patient, mild = (
            pair(0.06, f, p, noise=1).loss[-50:].mean(axis=0) for f, p in ((0.1, 2), (0.1, 20), (0.9, 2))
        )
        assert hasty[1] > 2 * hasty[0]
        assert patient[1] < patient[0]
        assert mild[1] < mild[0] / 2

    def test_cut_too_far(self):
        for factor, epochs in ((0.9, 81), (0.5, 51)):
            assert pair(0.2, factor, 5).epochs_to(RAVINE.target)[1] == epochs
        assert pair(0.2, 0.9, 5).cuts[:81, 1].sum() == 15
        self.says("With 0.9 it takes fifteen cuts and 81 epochs to reach the target. With 0.5 it takes 51 epochs.")
        run = pair(0.2, 0.1, 5)
        assert np.isnan(run.epochs_to(RAVINE.target)[1])
        first, second, third = run.segments(1)[:3]
        assert [round(part.rate, 4) for part in (first, second, third)] == [0.2, 0.02, 0.002]
        falling = run.loss[first.length : first.length + second.length + 1, 1]
        assert (np.diff(falling) < 0).all()
        assert run.loss[1:, 1].min() == run.loss[1, 1] < falling.min()


class TestLesson3:
    says = Prose("03")

    def test_jobs_with_a_constant_rate(self):
        slow, good, lost = job(0.01), job(0.05), job(0.085)
        assert (round(slow.best_loss, 2), slow.best_epoch) == (1.07, 100)
        assert round(good.best_loss, 5) == 0.00028
        assert (lost.best_epoch, lost.idle_epochs) == (1, 99)
        self.says("Alpha 0.01 comes to 1.07, and is still on its way")
        self.says("Alpha 0.05 comes to 0.00028.")
        self.says("its best epoch is the first, and the 99 that follow bring nothing")

    def test_jobs_with_the_callback(self):
        once = job(0.085, PLATEAU)
        assert round(once.best_loss, 5) == 0.00078
        assert [(part.length, round(part.rate, 4)) for part in once.run.segments(0)] == [(6, 0.085), (94, 0.0425)]
        self.says("With the callback it comes to 0.00078, and ends with 0.0425")
        self.says("after six epochs the rule cut the rate, once.")
        self.says("a job of 6 epochs with 0.085, and one of 94 with 0.0425")
        far = job(0.2, PLATEAU)
        assert (far.run.cuts.sum(), round(far.best_loss, 4), round(far.final_rate, 3)) == (3, 0.0016, 0.025)
        self.says("Try alpha 0.2: three cuts, 0.0016, and 0.025 at the end.")

    def test_what_it_is_good_for(self):
        found = compare(RAVINE, lrlab.Settings(0.05, 0.5, 5), jobs=10, seeds=SEEDS, epochs=200)
        assert found.ahead.tolist() == [1, 1, 0, 0, -1, -1, -1, -1, -1, -1]
        self.says(
            "ahead of one and of two constant jobs, level with three or four, and from five on tuning finds better"
        )
        small = compare(RAVINE, lrlab.Settings(0.002, 0.5, 5), jobs=10, seeds=SEEDS, epochs=200)
        assert (small.ahead == -1).all()
        self.says("already a single constant job, its rate drawn at random, does better")

    def test_the_glossary_is_quoted_word_for_word(self):
        self.says(
            "The variables that you or a hyperparameter tuning service adjust during successive runs of training a "
            "model. For example, learning rate is a hyperparameter."
        )
        self.says("You could set the learning > rate to 0.01 before one training session.")
        self.says("In contrast, parameters are the various weights and bias that the model *learns* during training.")
