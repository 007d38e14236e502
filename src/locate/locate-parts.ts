import { localImages } from '../places/engine/local-images.js';
import { openLayout } from '../places/layout/open-layout.js';
import { RegistryClient } from '../places/registry/client.js';
import { RegistrySource } from '../places/registry/registry-source.js';
import type { ImageReference } from '../image/reference.js';
import type { ImageSource } from '../image/source.js';
import type { StateFolder } from '../state-folder.js';
import type { LocateParts } from './locate-image.js';
import { WaitingImages } from './waiting-images.js';

export interface LocateOptions {
  readonly state: StateFolder;
  readonly signal: AbortSignal | undefined;
  /** For registries that have no TLS. */
  readonly plainHttp?: boolean;
}

/** This machine's engine and state folder, and the registries with the credentials that docker would use. */
export function locateParts(options: LocateOptions): LocateParts {
  const registry = (reference: ImageReference) => registrySource(reference, options);
  return {
    local: () => localImages(options.signal),
    waiting: (reference) => waitingImages(options).find(reference),
    registry,
    file: (address) => openLayout(address, options.signal),
  };
}

export function waitingImages(options: LocateOptions): WaitingImages {
  return new WaitingImages(options.state, (reference) => registrySource(reference, options));
}

function registrySource(reference: ImageReference, { signal, plainHttp = false }: LocateOptions): ImageSource {
  const { registry, name } = reference;
  const client = new RegistryClient(registry, { name, plainHttp, ...(signal !== undefined && { signal }) });
  return new RegistrySource(client, reference);
}
