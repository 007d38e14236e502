import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

import { requireCommand, runAsRoot } from './commands.js';

export interface Bridge {
  readonly name: string;
  /** The host's address on the bridge, under which containers reach servers of the host. */
  readonly gateway: string;
  readonly mtu: number;
}

/**
 * A bridge of the private engine's own. Two engines on the usual docker0 hand out the same addresses, and each rebuilds the other's
 * firewall chains; so this one gets its own interface, its own addresses, and three rules that name nothing but them.
 */
export async function createBridge(name: string): Promise<Bridge> {
  const prefix = await freePrefix();
  const gateway = `${prefix}.1`;
  const mtu = await outgoingMtu();
  await ip('link', 'add', 'name', name, 'mtu', String(mtu), 'type', 'bridge');
  await ip('address', 'add', `${gateway}/24`, 'dev', name);
  await ip('link', 'set', name, 'up');
  await iptables('-t', 'nat', '-I', 'POSTROUTING', '-s', `${prefix}.0/24`, '!', '-o', name, '-j', 'MASQUERADE');
  await iptables('-t', 'filter', '-I', 'FORWARD', '-i', name, '-j', 'ACCEPT');
  await iptables('-t', 'filter', '-I', 'FORWARD', '-o', name, '-j', 'ACCEPT');
  return { name, gateway, mtu };
}

/** Removes the bridge and every rule that names it; does nothing where they are gone. */
export async function removeBridge(name: string): Promise<void> {
  if (!existsSync(`/sys/class/net/${name}`)) return;
  for (const table of ['nat', 'filter']) {
    const rules = await iptables('-t', table, '-S');
    for (const rule of rules.split('\n')) {
      const words = rule.split(' ');
      if (words[0] === '-A' && words.includes(name)) await iptables('-t', table, '-D', ...words.slice(1));
    }
  }
  await ip('link', 'delete', name);
}

/** The first three numbers of a /24 network that no interface and no name server of this machine is in. */
async function freePrefix(): Promise<string> {
  const nameServers = await readFile('/etc/resolv.conf', 'utf8').catch(() => '');
  // Not os.networkInterfaces(): that leaves out bridges which no container is on at the moment.
  const taken = `${nameServers} ${await ip('-4', '-oneline', 'address')} ${await ip('-4', 'route')}`;
  for (let attempt = 0; attempt < 100; attempt++) {
    const prefix = `10.${200 + Math.floor(Math.random() * 50)}.${Math.floor(Math.random() * 256)}`;
    if (!taken.includes(` ${prefix}.`)) return prefix;
  }
  throw new Error('no free network found for the containers');
}

/** Packets larger than the outgoing link takes are lost where path MTU discovery is filtered. */
async function outgoingMtu(): Promise<number> {
  const route = await ip('-4', 'route', 'show', 'default');
  const device = / dev (\S+)/.exec(route)?.[1];
  if (device === undefined) return 1500;
  return Number(await readFile(`/sys/class/net/${device}/mtu`, 'utf8'));
}

function ip(...args: string[]): Promise<string> {
  return runAsRoot([requireCommand('ip'), ...args]);
}

function iptables(...args: string[]): Promise<string> {
  return runAsRoot([requireCommand('iptables'), '--wait', ...args]);
}
