import { connect, type AddressInfo } from 'node:net';
import ssh2, { type Connection } from 'ssh2';

/** A machine that is reached over SSH, with an engine on it. Lets everybody in by name, or nobody where it has no engine. */
export class SshServer {
  /** Who had what run. */
  readonly seen: string[] = [];
  private readonly server: ssh2.Server;

  private constructor(private readonly socket: string | undefined) {
    const { private: key } = ssh2.utils.generateKeyPairSync('ed25519');
    this.server = new ssh2.Server({ hostKeys: [key] }, (client) => this.serve(client));
  }

  static async start(socket: string | undefined): Promise<SshServer> {
    const started = new SshServer(socket);
    await new Promise<void>((resolve) => started.server.listen(0, '127.0.0.1', () => resolve()));
    return started;
  }

  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(client: Connection): void {
    let user = '';
    // One that goes away.
    client.on('error', () => undefined);
    client.on('authentication', (given) => {
      user = given.username;
      if (this.socket === undefined) given.reject();
      else given.accept();
    });
    client.on('session', (accept) =>
      accept().on('exec', (acceptCommand, _reject, { command }) => {
        this.seen.push(`${user}: ${command}`);
        const engine = connect(this.socket ?? '');
        const channel = acceptCommand();
        channel.pipe(engine).pipe(channel);
      }),
    );
  }
}
