"""Holds listening sockets for a server and restarts it, as systemd does.

socketHolder.py NAMES COMMAND...: one socket for each name, separated by colons. The first line says the ports. HUP restarts
the command, TERM ends it for good, and so does an exit code that isn't 0.
"""
import fcntl
import os
import signal
import socket
import subprocess
import sys

names, command = sys.argv[1], sys.argv[2:]
sockets = [socket.create_server(("127.0.0.1", 0), backlog=1024) for _ in names.split(":")]
print(*(held.getsockname()[1] for held in sockets), flush=True)
# Out of the way of the places they have in the child.
held = [fcntl.fcntl(listening, fcntl.F_DUPFD_CLOEXEC, 100) for listening in sockets]
environment = {**os.environ, "LISTEN_FDS": str(len(held)), "LISTEN_FDNAMES": names}
child = None
is_ending = False


def pass_on():
    for place, descriptor in enumerate(held):
        os.dup2(descriptor, 3 + place)


def stop(number, _frame):
    global is_ending
    is_ending = is_ending or number == signal.SIGTERM
    if child is not None:
        child.terminate()


signal.signal(signal.SIGTERM, stop)
signal.signal(signal.SIGHUP, stop)
while not is_ending:
    child = subprocess.Popen(
        ["/bin/sh", "-c", 'LISTEN_PID=$$ exec "$@"', "sh", *command],
        env=environment,
        preexec_fn=pass_on,
        close_fds=False,
    )
    if child.wait() != 0:
        sys.exit(child.returncode)
