"""Cells that are run again, in a real IPython kernel."""

import nbformat
from nbclient import NotebookClient

COUNT = """
import gc, ipywidgets, matplotlib.figure
gc.collect()
figures = sum(isinstance(thing, matplotlib.figure.Figure) for thing in gc.get_objects())
labs = sum(isinstance(thing, lrlab.DescentLab) for thing in gc.get_objects())
print(len(ipywidgets.widgets.widget._instances), figures, labs)
"""

RERUN = """
import lrlab
from IPython import get_ipython
kernel = get_ipython().kernel
kernel.get_parent("shell")["metadata"]["cellId"] = "the-same-cell"   # nbclient, unlike JupyterLab, names no cell
lab = lrlab.DescentLab("bowl", epochs=20)
lab
"""


def run(cells):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    return [
        "".join(output.get("text", "") for output in cell.outputs if output.output_type == "stream").strip()
        for cell in notebook.cells
    ]


def test_reruns_of_a_cell_leave_widgets_and_figures_flat():
    texts = run([*[RERUN] * 4, COUNT, *[RERUN] * 25, COUNT])
    assert texts[4] == texts[-1]
    widgets, figures, labs = map(int, texts[-1].split())
    assert 0 < widgets < 200
    assert figures <= 2
    assert labs <= 4, "IPython's _, __ and ___, and the one that is shown"


def test_a_lab_with_another_name_can_be_read_after_its_cell_was_run_again():
    texts = run([RERUN, "mine = Out[1]", RERUN, "print(mine.comm, mine.run.epochs, 1 in Out, 3 in Out)"])
    assert texts[-1] == "None 20 False True"


def test_labs_of_one_run_of_a_cell_live_side_by_side():
    texts = run([RERUN + "\nother = lrlab.DescentLab('bowl')\nprint(lab.comm is not None, other.comm is not None)"])
    assert texts == ["True True"]


def test_another_cell_leaves_the_lab_alone():
    again = RERUN.replace("the-same-cell", "another-cell").replace("lab =", "other =").replace("\nlab\n", "\nother\n")
    texts = run([RERUN, again, "print(lab.comm is not None, other.comm is not None)"])
    assert texts[-1] == "True True"
