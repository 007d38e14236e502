import { Readable } from 'node:stream';
import type { Wire, WireRequest } from '../../../../src/places/registry/wire.js';

/** A wire of which each request ends here: what answers it is made of the web's own values. */
export function wireTo(answer: (request: WireRequest) => Response | Promise<Response>): Wire {
  return {
    exchange: async (request) => {
      const { status, headers, body } = await answer(request);
      return { status, headers, body: body ?? Readable.from([]) };
    },
  };
}
