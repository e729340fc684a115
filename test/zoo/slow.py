"""One slow reader stops the server: it sends while it holds the lock."""
import sys

from correct import Connection, Server


class Blocking(Connection):
    def say(self, text):
        try:
            if text is not None:
                self.connection.sendall(text.encode())
        except OSError:
            pass


class Slow(Server):
    def accept(self, connection):
        return Blocking(connection)

    def run(self, person):
        super().run(person)
        person.connection.close()


Slow().serve(int(sys.argv[1]))
