"""The behaviour versions of this package, which are part of digests; the package's own files are not."""

#: Raised only when the same model, parameters and seed could give other results: how values reach a model, how random
#: state is seeded, how columns are kept. Part of every model digest.
BEHAVIOUR_VERSION = 1

#: Raised only when the same results and observed data could give another loss: alignment, an evaluator. Part of every
#: target digest.
TARGET_BEHAVIOUR_VERSION = 2
