"""Compile the modules of wheels to bytecode, to the same bytes on each machine that has the same Python.

kdeploy calls this with a Python of the image's version. Usage: compile_wheel.py WORKERS

Each line of stdin is a wheel: `{"wheel": file, "entries": [[name in the wheel, path in the image]], "output": file}`.
Its bytecode goes into the output, one file after another. When that is whole, a line of stdout says what is where:
`{"output": file, "pyc": [[path in the image, offset, size], …], "skipped": [[path in the image, reason], …]}`.
Python 3.8 or later.

What `marshal` writes depends on the state of the interpreter: an object that something else refers to is flagged, so
the names count that were interned before, and json's first `dumps` interns a few. So modules are compiled in chunks
that depend on their wheel alone, each in a process of its own, forked from one that does nothing else. kdeploy starts
this with `-s -S -B` and PYTHONHASHSEED=0: before Python 3.11 the order of a frozenset is in the bytecode.
"""

import gc
import importlib.util
import json
import os
import sys
import traceback
import warnings
import zipfile
from contextlib import closing
from importlib import _bootstrap_external

CHUNK = 100

# Of what Python says about a source that it cannot compile.
REASON_LENGTH = 200


def main(count):
    # Workers come first: whatever happens here later is not part of their state.
    with Forked(count) if hasattr(os, "fork") else Started(count) as workers:
        jobs = [json.loads(line) for line in sys.stdin.buffer]
        chunks = [chunks_of(job) for job in jobs]
        with closing(workers.run(chunk for of_job in chunks for chunk in of_job)) as done:
            for job, of_job in zip(jobs, chunks):
                for _ in of_job:
                    next(done)
                finish(job["output"], [part for _, _, part in of_job])


def chunks_of(job):
    """What a process gets: the wheel, some of its entries, and the file for their bytecode."""
    entries = sorted(job["entries"], key=lambda entry: entry[1])
    return [
        (job["wheel"], entries[start : start + CHUNK], f"{job['output']}.{start // CHUNK}")
        for start in range(0, len(entries), CHUNK)
    ]


class Workers:
    """So many processes at a time, each for one chunk."""

    stopped = False

    def __init__(self, count):
        self.count = count

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def run(self, chunks):
        """Yields once for each chunk that is done, in their order."""
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(self.count) as pool:
            try:
                yield from pool.map(self.compile, (json.dumps(chunk).encode() for chunk in chunks))
            except BaseException:
                self.stopped = True
                raise

    def compile(self, request):
        if not self.stopped and not self.succeeds(request):
            raise SystemExit("a process that compiles modules failed")


class Started(Workers):
    """Where a process cannot be forked, a new one is as pristine."""

    def succeeds(self, request):
        import subprocess

        command = [sys.executable, "-s", "-S", "-B", "-X", "utf8", __file__, "chunk"]
        return subprocess.run(command, input=request, check=False).returncode == 0


class Forked(Workers):
    """Each worker forks a process for each chunk, and has nothing to do with what is in it."""

    def __init__(self, count):
        import queue

        super().__init__(count)
        self.pids = []
        self.idle = queue.SimpleQueue()
        for _ in range(count):
            self.idle.put(self.fork())

    def fork(self):
        requests, send = os.pipe()
        receive, replies = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(send)
            os.close(receive)
            serve(requests, replies)
        os.close(requests)
        os.close(replies)
        self.pids.append(pid)
        return send, receive

    def succeeds(self, request):
        send, receive = worker = self.idle.get()
        with open(send, "wb", closefd=False) as pipe:
            pipe.write(len(request).to_bytes(8, "big") + request)
        reply = os.read(receive, 1)
        self.idle.put(worker)
        return reply == b"\0"

    def __exit__(self, *_):
        while not self.idle.empty():
            send, receive = self.idle.get()
            os.close(send)
            os.close(receive)
        for pid in self.pids:
            os.waitpid(pid, 0)


def serve(requests, replies):
    """A worker: it ends with the process that it works for."""
    while True:
        length = int.from_bytes(read(requests, 8), "big")
        request = read(requests, length)
        if length == 0 or len(request) < length:
            os._exit(0)
        pid = os.fork()
        if pid == 0:
            compile_and_exit(request)
        _, status = os.waitpid(pid, 0)
        os.write(replies, b"\0" if status == 0 else b"\1")


def read(descriptor, length):
    content = b""
    while len(content) < length:
        more = os.read(descriptor, length - len(content))
        if not more:
            break
        content += more
    return content


def compile_and_exit(request):
    status = 1
    try:
        compile_chunk(*json.loads(request))
        status = 0
    except BaseException:  # noqa: BLE001 - whatever it is, this process ends here
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(status)


def compile_chunk(wheel, entries, part):
    """A part is a line of JSON, and the bytecode that it tells of."""
    sizes, skipped, compiled = [], [], []
    with zipfile.ZipFile(wheel) as archive:
        for name, path in entries:
            source = archive.read(name)
            try:
                code = compile(source, "/" + path, "exec", dont_inherit=True, optimize=0)
                # As py_compile does it for UNCHECKED_HASH.
                source_hash = importlib.util.source_hash(source)
                pyc = bytes(_bootstrap_external._code_to_hash_pyc(code, source_hash, False))
            # The parsers say MemoryError for what is nested too deeply.
            except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError) as error:
                skipped.append([path, f"{type(error).__name__}: {error}"[:REASON_LENGTH]])
                continue
            sizes.append([cached(path), len(pyc)])
            compiled.append(pyc)
    with open(part, "wb") as file:  # noqa: PTH123 - pathlib interns the parts of a path
        file.write(json.dumps([sizes, skipped]).encode() + b"\n")
        file.writelines(compiled)


def cached(path):
    folder, _, name = path.rpartition("/")
    return f"{folder}/__pycache__/{name[: -len('.py')]}.{sys.implementation.cache_tag}.pyc"


def finish(output, parts):
    """Puts the parts of a wheel together, and says so."""
    import shutil

    pyc, skipped, offset = [], [], 0
    with open(output, "wb") as whole:  # noqa: PTH123
        for part in parts:
            with open(part, "rb") as file:  # noqa: PTH123
                sizes, without = json.loads(file.readline())
                shutil.copyfileobj(file, whole)
            os.unlink(part)  # noqa: PTH108
            skipped += without
            for path, size in sizes:
                pyc.append([path, offset, size])
                offset += size
    sys.stdout.write(json.dumps({"output": output, "pyc": pyc, "skipped": skipped}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    gc.disable()
    warnings.simplefilter("ignore")
    if sys.argv[1] == "chunk":
        compile_chunk(*json.load(sys.stdin.buffer))
    else:
        main(int(sys.argv[1]))
