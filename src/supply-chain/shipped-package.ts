/** A package that is installed in an image, as the supply chain's documents name it. */
export interface ShippedPackage {
  /** Normalised (PEP 503): `kedro-mlflow`. */
  readonly name: string;
  readonly version: string;
  /** Of the wheel, hexadecimal; `undefined`: unknown. */
  readonly sha256: string | undefined;
  /** Of the wheel: `numpy-2.3.5-cp311-cp311-manylinux_2_28_x86_64.whl`. */
  readonly filename: string;
  /** Where the wheel, the archive or the commit comes from. What may not be shown of it is left out by who writes it down. */
  readonly url?: string;
  /** Named by its URL, its repository or its folder, not by a version of an index (PEP 610). */
  readonly isDirect?: boolean;
}

/** Each once, by name and version: no locale, no lock and no download decides the order. */
export function inOrder(packages: readonly ShippedPackage[]): ShippedPackage[] {
  const keyOf = ({ name, version }: ShippedPackage) => `${name}\n${version}`;
  const byKey = new Map(packages.map((each) => [keyOf(each), each]));
  return [...byKey].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, each]) => each);
}
