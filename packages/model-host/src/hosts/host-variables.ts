/** In the environment of a host with a folder of its own: its path. */
export const SCRATCH_VARIABLE = 'MODELOPS_SCRATCH';
/** Set in the environment of a host that leaves its tasks' files in that folder. */
export const KEEP_VARIABLE = 'MODELOPS_KEEP_SCRATCH';
