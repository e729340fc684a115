"""Runs a server as a unit file of systemd says, as far as it is about the main process.

serviceManager.py UNIT COMMAND...: with Type=notify the service is there when READY=1 has come. MAINPID= names another main
process, if NotifyAccess= lets its sender say so. When the main process ends, the service has ended, and whatever is left of
it is killed. TERM goes to the main process. Each of these is a line that begins with "manager:".
"""
import ctypes
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile

unit, command = open(sys.argv[1]).read(), sys.argv[2:]
access = re.search(r"^NotifyAccess=(\w+)$", unit, re.MULTILINE)[1]
assert re.search(r"^Type=notify$", unit, re.MULTILINE)

# The children of a process that has ended are ours, as they are the first process's of a system.
PR_SET_CHILD_SUBREAPER = 36
ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

folder = tempfile.TemporaryDirectory()
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
notify.bind(os.path.join(folder.name, "notify"))
notify.settimeout(0.05)
service = subprocess.Popen(
    command, env={**os.environ, "NOTIFY_SOCKET": notify.getsockname()}, start_new_session=True
)
main = service.pid
signal.signal(signal.SIGTERM, lambda *_: os.kill(main, signal.SIGTERM))


def say(*words):
    print("manager:", *words, flush=True)


def hear(message, sender):
    global main
    if access == "none" or (access == "main" and sender != main):
        return
    words = dict(line.split("=", 1) for line in message.decode().splitlines())
    if "MAINPID" in words and int(words["MAINPID"]) != main:
        main = int(words["MAINPID"])
        say("main", main)
    if words.get("READY") == "1":
        say("ready", main)


while True:
    try:
        space = socket.CMSG_SPACE(struct.calcsize("3i")) + socket.CMSG_SPACE(struct.calcsize("i"))
        message, more, _, _ = notify.recvmsg(4096, space)
        sender = None
        for _, kind, data in more:
            if kind == socket.SCM_CREDENTIALS:
                sender = struct.unpack("3i", data)[0]
            else:
                # Who sends a descriptor waits until it is closed here: all before it has been heard by then.
                for (descriptor,) in struct.iter_unpack("i", data):
                    os.close(descriptor)
        hear(message, sender)
    except TimeoutError:
        pass
    while True:
        try:
            ended, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            ended, status = 0, 0
        if ended == 0:
            break
        if ended == main:
            code = os.waitstatus_to_exitcode(status)
            say("ended", ended, code)
            try:
                os.killpg(service.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            sys.exit(0 if code == 0 else 1)
