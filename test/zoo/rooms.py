"""Servers with one fault in the common room. Usage: rooms.py NAME PORT"""
import sys

from chats import asked
from correct import Connection, Server


class Slow(Server):
    """One slow reader stops the server: it sends while it holds the lock."""

    class Blocking(Connection):
        def say(self, text):
            try:
                if text is not None:
                    self.connection.sendall(text.encode())
            except OSError:
                pass

    def accept(self, connection):
        return self.Blocking(connection)

    def run(self, person):
        super().run(person)
        person.connection.close()


class Counting(Server):
    """The head count of the room is wrong: the newcomer is not counted."""

    def menu(self, person, text, line):
        say = person.say
        person.say = lambda said: say(self.one_less(said))
        try:
            return super().menu(person, text, line)
        finally:
            person.say = say

    def one_less(self, text):
        first, found, count = text.partition("There are ")
        return text if not found else "%sThere are %d of you.\n" % (first, int(count.split()[0]) - 1)


class LeaversCounted(Server):
    """The head count of the room is wrong: those who left are counted."""

    left = 0

    def room(self, person, text, line):
        if text == "exit()":
            self.left += 1
        return super().room(person, text, line)

    def menu(self, person, text, line):
        say = person.say
        person.say = lambda said: say(self.more(said))
        try:
            return super().menu(person, text, line)
        finally:
            person.say = say

    def more(self, text):
        first, found, count = text.partition("There are ")
        return text if not found else "%sThere are %d of you.\n" % (first, int(count.split()[0]) + self.left)


class RoomEcho(Server):
    """The sender reads its own line in the room."""

    def room(self, person, text, line):
        super().room(person, text, line)
        if text != "exit()":
            person.say(self.said(person.id, line))


class RoomSpills(Server):
    """People outside of the room read its lines: those in the menu do."""

    def room(self, person, text, line):
        super().room(person, text, line)
        for who, state in self.states.items():
            if state == "menu" and text != "exit()" and who != person.id:
                self.say(who, self.said(person.id, line))


class NoticesSpill(Server):
    """Notices of the room reach people outside of it: those in a chat."""

    def tell_room(self, but, text):
        super().tell_room(but, text)
        for who, state in self.states.items():
            if state == "chatting" and "common room" in text:
                self.say(who, text)


class NoJoinNotice(Server):
    """Those in the room are not told who comes in."""

    def tell_room(self, but, text):
        if " joined " not in text:
            super().tell_room(but, text)


class NoLeaveNotice(Server):
    """Those in the room are not told who leaves."""

    def room(self, person, text, line):
        if text != "exit()":
            return super().room(person, text, line)
        person.say("You left the common room.\n")
        self.to_menu(person.id)


class StaysInRoom(Server):
    """Somebody who hangs up stays in the room: nobody is told."""

    def gone(self, person):
        if self.states.get(person.id) == "room":
            self.states[person.id] = "menu"
        super().gone(person)


class ReadsOn(Server):
    """Who has left the room goes on reading it."""

    def __init__(self):
        super().__init__()
        self.readers = set()

    def menu(self, person, text, line):
        if text == "3":
            self.readers.add(person.id)
        return super().menu(person, text, line)

    def room(self, person, text, line):
        if text == "exit()":
            return super().room(person, text, line)
        for who in self.readers:
            if who != person.id and who in self.connections:
                self.say(who, self.said(person.id, line))


class TwiceInRoom(Server):
    """Who comes into the room again reads every line twice: the room is a list."""

    def __init__(self):
        super().__init__()
        self.visits = {}

    def menu(self, person, text, line):
        if text == "3":
            self.visits[person.id] = self.visits.get(person.id, 0) + 1
        return super().menu(person, text, line)

    def room(self, person, text, line):
        if text == "exit()":
            return super().room(person, text, line)
        for who, state in self.states.items():
            if state == "room" and who != person.id:
                self.say(who, self.said(person.id, line) * self.visits[who])


class RoomExitBlanks(Server):
    """exit() with blanks around it is passed on in the room."""

    def room(self, person, text, line):
        super().room(person, "exit()" if line == "exit()" else "", line)


class RoomChoices(Server):
    """What is a choice in the menu counts in the room too: 2 quits."""

    def room(self, person, text, line):
        return True if text == "2" else super().room(person, text, line)


class ChatSpills(Server):
    """People in the room read a private chat."""

    def chatting(self, person, text, line):
        super().chatting(person, text, line)
        if text != "exit()":
            self.tell_room(person.id, self.said(person.id, line))


class RoomStuck(Server):
    """After leaving the room somebody is stuck."""

    def room(self, person, text, line):
        super().room(person, text, line)
        if text == "exit()":
            self.states[person.id] = "waiting"


ZOO = {
    "slow": Slow,
    "counting": Counting,
    "leaversCounted": LeaversCounted,
    "roomEcho": RoomEcho,
    "roomSpills": RoomSpills,
    "noticesSpill": NoticesSpill,
    "noJoinNotice": NoJoinNotice,
    "noLeaveNotice": NoLeaveNotice,
    "staysInRoom": StaysInRoom,
    "readsOn": ReadsOn,
    "twiceInRoom": TwiceInRoom,
    "roomExitBlanks": RoomExitBlanks,
    "roomChoices": RoomChoices,
    "chatSpills": ChatSpills,
    "roomStuck": RoomStuck,
    "roomAsked": asked("room", "Somebody in the common room can be asked."),
}

if __name__ == "__main__":
    ZOO[sys.argv[1]]().serve(int(sys.argv[2]))
