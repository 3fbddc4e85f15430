/**
 * Increased only when the same model, parameters and seed could yield other results: because of the generator, a distribution, the arguments of
 * `simulate` or the normalisation of columns. It is part of every model digest; the sdk's own bytes are not.
 */
export const BEHAVIOUR_VERSION = 1;

/** Increased only when the same results and observed data could yield another loss: because of alignment or an evaluator. It is part of every target digest. */
export const TARGET_BEHAVIOUR_VERSION = 2;
