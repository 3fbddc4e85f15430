// Reads the files of outputs for an import in a separate process with limits, so that a crafted file cannot crash the import.
import { messageOf } from '@modelops/contracts';
import { readArtifact } from './artifact.ts';
import type { ArtifactOrder, ArtifactReply } from './artifact-child.ts';

process.on('message', ({ id, needsColumns, ...request }: ArtifactOrder) => {
  const reply = (message: ArtifactReply) => process.send!(message);
  readArtifact(request).then(
    ({ columns, ...artifact }) => reply({ id, artifact: needsColumns ? { ...artifact, columns } : { ...artifact, columns: [] } }),
    (error: unknown) => reply({ id, refusal: messageOf(error).slice(0, 1000) }),
  );
});
process.on('disconnect', () => process.exit());
