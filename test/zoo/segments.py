"""Two lines in one segment are taken for one: whatever recv() returns is a line."""
import sys

from correct import Connection, Server


class Segments(Connection):
    def lines(self):
        while received := self.connection.recv(4096):
            yield received.decode("utf-8", "replace").rstrip("\r\n")


class SegmentServer(Server):
    def accept(self, connection):
        return Segments(connection)


SegmentServer().serve(int(sys.argv[1]))
