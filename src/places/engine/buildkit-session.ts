import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { ServiceDefinition } from '@grpc/grpc-js';
import type Dockerode from 'dockerode';
import { engineError } from './images.js';

/** What BuildKit may ask for while it builds. */
export interface SessionAnswers {
  /** The bytes of a secret by its id; `undefined` for one that was not given. */
  readonly secret: (id: string) => Promise<Buffer | undefined>;
  /** User and password for pulling from a registry host; `undefined` for anonymous. */
  readonly credentials: (host: string) => Promise<{ username: string; password: string } | undefined>;
}

export interface BuildkitSession {
  readonly id: string;
  close(): void;
}

/**
 * The services that a BuildKit client offers over POST /session, cut to what is needed here
 * (moby/buildkit: session/secrets/secrets.proto, session/auth/auth.proto; grpc/health/v1/health.proto).
 */
const SERVICES = {
  nested: {
    moby: {
      nested: {
        buildkit: {
          nested: {
            secrets: {
              nested: {
                v1: {
                  nested: {
                    Secrets: service('GetSecret', 'GetSecretRequest', 'GetSecretResponse'),
                    GetSecretRequest: { fields: { ID: { type: 'string', id: 1 } } },
                    GetSecretResponse: { fields: { data: { type: 'bytes', id: 1 } } },
                  },
                },
              },
            },
          },
        },
        filesync: {
          nested: {
            v1: {
              nested: {
                Auth: service('Credentials', 'CredentialsRequest', 'CredentialsResponse'),
                CredentialsRequest: { fields: { Host: { type: 'string', id: 1 } } },
                CredentialsResponse: {
                  fields: { Username: { type: 'string', id: 1 }, Secret: { type: 'string', id: 2 } },
                },
              },
            },
          },
        },
      },
    },
    grpc: {
      nested: {
        health: {
          nested: {
            v1: {
              nested: {
                Health: service('Check', 'HealthCheckRequest', 'HealthCheckResponse'),
                HealthCheckRequest: { fields: { service: { type: 'string', id: 1 } } },
                HealthCheckResponse: { fields: { status: { type: 'int32', id: 1 } } },
              },
            },
          },
        },
      },
    },
  },
};

function service(method: string, requestType: string, responseType: string): object {
  return { methods: { [method]: { requestType, responseType } } };
}

const METHODS = [
  '/moby.buildkit.secrets.v1.Secrets/GetSecret',
  '/moby.filesync.v1.Auth/Credentials',
  '/grpc.health.v1.Health/Check',
];

/** health.proto, ServingStatus.SERVING. */
const SERVING = 1;

/**
 * Opens a BuildKit session on the engine: a gRPC server on a connection that the engine keeps, which hands out secrets
 * for the length of one build. Secrets pass from here into the build step's memory and are in no layer and no history.
 */
export async function openBuildkitSession(docker: Dockerode, answers: SessionAnswers): Promise<BuildkitSession> {
  const id = randomUUID();
  const [grpc, { fromJSON }, socket] = await Promise.all([
    import('@grpc/grpc-js'),
    import('@grpc/proto-loader'),
    connect(docker, id),
  ]);
  const definition = fromJSON(SERVICES, { keepCase: true });
  const server = new grpc.Server();
  type Answer<Value> = (error: { code: number; details: string } | null, value?: Value) => void;
  const failed = (error: unknown): { code: number; details: string } => ({
    code: grpc.status.INTERNAL,
    details: error instanceof Error ? error.message : 'failed',
  });
  server.addService(serviceOf(definition, 'moby.buildkit.secrets.v1.Secrets'), {
    GetSecret: ({ request }: { request: { ID: string } }, answer: Answer<{ data: Buffer }>) => {
      answers.secret(request.ID).then(
        (data) => {
          // BuildKit takes this code for "not given": a mount that is not `required` is then left out.
          if (data === undefined) answer({ code: grpc.status.NOT_FOUND, details: `no secret ${request.ID} was given` });
          else answer(null, { data });
        },
        (error: unknown) => answer(failed(error)),
      );
    },
  });
  server.addService(serviceOf(definition, 'moby.filesync.v1.Auth'), {
    Credentials: ({ request }: { request: { Host: string } }, answer: Answer<object>) => {
      answers.credentials(request.Host).then(
        (found) => answer(null, found === undefined ? {} : { Username: found.username, Secret: found.password }),
        (error: unknown) => answer(failed(error)),
      );
    },
  });
  // BuildKit asks every few seconds and drops a session that does not answer (session/grpc.go, monitorHealth).
  server.addService(serviceOf(definition, 'grpc.health.v1.Health'), {
    Check: (_call: unknown, answer: Answer<{ status: number }>) => answer(null, { status: SERVING }),
  });
  server.createConnectionInjector(grpc.ServerCredentials.createInsecure()).injectConnection(socket);
  // Node takes up what the socket has buffered a tick later, and a session that was closed before would crash it there.
  await setImmediate();
  return {
    id,
    close: () => {
      server.forceShutdown();
      socket.destroy();
    },
  };
}

function serviceOf(definition: object, name: string): ServiceDefinition {
  return (definition as Record<string, unknown>)[name] as ServiceDefinition;
}

/** POST /session, upgraded to a raw connection (Engine API, "Initialize interactive session"). */
function connect(docker: Dockerode, id: string): Promise<Duplex> {
  const modem = docker.modem as {
    dial(options: object, done: (error: Error | null, socket: Duplex) => void): void;
  };
  return new Promise((resolve, reject) => {
    modem.dial(
      {
        method: 'POST',
        path: '/session',
        hijack: true,
        headers: {
          Upgrade: 'h2c',
          'X-Docker-Expose-Session-Uuid': id,
          'X-Docker-Expose-Session-Name': 'kdeploy',
          'X-Docker-Expose-Session-Grpc-Method': METHODS,
        },
        statusCodes: { 200: true },
      },
      (error, socket) => {
        if (error === null) resolve(socket);
        else reject(engineError('the engine did not open a BuildKit session', error));
      },
    );
  });
}
