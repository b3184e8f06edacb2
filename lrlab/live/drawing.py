"""One thread draws at a time."""

from threading import RLock

# Matplotlib is made for one thread, and some of it is shared by all figures: what reads formulas, and fonts. Jupyter
# delivers messages in more than one thread, so two labs of a notebook would draw at once.
DRAWING = RLock()
