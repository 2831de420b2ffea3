"""Figures from costs: medians, their ratio, and how far it may be trusted."""

import random
from collections.abc import Mapping, Sequence
from statistics import median

DRAWS = 2000
Cost = Mapping[str, float]


def compare(theirs: Sequence[Cost], ours: Sequence[Cost]) -> dict[str, object]:
    """How many times as long a record takes the others, with a 95 % interval over the rounds."""
    their_times = [cost["per_record"] for cost in theirs]
    our_times = [cost["per_record"] for cost in ours]
    low, high = _interval(their_times, our_times)
    return {
        "ratio": _short(median(their_times) / median(our_times)),
        "interval_95": [_short(low), _short(high)],
        "stock": _of_record(theirs),
        "ours": _of_record(ours),
    }


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of all values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _of_record(costs: Sequence[Cost]) -> dict[str, float]:
    """The median cost of one record, and the peak memory of the process."""
    found = {
        f"{name}_per_record": _short(median(cost[name] / cost["records"] for cost in costs))
        for name in ("sql", "commits", "solr")
    }
    per_second = _short(1 / median(cost["per_record"] for cost in costs))
    written = median(cost["written"] for cost in costs)
    peak = round(max(cost["peak_mb"] for cost in costs))
    return {
        "records_per_second": per_second,
        "milliseconds_per_record": _short(1000 * median(cost["per_record"] for cost in costs)),
        "seconds": _short(median(cost["seconds"] for cost in costs)),
        "written": written,
        **found,
        "peak_mb": peak,
    }


def _interval(theirs: Sequence[float], ours: Sequence[float]) -> tuple[float, float]:
    """Bootstrap over the rounds; one round alone gives its own ratio twice."""
    dice = random.Random(1)
    ratios = sorted(
        median(dice.choices(theirs, k=len(theirs))) / median(dice.choices(ours, k=len(ours)))
        for _ in range(DRAWS)
    )
    return ratios[int(0.025 * DRAWS)], ratios[int(0.975 * DRAWS)]


def _short(value: float) -> float:
    return float(f"{value:.3g}")
