// Reads the files of outputs for an import in a separate process with limits, so that a crafted file cannot crash the import.
import { messageOf } from '@modelops/contracts';
import { type ArtifactRequest, readArtifact } from './artifact.ts';
import type { ArtifactReply } from './artifact-child.ts';

process.on('message', (request: ArtifactRequest) => {
  const reply = (message: ArtifactReply) => process.send!(message);
  readArtifact(request).then(
    (artifact) => reply({ artifact }),
    (error: unknown) => reply({ refusal: messageOf(error).slice(0, 1000) }),
  );
});
process.on('disconnect', () => process.exit());
