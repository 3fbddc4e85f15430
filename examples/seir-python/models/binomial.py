"""Binomial random numbers; ``random.binomialvariate`` exists only from Python 3.12 on."""

import random

FEW = 16


def binomial(rng: random.Random, n: int, p: float) -> int:
    """Successes in ``n`` trials of probability ``p``, in O(log n) steps: comparing ``p`` with the median of the trials' uniform numbers,
    which has a beta distribution, halves the trials (Relles, JASA 67, 1972; Devroye, Non-Uniform Random Variate Generation, X.4.3)."""
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
