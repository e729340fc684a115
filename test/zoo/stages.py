"""Learners' servers that are right for an exercise of docs/course.md and no further. Usage: stages.py NAME PORT"""
import sys

from correct import MENU, Server


class First(Server):
    """Exercise 1: greets, and answers every line."""

    def take(self, person, line):
        person.say("User ID taken. Choose another user ID: ")


class Second(Server):
    """Exercise 2: ids, the menu, and 2 to leave."""

    def menu(self, person, text, line):
        return super().menu(person, "x" if text in ("1", "3") else text, line)


class Third(Server):
    """Exercise 3: requests and chats."""

    def menu(self, person, text, line):
        return super().menu(person, "x" if text == "3" else text, line)


class OwnWords(Server):
    """Everything, in words of its own, without a head count and a farewell."""

    words = {
        "Enter your user ID: ": "Who are you? ",
        "User ID taken. Choose another user ID: ": "Somebody is called that. Who are you? ",
        MENU: "What now?\n1) talk\n2) leave\n3) room\n",
        "Invalid option.\n": "There is no such thing.\n",
        "Request denied.\n": "No.\n",
        "User busy.\n": "Not now.\n",
        "User not found.\n": "Nobody is called that.\n",
        "Waiting for response...\n": "Patience.\n",
        "Bye.\n": "",
    }

    def accept(self, connection):
        person = super().accept(connection)
        say = person.say
        person.say = lambda text: say(text if text is None else self.worded(text))
        return person

    def worded(self, text):
        if "Joined common room" in text:
            return "You are in.\n"
        if ": " not in text or text.startswith("Enter") or text.startswith("User ID"):
            text = text.replace(" joined the common room.", " came in.").replace(" left the common room.", " went out.")
        return self.words.get(text, text.replace("Enter your user ID: ", "Who are you? "))


class Unanswered(Server):
    """Everything but answers: who is asked stays asked, whatever they say."""

    def is_no(self, text):
        return False

    def answering(self, person, text, line):
        super().answering(person, "", line)


ZOO = {"first": First, "second": Second, "third": Third, "ownWords": OwnWords, "unanswered": Unanswered}

if __name__ == "__main__":
    ZOO[sys.argv[1]]().serve(int(sys.argv[2]))
