import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { templatePath } from '../../../../../src/template-files.js';

const run = promisify(execFile);
const PROGRAM = `
import runpy, socket, sys, types
runpy.run_path(sys.argv[1])
held_back = types.ModuleType("held_back")
held_back.CALLS, held_back._attempts = ("socket.connect",), None
sys.modules["kdeploy_runtime.self_test.held_back"] = held_back

def attempt(call):
    try:
        call()
    except OSError as error:
        return f"{type(error).__name__} {error.errno} {error.strerror}"
    return "done"

one, other = socket.socketpair(socket.AF_UNIX)
answers = [
    attempt(lambda: socket.create_connection(("127.0.0.1", 9), 1)),
    attempt(lambda: socket.socket(socket.AF_INET6).connect(("::1", 9))),
    attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9))),
    attempt(lambda: socket.getaddrinfo("mlflow.example.com", 443)),
    attempt(lambda: socket.gethostbyname("mlflow.example.com")),
    attempt(lambda: socket.getaddrinfo(b"mlflow.example.com", 443)),
    attempt(lambda: socket.getaddrinfo("127.0.0.1", 443)),
    attempt(lambda: socket.getaddrinfo("localhost", 443)),
    attempt(lambda: socket.getaddrinfo(None, 443, flags=socket.AI_PASSIVE)),
    attempt(lambda: one.send(b"x")),
    attempt(lambda: socket.socket(socket.AF_UNIX).connect(sys.argv[1] + ".socket")),
]
held_back._attempts = []
answers.append(attempt(lambda: socket.socket().connect(("127.0.0.1", 1))))
print("\\n".join(answers))
`;

const UNREACHABLE = 'OSError 101 Network is unreachable: kdeploy tests the image without a network';
const UNRESOLVED = 'gaierror -3 Temporary failure in name resolution: kdeploy tests the image without a network';

describe('a Python without a network', () => {
  it('calls nobody, and has Unix sockets and the addresses that need no call', async function () {
    if (process.platform !== 'linux') this.skip();
    const { stdout } = await run('python3', ['-c', PROGRAM, templatePath('host/no_network.py')]);
    expect(stdout.trim().split('\n')).to.deep.equal([
      ...[UNREACHABLE, UNREACHABLE, UNREACHABLE],
      ...[UNRESOLVED, UNRESOLVED, UNRESOLVED],
      ...['done', 'done', 'done', 'done'],
      // Nobody listens there, or on the port below, where the self-test itself would hold the call back.
      'FileNotFoundError 2 No such file or directory',
      'ConnectionRefusedError 111 Connection refused',
    ]);
  });
});
