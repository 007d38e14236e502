/** What opens a package index, kept apart from its URL so that no lock, argument or message shows it. */
export interface IndexCredentials {
  /** The index's URL, without credentials. They are for what is below it, and for the files it names on the same host. */
  readonly url: string;
  readonly username: string;
  /** Empty: the keyring may know it. */
  readonly password: string;
}
