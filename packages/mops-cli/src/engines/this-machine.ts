import { readFileSync, realpathSync } from 'node:fs';
import { hostname } from 'node:os';
import { type Owner, sha256Hex } from '@modelops/contracts';

/** This machine and modelops home, as the owner of submissions and of local attempts. `MODELOPS_MACHINE_ID` replaces the system's id, which containers of one image may share. */
export function thisMachine(home: string, env: Readonly<Record<string, string | undefined>>): Owner {
  const host = hostname();
  return {
    kind: 'machine',
    machine: env.MODELOPS_MACHINE_ID ?? sha256Hex(`${systemId()}|${host}`).slice(0, 32),
    home: realPath(home),
    host,
  };
}

/** Containers of one image often share this id, or have none: the host name distinguishes them. */
function systemId(): string {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim();
  } catch {
    return '';
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // it does not exist yet
  }
}
