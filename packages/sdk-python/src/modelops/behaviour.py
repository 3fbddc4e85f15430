"""The behaviour version of this package.

Raised only when the same model, parameters and seed could give other results or losses: how values reach a model,
how random state is seeded, how columns are kept, alignment or a loss. It is part of every model digest; the
package's own files are not.
"""

BEHAVIOUR_VERSION = 1
