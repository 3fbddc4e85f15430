"""Binomial random numbers. ``random`` has them from Python 3.12 on, numpy always."""

import random

FEW = 16


def binomial(rng: random.Random, n: int, p: float) -> int:
    """Successes in ``n`` trials of probability ``p``, in O(log n) steps: the median of the trials' uniform numbers, which has a beta
    distribution, says on which side of it ``p`` lies (Relles, JASA 67, 1972; Devroye, Non-Uniform Random Variate Generation, X.4.3)."""
    successes = 0
    while n > FEW:
        low = 1 + n // 2
        split = rng.betavariate(low, n + 1 - low)
        if split >= p:
            n, p = low - 1, p / split
        else:
            successes += low
            n, p = n - low, (p - split) / (1 - split)
    return successes + sum(rng.random() < p for _ in range(n))
