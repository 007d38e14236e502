/** A wheel on this machine, whole and verified. */
export interface Wheel {
  /** Normalised (PEP 503). */
  readonly name: string;
  readonly version: string;
  /** As its index calls it: `numpy-2.3.5-cp311-cp311-manylinux_2_28_x86_64.whl`. */
  readonly filename: string;
  /** Absolute path of its bytes; what it is called there says nothing. */
  readonly file: string;
  /** Hexadecimal. */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  /** What direct_url.json says (PEP 610), for a package that was named by its URL, repository or folder. */
  readonly directUrl: Readonly<Record<string, unknown>> | undefined;
}
