"""Numbers only: what is minimised, the plateau rule, gradient descent, and the record it leaves.

Read in this order: `problem`, `surfaces`, `models`, `problems`, `settings`, `plateau`, `descent`, `run`. What a
parameter may be is in `rules`, and two helpers for arrays are in `arrays`.
"""
