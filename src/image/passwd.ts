/** Numeric owner of files. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Who an image's USER is, by the image's own /etc/passwd and /etc/group, as the Docker Engine and runc resolve it
 * (`name`, `name:group`, `uid`, `uid:gid`, '' for root). A numeric user who is not in passwd has group 0.
 * `undefined` for a name that the image does not know.
 */
export function resolveUser(user: string, passwd: string, group: string): Owner | undefined {
  if (user === '') return { uid: 0, gid: 0 };
  const [name = '', groupName] = user.split(':');
  const account = entries(passwd).find((fields) => fields[0] === name || (isNumber(name) && fields[2] === name));
  if (account === undefined && !isNumber(name)) return undefined;
  const uid = Number(account?.[2] ?? name);
  const gid = groupName === undefined || groupName === '' ? (account?.[3] ?? '0') : groupId(groupName, group);
  return gid === undefined ? undefined : { uid, gid: Number(gid) };
}

function groupId(name: string, group: string): string | undefined {
  return entries(group).find((fields) => fields[0] === name)?.[2] ?? (isNumber(name) ? name : undefined);
}

function entries(text: string): string[][] {
  return text.split('\n').map((line) => line.trim().split(':'));
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}
