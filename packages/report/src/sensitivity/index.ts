// Sensitivity indices that `cb sensitivity` and the report share: of a Saltelli design, and of sweeps of any design.
// Never makes a design: the caller passes its rows in order.
export * from './bootstrap.ts';
export * from './given-data.ts';
export * from './half-samples.ts';
export * from './responses.ts';
export * from './saltelli-indices.ts';
export * from './saltelli-rows.ts';
