// The licences of the libraries that are bundled into the programs.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The text of a notice file for all packages in the bundler's metafiles, whose paths are relative to `root`. */
export function thirdPartyNotices(metafiles, root) {
  const folders = new Set();
  for (const { outputs } of metafiles) {
    for (const { inputs } of Object.values(outputs)) {
      for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
        const folder = /^(?:.*:)?(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
        if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
      }
    }
  }
  const notices = new Map([...folders].map((folder) => noticeOf(resolve(root, folder))));
  const titles = [...notices.keys()].sort();
  return titles.map((title) => `${title}\n${'-'.repeat(title.length)}\n\n${notices.get(title)}\n`).join('\n');
}

function noticeOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
  const text = files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
  return [`${name} ${version}`, text === '' ? `Licence: ${license}` : text];
}
