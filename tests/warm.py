"""Commands as processes that need not import PyTorch again: `python tests/warm.py SOCKET`.

Each request on the socket names arguments, folder and environment, and carries two descriptors for
stdout and stderr. A fork of this process runs the command under them, as `python -m secarch` would,
and its pid and then its exit code are sent back. What is imported here first is what a command
imports in the end; the commands that start cold are those of `secarch demo`, `doctor` and the tests
of the command line.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import runpy
import signal
import socket
import sys
import threading

HEAVY = (
    "torch",
    "transformers.models.llama.modeling_llama",
    "transformers.generation.utils",
    "peft.peft_model",
    "trl.trainer.sft_trainer",
    "scipy.stats",
    "pyarrow.parquet",
)
COMMANDS = (
    "secarch.cli.app",
    "secarch.serve.app",
    "secarch.train.stage",
    "secarch.evaluate.stage",
    "secarch.dedupe.stage",
    "secarch.compare.stage",
)


def main(path: str) -> None:
    """Import, listen, fork."""
    for name in (*HEAVY, *COMMANDS):
        importlib.import_module(name)
    importlib.import_module("secarch.serve.guard").warm()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(path)
        server.listen()
        while True:
            client, _ = server.accept()
            request, descriptors, *_ = socket.recv_fds(client, 1 << 20, 2)
            if not request:
                return
            if os.fork() == 0:
                server.close()
                _watched(client, json.loads(request), descriptors)
            client.close()
            for descriptor in descriptors:
                os.close(descriptor)
            _reap()


def _reap() -> None:
    """Take the exit codes of those that watched, so that none stays a zombie."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _watched(client: socket.socket, request: dict, descriptors: list[int]) -> None:
    """Start the command, send its pid, wait for it, and send its exit code."""
    pid = os.fork()
    if pid == 0:
        client.close()
        _command(request, descriptors)
    for descriptor in descriptors:
        os.close(descriptor)
    client.sendall(f"{pid}\n".encode())
    _, status = os.waitpid(pid, 0)
    client.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _command(request: dict, descriptors: list[int]) -> None:
    os.setsid()
    os.chdir(request["cwd"])
    for number, descriptor in enumerate(descriptors, 1):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(request["env"])
    sys.argv = ["secarch", *request["args"]]
    code = 0
    try:
        runpy.run_module("secarch", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001
        sys.excepthook(*sys.exc_info())
        code = 1
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1])
