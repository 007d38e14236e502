/** Who may download from an index. Kept apart from URLs, which are written into locks, images and messages. */
export interface IndexCredentials {
  /** The index, a folder of wheels, or the place of one file, without credentials. */
  readonly url: string;
  readonly username: string;
  /** Empty where only a name is given: a keyring may know the rest. */
  readonly password: string;
}
