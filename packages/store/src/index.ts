// Objects, versioned records, jobs and packs: the state that outlives a process.
// Never runs a model, prints, or decides where the store is.
export * from './objects/object-store.ts';
