import { type BundleEnvironment, ModelOpsError } from '@modelops/contracts';
import type { BundleProvider } from './bundle-provider.ts';

/** The provider of an environment's registry. @throws CONFIG_INVALID */
export async function openBundleProvider(registry: BundleEnvironment['registry']): Promise<BundleProvider> {
  switch (registry.provider) {
    case 'oci-layout': {
      if (registry.path === undefined)
        throw new ModelOpsError('CONFIG_INVALID', 'registry.path is missing', {
          hint: 'set it in the environment file to the folder of the OCI layouts',
        });
      const { createOciLayoutProvider } = await import('./oci-layout-provider.ts');
      return createOciLayoutProvider(registry.path);
    }
    case 'docker': {
      const { openDockerProvider } = await import('./docker-provider.ts');
      return openDockerProvider(registry);
    }
    case 'acr': {
      const { openAcrProvider } = await import('./acr-provider.ts');
      return openAcrProvider(registry);
    }
  }
}
