/** Suffix of the source map of a compiled program. */
export const SOURCE_MAP = '.map';
