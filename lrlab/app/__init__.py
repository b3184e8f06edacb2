"""The ``lrlab`` command: one file per sub-command, and ``main.py``, which lists them."""
