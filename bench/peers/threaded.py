"""A chat server with a thread for each connection, as a first course on sockets would build it.

Owns: statechat's dialogue (docs/protocol.md) in its plainest form: ids, menu, private chats, common room. No limits, no time
limits, no check of what is sent. Usage: threaded.py PORT
"""
import signal
import socket
import sys
import threading

MENU = "Menu:\n1) Connect to user\n2) Quit\n3) Common room\n4) Who is online\n"

lock = threading.Lock()
users = {}
room = set()


class User:
    def __init__(self, connection):
        self.connection = connection
        self.lines = connection.makefile("r", encoding="utf-8", newline="\n")
        self.id = None
        self.state = "menu"
        self.partner = None

    def say(self, text):
        try:
            self.connection.sendall(text.encode())
        except OSError:
            pass

    def run(self):
        self.say("Enter your user ID: ")
        for line in self.lines:
            line = line.rstrip("\r\n")
            if self.id is None:
                self.identify(line)
            elif self.state == "chatting":
                self.chat(line)
            elif self.state == "room":
                self.talk(line)
            elif self.state == "confirming":
                self.answer(line)
            elif self.state == "asking":
                self.ask(line)
            elif line == "2":
                self.say("Goodbye!\n")
                break
            else:
                self.choose(line)
        self.gone()

    def identify(self, line):
        with lock:
            taken = line in users
            if not taken:
                self.id = line
                users[line] = self
        self.say("User ID taken. Choose another user ID: " if taken else MENU)

    def choose(self, line):
        if line == "1":
            self.state = "asking"
            self.say("Enter user ID: ")
        elif line == "3":
            with lock:
                self.state = "room"
                room.add(self)
                people = len(room)
            self.say("Joined common room. Type exit() to leave.\n%d people are here, you included.\n" % people)
        elif line == "4":
            with lock:
                names = list(users)
            self.say("".join(name + "\n" for name in names) + MENU)
        else:
            self.say("Invalid option.\n" + MENU)

    def ask(self, target):
        with lock:
            other = users.get(target)
            free = other is not None and other is not self and other.state == "menu"
            self.state = "requesting" if free else "menu"
            if free:
                other.state = "confirming"
                other.partner, self.partner = self, other
        if free:
            other.say(self.id + " wants to chat with you. Accept? (y/n): ")
        else:
            self.say(("User not found.\n" if other is None else "User busy.\n") + MENU)

    def answer(self, line):
        yes = line in ("y", "yes")
        with lock:
            other = self.partner
            self.state = other.state = "chatting" if yes else "menu"
        for user, name in ((self, other.id), (other, self.id)):
            user.say("Chat started with %s. Type exit() to leave.\n" % name if yes else "Request denied.\n" + MENU)

    def chat(self, line):
        if line != "exit()":
            self.partner.say("%s: %s\n" % (self.id, line))
            return
        with lock:
            other = self.partner
            self.state = other.state = "menu"
        self.say("You left the chat.\n" + MENU)
        other.say(self.id + " left the chat.\n" + MENU)

    def talk(self, line):
        with lock:
            if line == "exit()":
                self.state = "menu"
                room.discard(self)
            members = [member for member in room if member is not self]
        if line == "exit()":
            self.say("You left the common room.\n" + MENU)
            return
        for member in members:
            member.say("%s: %s\n" % (self.id, line))

    def gone(self):
        with lock:
            users.pop(self.id, None)
            room.discard(self)
        self.connection.close()


def serve(user):
    try:
        user.run()
    except OSError:
        user.gone()
    finally:
        user.lines.close()


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
threading.stack_size(128 * 1024)
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=511)
while True:
    accepted, _ = listener.accept()
    accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    threading.Thread(target=serve, args=(User(accepted),), daemon=True).start()
