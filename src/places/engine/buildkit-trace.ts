import { StringDecoder } from 'node:string_decoder';
import type { MethodDefinition } from '@grpc/grpc-js';
import type { EngineMessage } from './message-stream.js';

/** The part of BuildKit's progress that people read (moby/buildkit: api/services/control/control.proto). */
interface Status {
  readonly vertexes: readonly { readonly digest: string; readonly name: string; readonly started: object | null }[];
  readonly logs: readonly { readonly vertex: string; readonly msg: Buffer }[];
}

const SCHEMA = {
  nested: {
    Control: { methods: { Status: { requestType: 'StatusRequest', responseType: 'StatusResponse', comment: '' } } },
    StatusRequest: { fields: {} },
    StatusResponse: {
      fields: {
        vertexes: { rule: 'repeated', type: 'Vertex', id: 1 },
        logs: { rule: 'repeated', type: 'VertexLog', id: 3 },
      },
    },
    Vertex: {
      fields: {
        digest: { type: 'string', id: 1 },
        name: { type: 'string', id: 3 },
        started: { type: 'Timestamp', id: 5 },
      },
    },
    VertexLog: { fields: { vertex: { type: 'string', id: 1 }, msg: { type: 'bytes', id: 4 } } },
    Timestamp: { fields: {} },
  },
};

/**
 * Reads the progress that BuildKit puts, as protobuf, into the engine's JSON records. Not by dockerode: it keeps its
 * decoder to itself, and shows what the steps print in base64.
 */
export class BuildkitTrace {
  private readonly begun = new Set<string>();
  private readonly outputs = new Map<string, { readonly decoder: StringDecoder; rest: string }>();

  private constructor(private readonly decode: (bytes: Buffer) => Status) {}

  static async create(): Promise<BuildkitTrace> {
    const { fromJSON } = await import('@grpc/proto-loader');
    const { Control } = fromJSON(SCHEMA, { keepCase: true, defaults: true });
    const { Status } = Control as Readonly<Record<string, MethodDefinition<object, Status>>>;
    if (Status === undefined) throw new Error('the schema of the BuildKit trace has no Status');
    return new BuildkitTrace((bytes) => Status.responseDeserialize(bytes));
  }

  /** The whole lines that a record adds: each step's name when it begins, then what it prints. */
  lines({ id, aux }: EngineMessage): string[] {
    if (id !== 'moby.buildkit.trace' || typeof aux !== 'string') return [];
    const { vertexes, logs } = this.decode(Buffer.from(aux, 'base64'));
    const names = vertexes.filter(({ digest, started }) => started !== null && !this.begun.has(digest));
    for (const { digest } of names) this.begun.add(digest);
    return [...names.map(({ name }) => name), ...logs.flatMap(({ vertex, msg }) => this.printed(vertex, msg))];
  }

  /** What steps printed last without a line break. */
  rest(): string[] {
    return [...this.outputs.values()].map(({ rest }) => rest).filter((rest) => rest !== '');
  }

  private printed(vertex: string, bytes: Buffer): string[] {
    const output = this.outputs.get(vertex) ?? { decoder: new StringDecoder('utf8'), rest: '' };
    this.outputs.set(vertex, output);
    const lines = (output.rest + output.decoder.write(bytes)).split('\n');
    output.rest = lines.pop() ?? '';
    return lines;
  }
}
