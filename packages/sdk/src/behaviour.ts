/**
 * Raised only when the same model, parameters and seed could give other results or losses: the generator, a distribution, how values reach
 * `simulate`, how columns are normalised, alignment or a loss. It is part of every model digest; the sdk's own bytes are not.
 */
export const BEHAVIOUR_VERSION = 1;
