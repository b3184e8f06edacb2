"""The heart: a problem, the plateau rule, gradient descent, and the record it leaves. Numbers only.

Read first, in this order: `problem`, `settings`, `plateau`, `descent`, `run`, with `lrlab.problems.surfaces` for what a
problem looks like. `inside` and `replay` are the rule seen from inside and on recorded losses; `schedules` are rules of
one's own; `samples` is what a problem made of data has beyond its loss. Small helpers: `rules`, `arrays`, `gradients`,
`threads`.
"""
