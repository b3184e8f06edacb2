"""Numbers only: what is minimised, the plateau rule, gradient descent, and the record it leaves.

Read in this order: `problem`, `surfaces`, `settings`, `plateau`, `descent`, `run`.
"""
