// Plots as SVG and PNG files, for `--plots`.
// Never writes them: the caller does. Apart from the rest because it loads a native library and reads the machine's fonts.
export * from './plot-files.ts';
