import { KdeployError } from '../../../errors.js';
import type { ImageEntry } from '../pack/image-entry.js';
import { appended, idsIn, linesOf, sortedByRange } from './account-lines.js';
import { ACCOUNT_FILE_NAMES, type AccountFile, type AccountFileName, type BaseFacts } from './base-facts.js';
import { freeGroupId, freeRange, subordinateRange } from './free-ids.js';
import { mailFolder, numberSetting } from './login-defaults.js';
import { foldersAbove, resolvePlace } from './places.js';

/** Who the process in the container is: KEDRO_UID and KEDRO_GID of kedro-docker. */
export interface AccountIds {
  readonly uid: number;
  readonly gid: number;
}

export interface Account {
  /** Where the home folder really is, without the first slash: `home/kedro_docker`, behind the base's links. */
  readonly home: string;
  /** The changed files of etc, and the home folder with what a new one begins with. */
  readonly entries: readonly ImageEntry[];
}

/** The working directory of kedro-docker's template, and the home folder of its user. */
export const HOME = 'home/kedro_docker';
const USER = 'kedro_docker';
const GROUP = 'kedro_group';
/** Of shadow-utils, where etc/login.defs has none. */
const DEFAULT_UMASK = 0o022;

/**
 * What kedro-docker's template makes in the image (tested against Debian's shadow-utils):
 *
 *     groupadd -f -g GID kedro_group && useradd -m -d /home/kedro_docker -s /bin/bash -g GID -u UID kedro_docker
 *
 * The day of the last password change in etc/shadow is left empty, which is what useradd writes with SOURCE_DATE_EPOCH=0: today
 * would make another image of the same base each day. Backups of the changed files (`etc/passwd-`) are left out.
 * Throws KdeployError `configuration` where those commands would fail.
 */
export function accountOf(facts: BaseFacts, ids: AccountIds): Account {
  const { group, changed } = withGroup(facts, ids);
  const contents = { ...changed, ...withUser(facts, ids, group) };
  const home = resolvePlace(facts, HOME);
  if (home === undefined || home.place?.type === 'file')
    throw failure(`/${HOME} of the base image cannot be a folder: a file is in the way`, 'choose another base image');
  const entries = [
    ...ACCOUNT_FILE_NAMES.flatMap((name) => {
      const [file, content] = [facts.accounts[name], contents[name]];
      return file === undefined || content === undefined ? [] : fileEntries(facts, file, content);
    }),
    // As useradd does: what the base has there is left alone.
    ...(home.place === undefined ? homeEntries(facts, ids, home.path) : []),
    ...mailSpool(facts, ids),
  ];
  return { home: home.path, entries: [...new Map(entries.map((entry) => [entry.path, entry])).values()] };
}

/** `groupadd -f`: no error for a group of that name; where another one has the ID, the new group gets the next free one. */
function withGroup(
  { accounts, loginDefaults }: BaseFacts,
  { gid }: AccountIds,
): { group: string; changed: Partial<Record<AccountFileName, string>> } {
  const group = accounts.group?.content ?? '';
  if (linesOf(group).some(([name]) => name === GROUP)) return { group, changed: {} };
  const isTaken = idsIn(group).includes(gid);
  const id = isTaken ? freeGroupId(idsIn(group), loginDefaults) : gid;
  if (id === undefined)
    throw failure(
      `all group IDs of the base image's etc/login.defs are taken, so the group ${GROUP} cannot be added`,
      'raise GID_MAX in /etc/login.defs of the base image, or choose another one',
    );
  const added = appended(group, `${GROUP}:x:${id}:`);
  const gshadow = accounts.gshadow?.content;
  return {
    group: added,
    changed: {
      ...(accounts.group !== undefined && { group: added }),
      ...(gshadow !== undefined && { gshadow: appended(gshadow, `${GROUP}:!::`) }),
    },
  };
}

function withUser(facts: BaseFacts, { uid, gid }: AccountIds, group: string): Partial<Record<AccountFileName, string>> {
  const { passwd, shadow } = facts.accounts;
  if (passwd === undefined)
    throw failure('the base image has no etc/passwd to add the user to', 'choose a base image with users');
  const users = linesOf(passwd.content);
  if (users.some(([name]) => name === USER))
    throw failure(
      `the base image has a user ${USER} already`,
      'choose as base the image that this one was built on, not one that kedro-docker or kdeploy built',
    );
  const holder = users.find((fields) => fields[2] === String(uid))?.[0];
  if (holder !== undefined)
    throw failure(
      `the user ID ${uid} is taken in the base image, by ${holder}`,
      'choose another one: `build.uid` in kdeploy.yml, or --uid',
    );
  if (!idsIn(group).includes(gid))
    throw failure(
      `the base image has a group ${GROUP} with another ID than ${gid}, which no other group has`,
      'choose the ID of a group that the base image has: `build.gid` in kdeploy.yml, or --gid',
    );
  const password = shadow === undefined ? '!' : 'x';
  return {
    passwd: appended(passwd.content, `${USER}:${password}:${uid}:${gid}::/${HOME}:/bin/bash`),
    ...(shadow !== undefined && { shadow: appended(shadow.content, shadowLine(facts)) }),
    ...withSubordinateIds(facts, uid),
  };
}

function shadowLine({ loginDefaults, useraddDefaults }: BaseFacts): string {
  const days = (value: number | undefined) => (value === undefined || value < 0 ? '' : String(value));
  const [minimum, maximum, warning] = ['PASS_MIN_DAYS', 'PASS_MAX_DAYS', 'PASS_WARN_AGE'].map((name) =>
    days(numberSetting(loginDefaults, name)),
  );
  const inactive = days(numberSetting(useraddDefaults, 'INACTIVE'));
  const expires = Date.parse(`${useraddDefaults.EXPIRE ?? ''}T00:00:00Z`) / 86_400_000;
  return [USER, '!', '', minimum, maximum, warning, inactive, Number.isInteger(expires) ? expires : '', ''].join(':');
}

/** For containers inside the container: only users of the ordinary range get any. */
function withSubordinateIds(
  { accounts, loginDefaults }: BaseFacts,
  uid: number,
): Partial<Record<AccountFileName, string>> {
  const [minimum, maximum] = [numberSetting(loginDefaults, 'UID_MIN'), numberSetting(loginDefaults, 'UID_MAX')];
  if (uid < (minimum ?? 1000) || uid > (maximum ?? 60_000)) return {};
  const added = (['subuid', 'subgid'] as const).flatMap((name) => {
    const content = accounts[name]?.content;
    const wanted = subordinateRange(loginDefaults, name === 'subuid' ? 'SUB_UID' : 'SUB_GID');
    if (content === undefined || wanted.count === 0) return [];
    const taken = linesOf(content).map(([, start, count]) => ({ start: Number(start), count: Number(count) }));
    const start = freeRange(taken, wanted);
    if (start === undefined)
      throw failure(
        `the subordinate IDs in etc/${name} of the base image are all taken`,
        'choose a base image with fewer users, or a `build.uid` below UID_MIN, such as 999',
      );
    return [[name, appended(sortedByRange(content), `${USER}:${start}:${wanted.count}`)] as const];
  });
  return Object.fromEntries(added);
}

function homeEntries(facts: BaseFacts, owner: AccountIds, home: string): ImageEntry[] {
  const { skeleton, loginDefaults } = facts;
  const umask = numberSetting(loginDefaults, 'UMASK') ?? DEFAULT_UMASK;
  const mode = (numberSetting(loginDefaults, 'HOME_MODE') ?? 0o777 & ~umask) & 0o7777;
  const inner = skeleton.map((entry): ImageEntry => {
    const path = `${home}/${entry.path}`;
    switch (entry.type) {
      case 'folder':
        return { type: 'folder', path, mode: entry.mode, ...owner };
      case 'link':
        // By the text alone, as useradd does it.
        return { type: 'link', path, target: entry.target.replace(/^\/etc\/skel/, `/${HOME}`), ...owner };
      case 'file':
        return {
          ...{ type: 'file', path, mode: entry.mode, ...owner },
          content: { kind: 'bytes', bytes: Buffer.from(entry.base64, 'base64') },
        };
    }
  });
  return [...foldersAbove(facts, home), { type: 'folder', path: home, mode, ...owner }, ...inner];
}

/** Only where etc/default/useradd says so, as Fedora's does. */
function mailSpool(facts: BaseFacts, { uid, gid }: AccountIds): ImageEntry[] {
  const { useraddDefaults, loginDefaults, accounts } = facts;
  if (useraddDefaults.CREATE_MAIL_SPOOL?.toLowerCase() !== 'yes') return [];
  const folder = resolvePlace(facts, mailFolder(loginDefaults));
  if (folder?.place?.type !== 'folder') return [];
  const mail = linesOf(accounts.group?.content ?? '').find(([name]) => name === 'mail')?.[2];
  const owner = mail === undefined ? { mode: 0o600, uid, gid } : { mode: 0o660, uid, gid: Number(mail) };
  const path = `${folder.path}/${USER}`;
  return [
    ...foldersAbove(facts, path),
    { type: 'file', path, ...owner, content: { kind: 'bytes', bytes: new Uint8Array() } },
  ];
}

function fileEntries(facts: BaseFacts, { path, mode, uid, gid }: AccountFile, content: string): ImageEntry[] {
  const bytes = Buffer.from(content, 'latin1');
  return [...foldersAbove(facts, path), { type: 'file', path, mode, uid, gid, content: { kind: 'bytes', bytes } }];
}

function failure(message: string, hint: string): KdeployError {
  return new KdeployError('configuration', message, { hint });
}
