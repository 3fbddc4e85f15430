/**
 * Raised only when the same model, parameters and seed could give other results: the generator, a distribution, how values reach `simulate`, how columns
 * are normalised. It is part of every model digest; the sdk's own bytes are not.
 */
export const BEHAVIOUR_VERSION = 1;

/** Raised only when the same results and observed data could give another loss: alignment, an evaluator. It is part of every target digest. */
export const TARGET_BEHAVIOUR_VERSION = 2;
