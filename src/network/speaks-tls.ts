const TIMEOUT_MILLISECONDS = 3000;

/** Whether a server that does not respond to plain HTTP responds to TLS. Nothing is sent to it. */
export async function speaksTls({ hostname, port }: URL): Promise<boolean> {
  const { connect } = await import('node:tls');
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port || '80'), rejectUnauthorized: false });
    const end = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(TIMEOUT_MILLISECONDS, end(false));
    socket.once('secureConnect', end(true));
    socket.once('error', end(false));
  });
}
