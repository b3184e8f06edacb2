"""What many runs say together: each file asks one question, trains what it takes in one pass, and reads off the answer.

Numbers only. `regimes`: when a cut helps. `basins`: where runs end. `landscape`: a plane through many weights. `sweep`:
maps of settings. `chain`: a run as constant-rate jobs. `jobs`, `contests`: tuning by whole jobs. `ratefree`: solvers
without a rate.
"""
