"""Servers with one fault in what they make of bytes. Usage: bytes.py NAME PORT"""
import re
import socket
import sys
import time

import correct
from correct import Connection, Server


class Segments(Connection):
    """Two lines in one segment are taken for one: whatever recv() returns is a line."""

    def lines(self):
        while received := self.connection.recv(8192):
            yield self.text(received.rstrip(b"\r\n"))


class Pieces(Connection):
    """A line that comes in pieces is taken for several: the rest of a segment is a line too."""

    def lines(self):
        while received := self.connection.recv(8192):
            *whole, rest = received.split(b"\n")
            for line in whole + ([rest] if rest else []):
                yield self.text(line)


class TwoEnds(Connection):
    def text(self, line):
        if line.endswith(b"\r"):
            self.extra = True
        return super().text(line)


class TwoEndsServer(Server):
    """CR LF is taken for two line ends."""

    def accept(self, connection):
        return TwoEnds(connection)

    def take(self, person, line):
        is_over = super().take(person, line)
        if getattr(person, "extra", False) and not is_over:
            person.extra = False
            return super().take(person, "")
        return is_over


class Short(Connection):
    """A long line is cut: every 1,024 bytes are a line."""

    def lines(self):
        for line in super().lines():
            if line is None:
                yield line
                continue
            for at in range(0, max(1, len(line)), 1024):
                yield line[at : at + 1024]


class Truncating(Server):
    """A long line is cut: no more than 1,024 characters are passed on."""

    def said(self, who, line):
        return super().said(who, line[:1024])


class Hasty(Connection):
    """What was sent just before the end of a connection is not answered."""

    def lines(self):
        for line in super().lines():
            time.sleep(0.01)
            try:
                if not self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT):
                    return
            except BlockingIOError:
                pass
            yield line


class LastLine(Connection):
    """A last line without its end is lost."""

    def lines(self):
        kept = b""
        while received := self.connection.recv(4096):
            *whole, kept = (kept + received).split(b"\n")
            for line in whole:
                yield self.text(line)
            kept = kept[:5000]


class OneByOne(Server):
    """A connection that says nothing keeps the others waiting: the first line is read where connections are accepted."""

    def accept(self, connection):
        person = super().accept(connection)
        person.say("Enter your user ID: ")
        connection.recv(1, socket.MSG_PEEK)
        return person

    def run(self, person):
        say, first = person.say, []
        person.say = lambda text: say(text) if first else first.append(text)
        super().run(person)


class Trimming(Server):
    """Blanks at the ends of a line are cut off."""

    def said(self, who, line):
        return super().said(who, line.strip())


class Ascii(Server):
    """Letters outside of ASCII are changed."""

    def said(self, who, line):
        return super().said(who, line.encode("ascii", "replace").decode())


class Tabs(Server):
    """Tabs are changed."""

    def said(self, who, line):
        return super().said(who, line.replace("\t", " "))


class CrStays(Connection):
    """The CR of CR LF stays in the line."""

    def text(self, line):
        return super().text(line + b"\r" if line.endswith(b"\r") else line)


class Controls(Server):
    """Control characters reach the other screen."""

    def said(self, who, line):
        return "%s: %s\n" % (who, line)


class EachRecv(Connection):
    """Bytes are decoded segment by segment."""

    def lines(self):
        kept = ""
        while received := self.connection.recv(8192):
            *whole, kept = (kept + received.decode("utf-8", "replace")).split("\n")
            for line in whole:
                yield self.text(line.encode())
        if kept:
            yield self.text(kept.encode())


class NotUtf8(Connection):
    """A line that is no UTF-8 ends the connection."""

    def text(self, line):
        line = line[:-1] if line.endswith(b"\r") else line
        return line.decode() if len(line) <= correct.MAX_LINE else None


class Replacing(Connection):
    """A line that is no UTF-8 is passed on."""

    def text(self, line):
        line = line[:-1] if line.endswith(b"\r") else line
        return line.decode("utf-8", "replace") if len(line) <= correct.MAX_LINE else None


class Endless(Connection):
    """A line of more than 4,096 bytes is passed on."""

    def lines(self):
        kept = b""
        while received := self.connection.recv(8192):
            *whole, kept = (kept + received).split(b"\n")
            yield from map(self.text, whole)
        if kept:
            yield self.text(kept)

    def text(self, line):
        line = line[:-1] if line.endswith(b"\r") else line
        try:
            return line.decode()
        except UnicodeDecodeError:
            return None


class Doubling(Server):
    """Lines are lost, doubled or out of order: every tenth line is said twice."""

    lines_said = 0

    def said(self, who, line):
        self.lines_said += 1
        return super().said(who, line) * (2 if self.lines_said % 10 == 0 else 1)


class Collapsing(Server):
    """Blanks within a line are changed: several become one."""

    def said(self, who, line):
        return super().said(who, re.sub(r"(?<=\S) +(?=\S)", " ", line))


class Planes(Server):
    """A line with letters of the higher planes of Unicode is lost: they are no characters of 18 bits."""

    def chatting(self, person, text, line):
        if all(ord(c) < 0x30000 for c in line):
            super().chatting(person, text, line)


def deaf_at_end(doc, *states):
    """Somebody who has ended their side is not listened to any more in these states."""

    class DeafAtEnd(Server):
        def take(self, person, line):
            if self.states.get(person.id) in states and has_ended(person.connection):
                return None
            return super().take(person, line)

    DeafAtEnd.__doc__ = doc
    return DeafAtEnd


def has_ended(connection):
    time.sleep(0.03)
    connection.setblocking(False)
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except OSError:
        return False
    finally:
        connection.setblocking(True)


def with_connection(kind):
    class WithConnection(Server):
        __doc__ = kind.__doc__

        def accept(self, connection):
            return kind(connection)

    return WithConnection


ZOO = {
    "segments": with_connection(Segments),
    "pieces": with_connection(Pieces),
    "twoEnds": TwoEndsServer,
    "short": with_connection(Short),
    "truncating": Truncating,
    "hasty": with_connection(Hasty),
    "lastLine": with_connection(LastLine),
    "oneByOne": OneByOne,
    "trimming": Trimming,
    "ascii": Ascii,
    "tabs": Tabs,
    "crStays": with_connection(CrStays),
    "controls": Controls,
    "eachRecv": with_connection(EachRecv),
    "notUtf8": with_connection(NotUtf8),
    "replacing": with_connection(Replacing),
    "endless": with_connection(Endless),
    "doubling": Doubling,
    "collapsing": Collapsing,
    "planes": Planes,
    "deafMenu": deaf_at_end("What is sent just before the end of a connection is lost in the menu.", "menu"),
    "deafNaming": deaf_at_end(
        "What is sent just before the end of a connection is lost while naming somebody.", "naming"
    ),
    "deafWaiting": deaf_at_end(
        "What is sent just before the end of a connection is lost while waiting for an answer.", "waiting"
    ),
    "deafAsked": deaf_at_end(
        "What is sent just before the end of a connection is lost while asked.", "answering"
    ),
    "deafRoom": deaf_at_end("What is sent just before the end of a connection is lost in the room.", "room"),
}

if __name__ == "__main__":
    ZOO[sys.argv[1]]().serve(int(sys.argv[2]))
