"""Numbers only: what is minimised, the plateau rule, gradient descent, and the record it leaves.

Read first, in this order: `problem`, `surfaces`, `settings`, `plateau`, `descent`, `run`. Then what you are curious
about: more surfaces (`lines`, `classics`, `traps`), models on data (`samples`, `data`, `models`, `network`), and what
is read off runs (`landscape`, `basins`, `regimes`, `claims`, `moments`). Small helpers: `rules`, `arrays`, `gradients`,
`threads`.
"""
