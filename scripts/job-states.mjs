// Renders docs/job-states.md from the transition table.

const MEANING = {
  pending: 'registered; nothing has started',
  submitting: 'its attempt is being planned and its workers are being started',
  scheduled: 'the engine has started its attempt; no worker has begun',
  running: 'a worker has begun',
  validating: 'its outputs are compared with the expected ones',
  succeeded: 'every expected output exists',
  partial: 'some expected outputs exist',
  failed: 'no expected output exists, or the job could not start',
  cancelled: 'stopped by a user; existing results are kept',
};

const listed = (names) => (names.length === 0 ? '–' : names.map((name) => `\`${name}\``).join(', '));

export function renderJobStates({ statuses, transitions, reopenings, isTerminal }) {
  const arrows = statuses.flatMap((from) => transitions[from].map((to) => ({ from, to })));
  const label = ({ from, to }) => (from === 'running' && to === 'succeeded' ? ': jobs of older versions' : '');
  const reopened = Object.entries(reopenings).flatMap(([name, { from, to }]) => from.map((status) => ({ from: status, to, name })));
  const waysBack = (status) => reopened.filter(({ from }) => from === status).map(({ name, to }) => `${name} → \`${to}\``);
  return `# Job states

Generated from \`packages/contracts/src/job/transition.ts\` by \`pnpm docs\`. One pure function changes a job's state; every write is a compare-and-swap.

\`\`\`mermaid
stateDiagram-v2
  [*] --> ${statuses[0]}
${arrows.map((arrow) => `  ${arrow.from} --> ${arrow.to}${label(arrow)}`).join('\n')}
${reopened.map(({ from, to, name }) => `  ${from} --> ${to}: ${name}`).join('\n')}
${statuses
  .filter(isTerminal)
  .map((status) => `  ${status} --> [*]`)
  .join('\n')}
\`\`\`

| state | meaning | next | reopened by |
| --- | --- | --- | --- |
${statuses.map((status) => `| \`${status}\` | ${MEANING[status]} | ${listed(transitions[status])} | ${waysBack(status).join(', ') || '–'} |`).join('\n')}

\`running → succeeded\` is only for jobs of versions without validation. The outputs decide the final state of a job, never the exit status of a worker.
`;
}
