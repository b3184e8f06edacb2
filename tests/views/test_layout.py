"""Where panels and words go, on wide pages and on a phone."""

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

import lrlab


@pytest.mark.parametrize("width", [300, 330, 420, 1000])
@pytest.mark.parametrize("problem", ["styblinski_tang", "ravine", "linear_regression"])
def test_titles_end_with_the_picture(problem, width):
    lab = lrlab.DescentLab(problem, epochs=20)
    figure = lab.figure.figure
    lab.figure._arrange(figure, width)
    renderer = FigureCanvasAgg(figure).get_renderer()
    ends = {
        axes.get_title(loc="left"): axes._left_title.get_window_extent(renderer).x1
        for axes in figure.axes
        if axes.get_title(loc="left")
    }
    lab.close()
    assert max(ends.values()) <= width, ends
