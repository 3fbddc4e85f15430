// docs/job-states.md, drawn from the one transition table.

const MEANING = {
  pending: 'registered; nothing has started',
  submitting: 'its attempt is being planned and its engine started',
  scheduled: 'the engine has it; no worker has begun',
  running: 'a worker has begun',
  validating: 'its outputs are compared with what it expects',
  succeeded: 'every expected output exists',
  partial: 'some of them exist',
  failed: 'none exists, or it could not start',
  cancelled: 'stopped by a person; what exists stays',
};

const listed = (names) => (names.length === 0 ? '–' : names.map((name) => `\`${name}\``).join(', '));

export function renderJobStates({ statuses, transitions, reopenings, isTerminal }) {
  const arrows = statuses.flatMap((from) => transitions[from].map((to) => ({ from, to })));
  const label = ({ from, to }) => (from === 'running' && to === 'succeeded' ? ': jobs from before validation' : '');
  const reopened = Object.entries(reopenings).flatMap(([name, { from, to }]) => from.map((status) => ({ from: status, to, name })));
  const waysBack = (status) => reopened.filter(({ from }) => from === status).map(({ name, to }) => `${name} → \`${to}\``);
  return `# Job states

Generated from \`packages/contracts/src/job/transition.ts\` by \`pnpm docs\`. One pure function moves a job's state; every change is a compare-and-swap.

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

| state | meaning | next | taken up again by |
| --- | --- | --- | --- |
${statuses.map((status) => `| \`${status}\` | ${MEANING[status]} | ${listed(transitions[status])} | ${waysBack(status).join(', ') || '–'} |`).join('\n')}

\`running → succeeded\` is for jobs from before validation alone. Outputs decide how a job ends, and never the exit status of a worker.
`;
}
