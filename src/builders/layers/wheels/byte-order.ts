/** Texts in the order of their UTF-8 bytes: that of Python and Rust, and the same in every locale. */
export function inByteOrder(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
