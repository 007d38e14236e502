import type { Flaw } from '../fields.js';

const FACTORS: Readonly<Record<string, number>> = {
  ...{ n: 1e-9, u: 1e-6, m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 },
};

/** An amount of CPU, memory, … as Kubernetes reads it (`500m`, `2Gi`, 0.5); `undefined` for what it refuses. */
export function parseQuantity(value: string | number): number | undefined {
  const [, number, unit = '', exponent] =
    /^\+?(\d+\.?\d*|\.\d+)(?:([numkMGTPE]|[KMGTPE]i)|([eE][+-]?\d{1,2}))?$/.exec(String(value)) ?? [];
  const amount = Number(`${number ?? NaN}${exponent ?? ''}`) * (FACTORS[unit] ?? NaN);
  return Number.isFinite(amount) ? amount : undefined;
}

export function quantityFlaw(value: string | number): Flaw | undefined {
  if (parseQuantity(value) !== undefined) return undefined;
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)$/.exec(String(value)) ?? [];
  const meant = number === undefined ? undefined : MEANT[unit.toLowerCase()];
  return {
    message: 'is not an amount that Kubernetes accepts',
    remedy:
      meant === undefined
        ? 'write a number, or one with a unit: 500m, 2, 512Mi, 4Gi'
        : `did you mean ${number ?? ''}${meant}?`,
  };
}

/** What people write, by the word that docker or a person would use. */
const MEANT: Readonly<Record<string, string>> = {
  ...{ kb: 'k', kib: 'Ki', ki: 'Ki', mb: 'M', mib: 'Mi', mi: 'Mi', gb: 'G', gib: 'Gi', gi: 'Gi', g: 'G' },
  ...{ tb: 'T', tib: 'Ti', ti: 'Ti', t: 'T', cpu: '', cpus: '', core: '', cores: '' },
};
