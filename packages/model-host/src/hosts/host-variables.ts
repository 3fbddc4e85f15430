/** In the environment of a host with a folder of its own: its path. */
export const SCRATCH_VARIABLE = 'MODELOPS_SCRATCH';
