import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { isReportPage, isWrittenPlot, WRITTEN_HEAD_BYTES } from '@modelops/contracts';
import { namesIn } from '@modelops/system';

/** Caches of tools, which have no marker file. */
const CACHE_NAMES: readonly string[] = ['__pycache__', '.pytest_cache', '.mypy_cache', '.ruff_cache', '.ipynb_checkpoints', '.tox', '.nox'];
/** The first line of a CACHEDIR.TAG (bford.info/cachedir), as cargo, borg and pytest write it. */
const CACHE_SIGNATURE = 'Signature: 8a477f597d28d172789f06886806bc55';
/** Written by `mops results export` into each export. */
const EXPORT_MARKER = '.modelops-export.json';
/** Number of bytes at the start of a study, where `cb` writes all fields except the parameter sets. */
const STUDY_HEAD_BYTES = 2 ** 16;
const STUDY_FIELDS = ['"model":', '"scenario":', '"metadata":', '"parameter_sets":'];

/**
 * Why a folder of the project is excluded from bundles; undefined if it is not. Folders are recognised by their contents, not by their names:
 * a virtual environment by `pyvenv.cfg` or `conda-meta`, a cache by `CACHEDIR.TAG`, an export by its marker, a registry by `oci-layout`, an object
 * store by its jobs and provenance, a MODELOPS_HOME by its environments or store. Python's caches have no marker and are recognised by name.
 */
export function exclusionOf(folder: string, name: string): string | undefined {
  if (CACHE_NAMES.includes(name)) return 'a cache';
  const names = new Set(readdirSync(folder));
  if (names.has('pyvenv.cfg') || names.has('conda-meta')) return 'a virtual environment';
  if (names.has('CACHEDIR.TAG') && startOf(join(folder, 'CACHEDIR.TAG'), CACHE_SIGNATURE.length) === CACHE_SIGNATURE) return 'a cache';
  if (names.has(EXPORT_MARKER)) return 'an export';
  if (names.has('oci-layout') && names.has('index.json')) return 'a registry';
  if (isStore(names)) return 'an object store';
  if (names.has('bundle-env') || (names.has('store') && isStore(new Set(namesIn(join(folder, 'store')))))) return 'a MODELOPS_HOME';
  return undefined;
}

/**
 * Why a file of the project is excluded from bundles, by its first bytes: a study by the fields that `cb` writes there, a report and its plots by their
 * marks; undefined if it is not.
 */
export function fileExclusionOf(file: string, name: string): string | undefined {
  if (name.endsWith('.json') && isStudy(startOf(file, STUDY_HEAD_BYTES))) return 'a study';
  if (name.endsWith('.html') && isReportPage(startOf(file, WRITTEN_HEAD_BYTES))) return 'a report';
  if (/\.(svg|png)$/.test(name) && isWrittenPlot(startOf(file, WRITTEN_HEAD_BYTES, 'latin1'))) return 'a plot of a report';
  return undefined;
}

function isStudy(start: string): boolean {
  return start.trimStart().startsWith('{') && STUDY_FIELDS.every((field) => start.includes(field));
}

function isStore(names: ReadonlySet<string>): boolean {
  return names.has('jobs') && (names.has('provenance') || names.has('jobs-by'));
}

function startOf(file: string, length: number, encoding: 'utf8' | 'latin1' = 'utf8'): string {
  const bytes = Buffer.alloc(length);
  const opened = openSync(file, 'r');
  try {
    return bytes.toString(encoding, 0, readSync(opened, bytes, 0, length, 0));
  } finally {
    closeSync(opened);
  }
}
