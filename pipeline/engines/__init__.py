"""Engines make the calls to the model: at once (`live`), in batches (`batch`) or from a Ray cluster (`ray`).

All settle the same `base.Workload` by the same pure `summarise`.
"""
