/** Whether a file has this text; git may have given each line another end. */
export function isSameText(file: Buffer | string, text: string): boolean {
  return file.toString('utf8').replaceAll('\r\n', '\n') === text;
}
