import { messageOf } from '../errors.js';
import { redactAddresses } from '../secrets/address.js';
import { knownError } from '../system-error.js';
import type { DoctorContext, Probe, ProbeResult } from './probe.js';

export type Diagnosis = { readonly id: string; readonly title: string } & ProbeResult;

/** Runs all probes at once; one that fails, or crashes, does not stop the others. */
export async function diagnose(probes: readonly Probe[], context: DoctorContext): Promise<Diagnosis[]> {
  return Promise.all(
    probes.map(async (probe) => ({ id: probe.id, title: probe.title, ...(await runProbe(probe, context)) })),
  );
}

async function runProbe(probe: Probe, context: DoctorContext): Promise<ProbeResult> {
  try {
    return await probe.run(context);
  } catch (error) {
    const known = knownError(error);
    if (known !== undefined)
      return { status: 'failed', detail: known.message, remedy: known.hint ?? 'fix what the message reports' };
    return {
      status: 'failed',
      detail: `could not be checked: ${redactAddresses(messageOf(error))}`,
      remedy: 'this is a bug in kdeploy; please report it',
    };
  }
}
