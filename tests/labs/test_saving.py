"""What is taken away from a lab: pictures, movies, numbers and scenes, from code and by buttons."""

import csv
import errno
import io
import json
import re
import stat
import sys
import threading
import time
import xml.etree.ElementTree as ElementTree

import matplotlib
import numpy as np
import pytest
from PIL import Image

import lrlab
from lrlab.labs import saves
from lrlab.labs.sharing import checked_name, default_name
from lrlab.live import wire
from lrlab.live.film import FAINT
from lrlab.live.movies import Cancelled, delays, timing

BLUE, VERMILION = (0, 114, 178), (213, 94, 0)


@pytest.fixture
def lab():
    lab = lrlab.DescentLab("bowl", alpha=0.1, factor=0.5, patience=3, epochs=30)
    yield lab
    lab.close()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The kernel's working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def frames_of(path):
    with Image.open(path) as movie:
        frames = []
        for number in range(movie.n_frames):
            movie.seek(number)
            frames.append(np.asarray(movie.convert("RGB")).astype(int))
        return frames


def place_of(lab, epoch, run, size):
    """Where a run's weights are at an epoch, in pixels of a picture of that size."""
    figure, axes = lab.figure.figure, lab.view.axes["surface"]
    x, y = axes.transData.transform(lab.run.w[epoch, run]) / figure.bbox.size * size
    return round(size[1] - y), round(x)


def near(picture, place, colour, radius=3):
    """How far the nearest pixel around a place is off a colour, in levels."""
    row, column = place
    spot = picture[row - radius : row + radius + 1, column - radius : column + radius + 1]
    return np.abs(spot - colour).max(axis=-1).min()


def data_of(lab):
    """What all live lines show."""
    return [np.array(line.get_xydata()) for line in wire.live_artists(lab.figure.figure) if hasattr(line, "get_xydata")]


# Pictures --------------------------------------------------------------------------------------------------------


def test_a_png_is_as_wide_as_it_should_be_and_shows_the_end(lab, tmp_path):
    path = lab.save(tmp_path / "a.png", width=1400)
    assert path == tmp_path / "a.png"
    with Image.open(path) as picture:
        assert picture.width == 1400
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    assert near(pixels, place_of(lab, 30, 0, np.array(pixels.shape[1::-1])), VERMILION) == 0


def test_a_picture_has_the_epoch_that_is_shown_and_the_rest_pale(lab, tmp_path):
    before = data_of(lab)
    lab.player.epoch = 4
    with Image.open(lab.save(tmp_path / "a.png")) as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    size = np.array(pixels.shape[1::-1])
    assert near(pixels, place_of(lab, 4, 0, size), VERMILION) == 0  # both runs are one so far, the constant one on top
    later = place_of(lab, 30, 0, size)
    pale = [255 - FAINT * (255 - part) for part in VERMILION]
    assert near(pixels, later, VERMILION) > 40
    assert near(pixels, later, pale) <= 1
    lab.player.hide()
    with Image.open(lab.save(tmp_path / "hidden.png")) as picture:
        hidden = np.asarray(picture.convert("RGB")).astype(int)
    assert near(hidden, later, pale, radius=2) > 1
    for line, was in zip(data_of(lab), before, strict=True):
        np.testing.assert_array_equal(line, was)


def test_an_svg_and_a_pdf_have_text_and_lines(lab, tmp_path):
    with matplotlib.rc_context({"svg.fonttype": "none", "pdf.compression": 0}):
        svg, pdf = lab.save(tmp_path / "a.svg"), lab.save(tmp_path / "a.pdf").read_bytes()
    tree = ElementTree.parse(svg)
    told = " ".join(text for node in tree.iter() if node.tag.endswith("text") for text in node.itertext())
    assert "learning rate" in told
    assert "constant" in told
    assert svg.read_text().lower().count("#0072b2") > 3
    assert pdf.startswith(b"%PDF")
    assert pdf.rstrip().endswith(b"%%EOF")
    assert b"/Font" in pdf


# Movies ----------------------------------------------------------------------------------------------------------


def test_a_gif_has_a_frame_for_each_epoch_and_heads_where_the_weights_are(lab, tmp_path):
    told, before = [], data_of(lab)
    path = lab.save(tmp_path / "a.gif", width=700, progress=lambda done, of: told.append((done, of)))
    frames = frames_of(path)
    assert len(frames) == 31
    assert told == [(done, 31) for done in range(1, 32)]
    rows, columns, _ = frames[0].shape
    assert columns == 700
    assert rows == pytest.approx(700 * lab.figure.figure.bbox.height / lab.figure.figure.bbox.width, abs=1.1)
    assert (frames[0] != frames[-1]).any()
    assert path.stat().st_size < 1e6
    for epoch in (3, 12, 30):
        # The two runs are one until the first cut: the constant one is on top.
        place = place_of(lab, epoch, 0, np.array([columns, rows]))
        assert near(frames[epoch], place, VERMILION) <= 3
    assert near(frames[3], place_of(lab, 30, 0, np.array([columns, rows])), VERMILION) > 40
    for line, was in zip(data_of(lab), before, strict=True):
        np.testing.assert_array_equal(line, was)
    assert lab.player.epoch == 30


def test_a_gif_has_one_palette_with_both_colours_and_white(lab, tmp_path):
    with Image.open(lab.save(tmp_path / "a.gif")) as movie:
        movie.seek(movie.n_frames - 1)
        last = np.asarray(movie.convert("RGB")).reshape(-1, 3)
    for colour in (BLUE, VERMILION, (255, 255, 255)):
        assert (last == colour).all(axis=-1).any()
    drawn = lab.save(tmp_path / "a.png", width=1000)
    with Image.open(drawn) as picture:
        exact = np.asarray(picture.convert("RGB")).reshape(-1, 3).astype(int)
    assert np.abs(exact - last).mean() < 3


def test_long_runs_have_two_hundred_frames_unless_more_are_wanted(tmp_path):
    assert len(timing(1001)[0]) == 200
    shown, fps = timing(201, fps=25, seconds=8)
    assert (len(shown), shown[0], shown[-1], fps) == (200, 1, 201, 25)
    assert timing(3)[0] == [1, 2, 3]
    assert len(timing(1000, seconds=2)[0]) == 100
    assert timing(1)[0] == [1]
    assert sum(delays(200, 23.0)[:-1]) == pytest.approx(199 / 23 * 1000, abs=10)


@pytest.mark.parametrize("option", [{"fps": 0}, {"fps": 1000}, {"seconds": -1}, {"seconds": np.nan}, {"width": 3}])
def test_options_that_no_movie_can_have_are_refused(lab, tmp_path, option):
    with pytest.raises(ValueError, match=next(iter(option))):
        lab.save(tmp_path / "a.gif", **option)
    assert names(tmp_path) == []


def test_what_a_model_has_learned_moves_in_its_movie(tmp_path):
    lab = lrlab.DescentLab("mlp_moons", alpha=1.0, epochs=12)
    frames = frames_of(lab.save(tmp_path / "a.gif", width=600))
    shown = np.array(lab.view.fits[0].regions.get_array())
    box = lab.view.fits[0].regions.axes.bbox
    scale = 600 / lab.figure.figure.bbox.width
    left, right = int(box.x0 * scale) + 4, int(box.x1 * scale) - 4
    rows = frames[0].shape[0]
    top, bottom = rows - int(box.y1 * scale) + 4, rows - int(box.y0 * scale) - 4
    early, late = (frame[top:bottom, left:right] for frame in (frames[1], frames[-1]))
    assert (np.abs(early - late).max(axis=-1) > 8).mean() > 0.1
    np.testing.assert_array_equal(lab.view.fits[0].regions.get_array(), shown)
    lab.close()


def test_the_rule_is_opened_in_the_movie_where_it_is_in_the_lab(lab, tmp_path):
    closed = frames_of(lab.save(tmp_path / "closed.gif", width=500))
    lab.inspector.opened.value = True
    opened = frames_of(lab.save(tmp_path / "opened.gif", width=500))
    assert (np.abs(opened[0] - closed[0]).max(axis=-1) > 30).sum() < 20  # palettes differ a little
    assert (np.abs(opened[10] - closed[10]).max(axis=-1) > 30).sum() > 50


def test_what_is_hidden_is_not_in_the_movie(lab, tmp_path):
    lab.player.epoch = 9
    lab.hiding.value = True
    assert len(frames_of(lab.save(tmp_path / "a.gif"))) == 10


def test_a_movie_ends_with_what_is_trained_where_epochs_to_come_are_hidden(lab, tmp_path):
    lab._epochs_to_come = lambda run: 60  # as where training takes its time
    lab.inspector.opened.value = True
    lab.hide(45)
    assert (lab.player.limit, lab.run.epochs) == (45, 30)
    assert len(frames_of(lab.save(tmp_path / "a.gif", width=300))) == 31


def test_runs_that_leave_for_infinity_are_filmed(tmp_path):
    lab = lrlab.DescentLab("ravine", alpha=0.9, epochs=400)
    assert np.isnan(lab.run.loss).any() or np.isinf(lab.run.loss).any()
    assert lab.save(tmp_path / "a.gif", width=300, fps=10, seconds=2).stat().st_size > 1000
    lab.close()


def test_a_cancelled_movie_leaves_nothing_and_an_older_one_as_it_was(lab, tmp_path):
    asked = iter([False] * 5 + [True])
    with pytest.raises(Cancelled):
        lab.save(tmp_path / "a.gif", cancelled=lambda: next(asked))
    assert names(tmp_path) == []
    (tmp_path / "a.gif").write_bytes(b"older")
    with pytest.raises(Cancelled):
        lab.save(tmp_path / "a.gif", cancelled=lambda: True)
    assert names(tmp_path) == ["a.gif"]
    assert (tmp_path / "a.gif").read_bytes() == b"older"


def fake_ffmpeg(folder, body):
    """A program in ffmpeg's place, which matplotlib calls with a pipe."""
    path = folder / "ffmpeg"
    path.write_text(f"#!{sys.executable}\nimport sys\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.mark.skipif(sys.platform == "win32", reason="a script with a #! stands in for ffmpeg")
def test_an_mp4_goes_through_ffmpeg(lab, tmp_path):
    program = fake_ffmpeg(
        tmp_path, "open(sys.argv[-1], 'wb').write(' '.join(sys.argv).encode() + sys.stdin.buffer.read())"
    )
    with matplotlib.rc_context({"animation.ffmpeg_path": program}):
        written = lab.save(tmp_path / "a.mp4", width=301, seconds=3).read_bytes()
    head, tail = written.split(b".mp4", 1)
    width, height = map(int, head.decode().split(" -s ")[1].split()[0].split("x"))
    assert (width, height % 2) == (300, 0)
    count = len(tail) / (4 * width * height)
    assert count == 31 + round(1.5 * 31 / 3)  # the last frame stays a little longer
    first, last = (np.frombuffer(tail, np.uint8).reshape(-1, height, width, 4)[i, ..., :3].astype(int) for i in (0, -1))
    assert near(last, place_of(lab, 30, 0, np.array([width, height])), VERMILION) < 20
    assert near(first, place_of(lab, 30, 0, np.array([width, height])), VERMILION) > 20


@pytest.mark.skipif(sys.platform == "win32", reason="a script with a #! stands in for ffmpeg")
def test_what_ffmpeg_complains_of_is_told(lab, tmp_path):
    program = fake_ffmpeg(tmp_path, "sys.exit('Unknown encoder h264')")
    with (
        matplotlib.rc_context({"animation.ffmpeg_path": program}),
        pytest.raises(RuntimeError, match="Unknown encoder"),
    ):
        lab.save(tmp_path / "a.mp4")
    assert names(tmp_path) == ["ffmpeg"]


def test_without_ffmpeg_an_mp4_is_refused_with_the_remedy(lab, tmp_path):
    with (
        matplotlib.rc_context({"animation.ffmpeg_path": "no-such-program"}),
        pytest.raises(RuntimeError, match="conda install ffmpeg"),
    ):
        lab.save(tmp_path / "a.mp4")


# Numbers and scenes ----------------------------------------------------------------------------------------------


def table_of(path):
    return list(csv.DictReader(io.StringIO(path.read_text())))


def test_numbers_read_back_as_those_of_the_run(tmp_path):
    lab = lrlab.DescentLab("ravine", alpha=0.3, epochs=40, rule="1-cycle")  # one of them diverges
    rows, run = table_of(lab.save(tmp_path / "a.csv")), lab.run
    assert [int(row["epoch"]) for row in rows] == list(range(41))
    for i, name in enumerate(("constant", "plateau", "1-cycle")):
        assert rows[0][f"{name} learning rate"] == ""
        rates = [np.float32(row[f"{name} learning rate"]) for row in rows[1:]]
        np.testing.assert_array_equal(rates, run.lr[:, i])
        for what, values in {
            "watched loss": run.watched[:, i],
            "training loss": run.loss[:, i],
            "w0": run.w[:, i, 0],
            "w1": run.w[:, i, 1],
        }.items():
            np.testing.assert_array_equal([float(row[f"{name} {what}"]) for row in rows], values)
    lab.close()
    assert len(rows[0]) == 1 + 3 * 5
    assert lab.save(tmp_path / "b.csv").read_text() == (tmp_path / "a.csv").read_text()  # closed, it is still readable


def test_many_weights_have_no_columns_and_validation_losses_have_theirs(tmp_path):
    lab = lrlab.DescentLab("mlp_moons", epochs=5)
    rows = table_of(lab.save(tmp_path / "a.csv"))
    assert len(rows[0]) == 1 + 2 * 3
    assert rows[3]["plateau watched loss"] == str(lab.run.watched[3, 1])
    assert rows[3]["plateau training loss"] == str(lab.run.loss[3, 1])
    assert rows[3]["plateau watched loss"] != rows[3]["plateau training loss"]
    lab.close()


def test_other_labs_name_their_runs(tmp_path):
    chain = lrlab.ChainLab("bowl", epochs=20, separate=True, rule="cosine")
    replay = lrlab.replay([3.0, 2.0, 2.0, 2.0, 1.0], alpha=0.1, patience=2)
    jobs = lrlab.JobsLab("bowl", epochs=10)
    with pytest.raises(ValueError, match="No job"):
        jobs.save(tmp_path / "a.csv")
    jobs.train_job("off")
    jobs.controls["epochs"].value = 15
    jobs.train_job("on")
    heads = {}
    for lab in (chain, replay, jobs):
        rows = table_of(lab.save(tmp_path / "a.csv"))
        heads[lab] = list(dict.fromkeys(name.rsplit(" ", 2)[0] for name in rows[0] if name.endswith("learning rate")))
    assert heads == {chain: ["plateau", "cosine", "jobs"], replay: ["plateau"], jobs: ["1 constant", "2 plateau"]}
    assert rows[11]["1 constant watched loss"] == ""
    assert float(rows[15]["2 plateau watched loss"]) == jobs.jobs[1].run.watched[15, 0]
    for lab in (chain, replay, jobs):
        lab.close()


def plateau(epoch, rate, losses):
    return rate


def jobs(epoch, rate, losses):
    return rate


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (lambda: lrlab.DescentLab("bowl", epochs=9, rule=plateau), ["constant", "plateau", "plateau (third run)"]),
        (lambda: lrlab.ChainLab("bowl", epochs=9, rule=plateau), ["plateau", "plateau (third run)"]),
        (
            lambda: lrlab.ChainLab("bowl", epochs=9, rule=jobs, separate=True),
            ["plateau", "jobs (third run)", "jobs"],
        ),
        (lambda: lrlab.ChainLab("bowl", epochs=9, rule=jobs), ["plateau", "jobs"]),
    ],
)
def test_a_rule_that_is_called_like_another_run_loses_none(make, names, tmp_path):
    lab = make()
    heads = [name for name in table_of(lab.save(tmp_path / "a.csv"))[0] if name.endswith(" watched loss")]
    assert heads == [f"{name} watched loss" for name in names]
    lab.close()


def test_a_scene_is_saved_and_opens(lab, tmp_path):
    assert json.loads(lab.save(tmp_path / "a.json").read_text()) == lab.scene
    for name in ("a.json", "a.txt"):
        path = lab.save(tmp_path / name)
        again = lrlab.from_scene(path.read_text())
        assert again.scene == lab.scene
        again.close()


def test_every_ending_that_is_known_is_named_where_one_is_not(lab, tmp_path):
    for name in ("a.bmp", "a"):
        with pytest.raises(ValueError, match=r"\.png, \.svg, \.pdf, \.gif, \.mp4, \.csv, \.json, \.txt") as caught:
            lab.save(tmp_path / name)
        assert ".bmp" in str(caught.value) or "no ending" in str(caught.value)


def test_what_cannot_be_played_is_told(tmp_path):
    lab = lrlab.RateFreeLab(epochs=20)
    with pytest.raises(ValueError, match="no epochs to play"):
        lab.save(tmp_path / "a.gif")
    assert lab.save(tmp_path / "a.png").exists()
    assert lab.sharing.name.value == "logistic_regression-rate-free"
    lab.close()


def test_paths_over_a_map_are_filmed(tmp_path):
    lab = lrlab.BasinLab("himmelblau", alpha=0.01, points=12, epochs=15)
    path = lab.save(tmp_path / "a.gif", width=500, fps=10)
    frames, stay = frames_of(path), []
    with Image.open(path) as movie:
        for number in range(movie.n_frames):
            movie.seek(number)
            stay.append(movie.info["duration"])
    assert 2 < len(frames) <= 16  # epochs at rest look alike, and Pillow makes one long frame of them
    assert sum(stay) == 16 * 100 + 1500
    assert (np.abs(frames[0] - frames[-1]).max(axis=-1) > 60).sum() > 50
    lab.close()


def test_a_closed_lab_has_no_picture(lab, tmp_path):
    lab.close()
    for name in ("a.png", "a.gif"):
        with pytest.raises(ValueError, match="closed"):
            lab.save(tmp_path / name)


def test_a_folder_that_is_not_there_is_told_with_the_name_that_was_asked_for(lab, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"a\.png"):
        lab.save(tmp_path / "nowhere" / "a.png")


# Buttons ---------------------------------------------------------------------------------------------------------


def test_buttons_write_into_the_working_directory_and_replace_nothing(lab, folder):
    sharing = lab.sharing
    for button in (sharing.picture, sharing.numbers, sharing.scene, sharing.picture):
        button.click()
    sharing.picture_kind.value = "PDF"
    sharing.picture.click()
    sharing.movie.click()
    assert sharing.movie.disabled
    assert sharing.wait(60)
    assert not sharing.movie.disabled
    endings = [".csv", ".gif", ".json", ".pdf", ".png"]
    assert names(folder) == sorted(["bowl-descent-2.png", *(f"bowl-descent{ending}" for ending in endings)])
    assert sharing.message.value.startswith("Saved bowl-descent.gif")
    assert str(folder) in sharing.message.value
    assert sharing.download.name == "bowl-descent.gif"
    assert len(frames_of(folder / "bowl-descent.gif")) == 31
    assert sharing.bar.value == sharing.bar.max == 31


def test_a_picture_that_is_saved_meanwhile_leaves_the_frames_in_sight(lab, folder, monkeypatch):
    draw = saves.Film.frame
    go_on = threading.Event()

    def slowly(film, points):
        assert go_on.wait(60)
        return draw(film, points)

    monkeypatch.setattr(saves.Film, "frame", slowly)
    lab.sharing.movie.click()
    lab.sharing.picture.click()
    told = lab.sharing.message.value
    go_on.set()
    assert re.match(r"Frames: \d+ of \d+\. Saved bowl-descent\.png", told)
    assert lab.sharing.wait(60)
    assert lab.sharing.message.value.startswith("Saved bowl-descent.gif")


def test_a_slider_that_moves_meanwhile_moves_nothing_in_the_movie(lab, folder, tmp_path_factory):
    expected = frames_of(lab.save(tmp_path_factory.mktemp("other") / "a.gif"))
    lab.sharing.movie.click()
    lab.controls["alpha"].value = 0.7
    lab.controls["problem"].value = "ravine"
    assert lab.sharing.wait(60)
    saved = frames_of(folder / "bowl-descent.gif")
    assert len(saved) == len(expected)
    assert all((one == other).all() for one, other in zip(saved, expected, strict=True))
    assert lab.sharing.name.value == "ravine-descent"
    assert lab.run.epochs == 200


def test_nor_in_the_bands_of_a_chain(tmp_path):
    lab = lrlab.ChainLab("ravine", epochs=30, patience=2)
    expected = frames_of(lab.save(tmp_path / "a.gif"))
    saved = frames_of(lab.save(tmp_path / "b.gif", progress=lambda done, of: lab.set(patience=5)))
    assert all((one == other).all() for one, other in zip(saved, expected, strict=True))
    lab.close()


def test_cancel_leaves_nothing(lab, folder, monkeypatch):
    begun = []
    draw = saves.Film.frame

    def slowly(film, points):
        begun.append(points)
        while not lab.sharing._cancelling:
            time.sleep(0.01)
        return draw(film, points)

    monkeypatch.setattr(saves.Film, "frame", slowly)
    lab.sharing.movie.click()
    lab.sharing.cancel.click()
    assert lab.sharing.wait(60)
    assert lab.sharing.message.value == "Cancelled; nothing was saved."
    assert lab.sharing.download.name == ""
    assert names(folder) == []
    assert len(begun) < 10


def test_names_that_are_none_or_lead_elsewhere_are_refused(lab, folder):
    for name in ("../x", "a/b", "a\\b", "..", "", "  ", ".hidden", "a:b", "what?", "a\x00b", "x" * 200,
                 "CON", "nul", "com1.old", "LPT9"):  # fmt: skip
        lab.sharing.name.value = name
        for button in (lab.sharing.picture, lab.sharing.movie, lab.sharing.numbers):
            lab.sharing.message.value = ""
            button.click()
            assert "name" in lab.sharing.message.value, name
            assert lab.sharing.download.name == ""
        assert not lab.sharing._worker.busy
    assert names(folder) == []
    assert "x.png" not in names(folder.parent)


def test_names_keep_what_was_typed():
    assert checked_name(" My run v1.2 ", ".gif") == "My run v1.2"
    assert checked_name("mine.GIF", ".gif") == "mine"
    assert checked_name("Größe α", ".csv") == "Größe α"
    assert checked_name("Console.7", ".png") == "Console.7"
    assert checked_name("mine.gif", ".png") == checked_name("mine.PNG", ".gif") == "mine"


def test_a_typed_name_stays_when_the_problem_changes(lab):
    lab.sharing.name.value = "mine"
    lab.controls["problem"].value = "ravine"
    assert lab.sharing.name.value == "mine"
    assert default_name(lab) == "ravine-descent"


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.EACCES, "cannot be written to"), (errno.ENOSPC, "no room left"), (errno.EROFS, "cannot")],
)
def test_errors_of_the_disk_are_a_line(lab, folder, monkeypatch, number, words):
    def refuse(self, data):
        raise OSError(number, "what the system says", str(self))

    monkeypatch.setattr(saves.Path, "write_bytes", refuse)
    lab.sharing.picture.click()
    assert lab.sharing.message.value.startswith("Not saved.")
    assert words in lab.sharing.message.value
    assert str(folder) in lab.sharing.message.value
    assert names(folder) == []
    monkeypatch.undo()
    monkeypatch.chdir(folder)
    lab.sharing.picture.click()
    assert names(folder) == ["bowl-descent.png"]


def test_errors_while_a_movie_is_written_are_a_line(lab, folder, monkeypatch):
    def refuse(film, points):
        raise OSError(errno.ENOSPC, "No space left on device", str(folder / "x"))

    monkeypatch.setattr(saves.Film, "frame", refuse)
    lab.sharing.movie.click()
    assert lab.sharing.wait(60)
    assert "no room left on the disk" in lab.sharing.message.value
    assert names(folder) == []


def test_a_lab_that_closes_gives_up_its_movie(lab, folder):
    lab.sharing.movie.click()
    lab.close()
    worker = lab.sharing._worker
    worker._thread.join(60)
    assert not worker._thread.is_alive()
    assert [name for name in names(folder) if not name.endswith(".gif")] == []
    assert not [name for name in names(folder) if name.startswith(".")]


def test_the_browser_gets_the_file_that_was_saved(lab, folder):
    sent = []
    lab.sharing.numbers.click()
    lab.sharing.download.send = lambda content, buffers=(): sent.append((content, buffers))
    lab.sharing.download._answer(None, "file", [])
    assert sent == [({"name": "bowl-descent.csv"}, [(folder / "bowl-descent.csv").read_bytes()])]
    (folder / "bowl-descent.csv").unlink()
    lab.sharing.download._answer(None, "file", [])
    assert "cannot be read" in sent[1][0]["error"]
