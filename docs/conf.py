"""Sphinx's settings for the site; docs/build.py calls it."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "docs"), str(ROOT)]  # for the two extensions of our own, and for lrlab

import lrlab  # noqa: E402

project = "lrlab"
author = "the authors of lrlab"
copyright = "the authors of lrlab, BSD-3-Clause"
release = version = lrlab.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.viewcode", "docstrings", "mathml"]
exclude_patterns = ["_build"]
templates_path = []

# Pages are Markdown; lessons are notebooks that docs/lessons.py has run already.
myst_enable_extensions = ["attrs_block", "colon_fence", "deflist", "dollarmath", "tasklist"]
myst_heading_anchors = 3
nb_execution_mode = "off"
nb_render_markdown_format = "myst"
html_math_renderer = "mathml"

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # docstrings give types, shapes and units
add_module_names = False
toc_object_entries = False

html_theme = "furo"
html_title = "lrlab"
html_theme_options = {"dark_css_variables": {"color-background-primary": "#111111"}}  # as the pictures' (stills.NIGHT)
html_static_path = ["_static", str(ROOT / "lrlab/labs/lab.css")]
html_css_files = ["lab.css", "site.css"]
html_copy_source = False
html_show_sphinx = False
pygments_style = "default"
pygments_dark_style = "monokai"
