"""A chat server with a thread for each connection and three dictionaries, without a fault that anybody knows.

Owns: the dialogue of docs/protocol.md without its optional parts (no list, nothing taken back, nobody is announced).
Those in the files beside it have one fault each. Usage: correct.py PORT
"""
import queue
import re
import socket
import sys
import threading

MENU = "Menu:\n1) Connect to user\n2) Quit\n3) Common room\n"
GOOD_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}\Z")
RESERVED = set(
    "server system menu lobby room admin administrator root operator moderator host everyone all you me help null "
    "undefined constructor 1 2 3 4 y n yes no".split()
)
COMMANDS = set("/help /h /? /commands /quit /q /exit /leave /part /bye /logout /disconnect".split())
MAX_LINE = 4096


class Connection:
    """One socket: lines come in, and what is said goes out by a thread of its own, so that nobody waits for a slow reader."""

    def __init__(self, connection):
        self.connection = connection
        self.id = None
        self.outgoing = queue.Queue()
        threading.Thread(target=self.write, daemon=True).start()

    def say(self, text):
        self.outgoing.put(text)

    def write(self):
        try:
            for text in iter(self.outgoing.get, None):
                self.connection.sendall(text.encode())
            self.connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def lines(self):
        kept = b""
        while True:
            received = self.connection.recv(4096)
            *whole, kept = (kept + received).split(b"\n")
            for line in whole:
                yield self.text(line)
            if not received:
                if kept:
                    yield self.text(kept)
                return
            # More than a line may have says no more than that it is too long.
            kept = kept[: MAX_LINE + 2]

    def text(self, line):
        """None for a line that is too long or not UTF-8."""
        line = line[:-1] if line.endswith(b"\r") else line
        try:
            return line.decode() if len(line) <= MAX_LINE else None
        except UnicodeDecodeError:
            return None


class Server:
    def __init__(self):
        self.lock = threading.RLock()
        self.connections = {}
        self.states = {}
        self.partners = {}
        self.names = {}

    # What a state does with a line.

    def take(self, person, line):
        if line is None:
            person.say("That line is too long or not UTF-8: nobody has got it.\n")
            return None
        text = line.strip()
        state = "identifying" if person.id is None else self.states[person.id]
        return getattr(self, state)(person, text, line)

    def identifying(self, person, text, line):
        if not GOOD_ID.match(text) or text.lower() in RESERVED:
            person.say("An ID has letters and digits.\nEnter your user ID: ")
        elif self.is_taken(text):
            person.say("User ID taken. Choose another user ID: ")
        else:
            person.id = text
            self.connections[text] = person
            self.names[text.lower()] = text
            self.to_menu(text)

    def is_taken(self, text):
        return text.lower() in self.names

    def menu(self, person, text, line):
        if text == "1":
            self.states[person.id] = "naming"
            person.say("Enter user ID: ")
        elif text == "2":
            person.say("Bye.\n")
            return True
        elif text == "3":
            self.states[person.id] = "room"
            self.tell_room(person.id, "%s joined the common room.\n" % person.id)
            count = sum(state == "room" for state in self.states.values())
            person.say("Joined common room. Type exit() to leave.\nThere are %d of you.\n" % count)
        else:
            person.say("Invalid option.\n")
            self.to_menu(person.id)

    def naming(self, person, text, line):
        target = self.names.get(text.lower())
        if target is None:
            person.say("User not found.\n")
        elif target == person.id:
            person.say("That is you.\n")
        elif self.states[target] != "menu":
            person.say("User busy.\n")
        else:
            self.pair(person.id, target)
            self.states[person.id], self.states[target] = "waiting", "answering"
            self.ask(person.id, target)
            return
        self.to_menu(person.id)

    def ask(self, asker, target):
        self.say(target, "%s wants to chat with you. Accept? (y/n): " % asker)

    def waiting(self, person, text, line):
        person.say("Waiting for response...\n")

    def answering(self, person, text, line):
        asker = self.partners[person.id]
        if text.lower() in ("y", "yes"):
            for one, other in ((person.id, asker), (asker, person.id)):
                self.states[one] = "chatting"
                self.say(one, "Chat started with %s. Type exit() to leave.\n" % other)
        elif self.is_no(text):
            self.part(person.id)
            for one in (person.id, asker):
                self.say(one, "Request denied.\n")
                self.to_menu(one)
        else:
            self.ask(asker, person.id)

    def is_no(self, text):
        return text.lower() in ("n", "no")

    def is_for_nobody(self, person, text):
        """Somebody has only pressed Enter, or knows another chat."""
        if text in COMMANDS:
            person.say("Type exit() to leave. Nobody else has read that line.\n")
        return text == "" or text in COMMANDS

    def chatting(self, person, text, line):
        if self.is_for_nobody(person, text):
            return
        partner = self.partners[person.id]
        if not self.leaves(text):
            self.say(partner, self.said(person.id, line))
            return
        self.part(person.id)
        person.say("You left the chat.\n")
        self.to_menu(person.id)
        self.say(partner, "%s left the chat.\n" % person.id)
        self.to_menu(partner)

    def leaves(self, text):
        return text.lower().replace(" ", "") == "exit()"

    def room(self, person, text, line):
        if self.is_for_nobody(person, text):
            return
        if not self.leaves(text):
            self.tell_room(person.id, self.said(person.id, line))
            return
        person.say("You left the common room.\n")
        self.to_menu(person.id)
        self.tell_room(person.id, "%s left the common room.\n" % person.id)

    def said(self, who, line):
        return "%s: %s\n" % (who, "".join(c if c.isprintable() or c == "\t" else "?" for c in line))

    # The dictionaries.

    def say(self, who, text):
        self.connections[who].say(text)

    def to_menu(self, who):
        self.states[who] = "menu"
        self.say(who, MENU)

    def pair(self, one, other):
        self.partners[one], self.partners[other] = other, one

    def part(self, one):
        other = self.partners.pop(one)
        self.partners.pop(other)

    def tell_room(self, but, text):
        for who, state in self.states.items():
            if state == "room" and who != but:
                self.say(who, text)

    def gone(self, person):
        who = person.id
        if who is None or self.connections.get(who) is not person:
            return
        state = self.states.pop(who)
        del self.connections[who]
        self.names.pop(who.lower(), None)
        if state == "room":
            self.tell_room(who, "%s left the common room.\n" % who)
        if who in self.partners:
            self.abandon(who, self.partners[who], state)

    def abandon(self, who, partner, state):
        self.part(who)
        text = {"chatting": "%s left the chat.\n", "waiting": "%s gave up.\n", "answering": "%s is gone.\n"}[state]
        self.say(partner, text % who)
        self.to_menu(partner)

    # The sockets.

    def run(self, person):
        person.say("Enter your user ID: ")
        try:
            for line in person.lines():
                with self.lock:
                    if self.take(person, line):
                        break
        except OSError:
            pass
        with self.lock:
            self.gone(person)
        person.say(None)

    def accept(self, connection):
        return Connection(connection)

    def serve(self, port):
        threading.stack_size(128 * 1024)
        listener = socket.create_server(("127.0.0.1", port), backlog=511)
        print("listening", flush=True)
        while True:
            connection, _ = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.run, args=(self.accept(connection),), daemon=True).start()


if __name__ == "__main__":
    Server().serve(int(sys.argv[1]))
