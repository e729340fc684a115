"""Servers with one fault in requests and chats. Usage: chats.py NAME PORT"""
import sys

from correct import Server


class UnknownAsked(Server):
    """Asking for somebody who is not there is not refused: the asker waits."""

    def naming(self, person, text, line):
        if text.lower() in self.names:
            return super().naming(person, text, line)
        self.states[person.id] = "waiting"


class SelfAsked(Server):
    """One can ask oneself."""

    def naming(self, person, text, line):
        if self.names.get(text.lower()) != person.id:
            return super().naming(person, text, line)
        self.states[person.id] = "answering"
        self.pair(person.id, person.id)
        self.ask(person.id, person.id)


class TargetCase(Server):
    """The id of whom to ask is compared by its letter case."""

    def naming(self, person, text, line):
        super().naming(person, text if text in self.connections else "nobody?", line)


class TargetBlanks(Server):
    """Blanks around the id of whom to ask are not cut off."""

    def naming(self, person, text, line):
        super().naming(person, line, line)


class WaitingLeaks(Server):
    """What the asker types while waiting reaches the one who is asked."""

    def waiting(self, person, text, line):
        super().waiting(person, text, line)
        self.say(self.partners[person.id], self.said(person.id, line))


class WaitingSilent(Server):
    """What the asker types while waiting is not answered."""

    def waiting(self, person, text, line):
        pass


class Capitals(Server):
    """An answer in full or in capitals is not recognised."""

    def answering(self, person, text, line):
        super().answering(person, text if text in ("y", "n") else "?", line)


class AnswerBlanks(Server):
    """Blanks around an answer are not cut off."""

    def answering(self, person, text, line):
        super().answering(person, line if line == text else "?", line)


class OnlyYes(Server):
    """Anything but y counts as no."""

    def is_no(self, text):
        return True


class OnlyNo(Server):
    """Anything but n counts as yes."""

    def answering(self, person, text, line):
        super().answering(person, text if self.is_no(text) else "y", line)


class StartsWith(Server):
    """A word that begins with y counts as yes."""

    def answering(self, person, text, line):
        super().answering(person, "y" if text.lower().startswith("y") else text, line)


class Abandoned(Server):
    """A request whose asker vanished leaves the other waiting: nobody tells them."""

    def abandon(self, who, partner, state):
        if state != "waiting":
            super().abandon(who, partner, state)


class TargetGone(Server):
    """A request whose target vanished leaves the asker waiting."""

    def abandon(self, who, partner, state):
        if state != "answering":
            super().abandon(who, partner, state)


class PartnerGone(Server):
    """The chat partner of somebody who hangs up is not told."""

    def abandon(self, who, partner, state):
        if state != "chatting":
            super().abandon(who, partner, state)


class SilentLeave(Server):
    """The partner of somebody who leaves a chat is not told."""

    def chatting(self, person, text, line):
        partner = self.partners[person.id]
        super().chatting(person, text, line) if text != "exit()" else self.leave(person, partner)

    def leave(self, person, partner):
        self.part(person.id)
        person.say("You left the chat.\n")
        self.to_menu(person.id)
        self.to_menu(partner)


class ExitBlanks(Server):
    """exit() with blanks around it is passed on as text."""

    def chatting(self, person, text, line):
        super().chatting(person, text if line == text else "as it came", line)


class ExitInside(Server):
    """A line that only contains exit() ends the chat."""

    def chatting(self, person, text, line):
        super().chatting(person, "exit()" if "exit()" in text else text, line)


class Choices(Server):
    """What is a choice in the menu counts in a chat too: 2 quits."""

    def chatting(self, person, text, line):
        if text == "2":
            return True
        return super().chatting(person, text, line)


class Imitation(Server):
    """User text can imitate a server line: lines are passed on as they are."""

    def said(self, who, line):
        return line + "\n"


class Echo(Server):
    """The sender reads its own line."""

    def chatting(self, person, text, line):
        super().chatting(person, text, line)
        if text != "exit()":
            person.say(self.said(person.id, line))


class Eavesdropping(Server):
    """A third person reads a private chat: everybody in the menu does."""

    def chatting(self, person, text, line):
        super().chatting(person, text, line)
        for who, state in self.states.items():
            if state == "menu" and text != "exit()":
                self.say(who, self.said(person.id, line))


class LeftToAll(Server):
    """Others are told of a request or of a chat: of the end of each chat."""

    def chatting(self, person, text, line):
        partner = self.partners[person.id]
        super().chatting(person, text, line)
        for who in list(self.states) if self.leaves(text) else []:
            if who not in (person.id, partner):
                self.say(who, "%s left the chat.\n" % person.id)


class OnePartner(Server):
    """Two chats at the same time mix: the partners are two variables."""

    both = ()

    def pair(self, one, other):
        super().pair(one, other)
        self.both = (one, other)

    def chatting(self, person, text, line):
        if text == "exit()":
            return super().chatting(person, text, line)
        to = self.both[0] if person.id != self.both[0] else self.both[1]
        if to in self.connections:
            self.say(to, self.said(person.id, line))


class DeniedBusy(Server):
    """After a no somebody is stuck: the asker stays waiting in the dictionary."""

    def answering(self, person, text, line):
        asker = self.partners[person.id]
        super().answering(person, text, line)
        if self.is_no(text):
            self.states[asker] = "waiting"


class LeftStuck(Server):
    """After a chat that was left somebody is stuck: the one who was left."""

    def chatting(self, person, text, line):
        partner = self.partners[person.id]
        super().chatting(person, text, line)
        if text == "exit()":
            self.states[partner] = "waiting"


class StuckSurvivor(Server):
    """After the chat partner hangs up somebody is stuck."""

    def abandon(self, who, partner, state):
        super().abandon(who, partner, state)
        if state == "chatting":
            self.states[partner] = "waiting"


class Asked(Server):
    """Somebody in some state can be asked."""

    state = ""

    def naming(self, person, text, line):
        target = self.names.get(text.lower())
        if target is None or target == person.id or self.states[target] != self.state:
            return super().naming(person, text, line)
        old = self.partners.pop(target, None)
        if old is not None:
            self.partners.pop(old, None)
        self.pair(person.id, target)
        self.states[person.id], self.states[target] = "waiting", "answering"
        self.ask(person.id, target)


def asked(state, doc):
    return type("Asked_" + state, (Asked,), {"state": state, "__doc__": doc})


ZOO = {
    "unknownAsked": UnknownAsked,
    "selfAsked": SelfAsked,
    "targetCase": TargetCase,
    "targetBlanks": TargetBlanks,
    "waitingLeaks": WaitingLeaks,
    "waitingSilent": WaitingSilent,
    "capitals": Capitals,
    "answerBlanks": AnswerBlanks,
    "onlyYes": OnlyYes,
    "onlyNo": OnlyNo,
    "startsWith": StartsWith,
    "abandoned": Abandoned,
    "targetGone": TargetGone,
    "partnerGone": PartnerGone,
    "silentLeave": SilentLeave,
    "exitBlanks": ExitBlanks,
    "exitInside": ExitInside,
    "choices": Choices,
    "imitation": Imitation,
    "echo": Echo,
    "eavesdropping": Eavesdropping,
    "leftToAll": LeftToAll,
    "onePartner": OnePartner,
    "deniedBusy": DeniedBusy,
    "leftStuck": LeftStuck,
    "stuckSurvivor": StuckSurvivor,
    "secondAsker": asked("answering", "Somebody who is being asked can be asked by a second person."),
    "thirdAsks": asked("chatting", "Somebody in a chat can be asked by a third person."),
    "namingAsked": asked("naming", "Somebody who is choosing whom to ask can be asked."),
    "waitingAsked": asked("waiting", "Somebody who waits for an answer can be asked."),
}

if __name__ == "__main__":
    ZOO[sys.argv[1]]().serve(int(sys.argv[2]))
