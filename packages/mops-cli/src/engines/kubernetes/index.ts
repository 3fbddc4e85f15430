// Runs attempts on Kubernetes: one Indexed Job each, seen through a small port.
// Never decides whether a job is done, and never puts a secret into anything but a Secret.
export type { Cluster } from './cluster.ts';
export { type ClusterSettings, clusterSettingsOf, clusterSettingsSchema } from './cluster-settings.ts';
export { createKubernetesEngine, openKubernetesEngine } from './kubernetes-engine.ts';
