"""A cable between somebody and a server that can be cut: cable.py PORT, on Linux.

Says its own port in the first line, and relays one connection. When it is told to `cut`, it throws away all that the server
sends, as if nobody was there: the system of this end doesn't even acknowledge it.
"""
import ctypes
import socket
import struct
import sys
import threading

SO_ATTACH_FILTER = 26
DROP_ALL = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0))

listening = socket.create_server(("127.0.0.1", 0))
print(listening.getsockname()[1], flush=True)
near, _ = listening.accept()
far = socket.create_connection(("127.0.0.1", int(sys.argv[1])))


def relay(source, sink):
    while chunk := source.recv(65536):
        sink.sendall(chunk)


for source, sink in ((near, far), (far, near)):
    threading.Thread(target=relay, args=(source, sink), daemon=True).start()
for line in sys.stdin:
    if line == "cut\n":
        far.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HL", 1, ctypes.addressof(DROP_ALL)))
        print("cut", flush=True)
