"""Servers with one fault in ids and in the menu. Usage: ids.py NAME PORT"""
import re
import sys
import threading
import time

import correct
from correct import Server


class Twice(Server):
    """The same id twice: whoever comes later takes it over."""

    def is_taken(self, text):
        return False


class LetterCase(Server):
    """Ids that differ only in letter case are two people."""

    def is_taken(self, text):
        return text in self.connections

    def identifying(self, person, text, line):
        super().identifying(person, text, line)
        if person.id:
            self.names[text] = text


class IdBlanks(Server):
    """Blanks around an id are not cut off."""

    def identifying(self, person, text, line):
        super().identifying(person, line if line.strip() else text, line)


class EmptyDropped(Server):
    """An empty line is dropped."""

    def take(self, person, line):
        return None if line == "" or line and not line.strip() else super().take(person, line)


class LaxIds(Server):
    """An id with characters that are not allowed is accepted."""

    def identifying(self, person, text, line):
        good, correct.GOOD_ID = correct.GOOD_ID, re.compile(r".{1,32}\Z")
        super().identifying(person, text, line)
        correct.GOOD_ID = good


class LongIds(Server):
    """An id of more than 32 characters is accepted."""

    def identifying(self, person, text, line):
        good, correct.GOOD_ID = correct.GOOD_ID, re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z")
        super().identifying(person, text, line)
        correct.GOOD_ID = good


class NarrowIds(Server):
    """An id that the page allows is refused: only letters and digits pass."""

    def identifying(self, person, text, line):
        super().identifying(person, text if text.isalnum() else "", line)


class NoReserved(Server):
    """A reserved word is accepted as an id."""

    def identifying(self, person, text, line):
        kept, correct.RESERVED = correct.RESERVED, ()
        super().identifying(person, text, line)
        correct.RESERVED = kept


class FewReserved(Server):
    """Some reserved words are accepted as ids."""

    def identifying(self, person, text, line):
        kept, correct.RESERVED = correct.RESERVED, set("server menu 1 2 3 4 y n yes no".split())
        super().identifying(person, text, line)
        correct.RESERVED = kept


class Racing(Server):
    """Two people get the same id at the same moment: looking and taking are two steps."""

    def take(self, person, line):
        if person.id is None and line and correct.GOOD_ID.match(line.strip()) and not self.is_taken(line.strip()):
            self.lock.release()
            time.sleep(0.002)
            self.lock.acquire()
            kept, self.is_taken = self.is_taken, lambda text: False
            is_over = super().take(person, line)
            self.is_taken = kept
            return is_over
        return super().take(person, line)


class Keeping(Server):
    """An id is not free at once when its connection ends: it is never taken out of the dictionary of names."""

    def gone(self, person):
        kept = dict(self.names)
        super().gone(person)
        self.names.update({name: who for name, who in kept.items() if who == person.id})


class Late(Server):
    """An id is not free at once when its connection ends, but 3 s later."""

    def gone(self, person):
        super().gone(person)
        if person.id:
            self.names[person.id.lower()] = person.id
            self.states.setdefault(person.id, "gone")
            threading.Timer(3, self.forget, [person.id]).start()

    def forget(self, who):
        with self.lock:
            self.names.pop(who.lower(), None)
            self.states.pop(who, None)


class QuitKeeps(Server):
    """The id of somebody who has quit stays taken."""

    def menu(self, person, text, line):
        is_over = super().menu(person, text, line)
        person.has_quit = bool(is_over)
        return is_over

    def gone(self, person):
        if getattr(person, "has_quit", False):
            self.states[person.id] = "gone"
        else:
            super().gone(person)


class Ghost(Server):
    """A connection that is reset (RST) leaves a ghost."""

    def run(self, person):
        try:
            person.say("Enter your user ID: ")
            for line in person.lines():
                with self.lock:
                    if self.take(person, line):
                        break
        except OSError:
            return
        with self.lock:
            self.gone(person)
        person.say(None)


class Deaf(Server):
    """Something that is no option is not refused."""

    def menu(self, person, text, line):
        return super().menu(person, text, line) if text in ("", "1", "2", "3") else None


class Staying(Server):
    """After 2 the connection stays."""

    def menu(self, person, text, line):
        super().menu(person, text, line)


class Silent(Server):
    """2 is not answered by a farewell."""

    def menu(self, person, text, line):
        return True if text == "2" else super().menu(person, text, line)


class ChoiceBlanks(Server):
    """Blanks around a choice are not cut off."""

    def menu(self, person, text, line):
        return super().menu(person, line, line)


ZOO = {
    "twice": Twice,
    "letterCase": LetterCase,
    "idBlanks": IdBlanks,
    "emptyDropped": EmptyDropped,
    "laxIds": LaxIds,
    "longIds": LongIds,
    "narrowIds": NarrowIds,
    "noReserved": NoReserved,
    "fewReserved": FewReserved,
    "racing": Racing,
    "keeping": Keeping,
    "late": Late,
    "quitKeeps": QuitKeeps,
    "ghost": Ghost,
    "deaf": Deaf,
    "staying": Staying,
    "silent": Silent,
    "choiceBlanks": ChoiceBlanks,
}

if __name__ == "__main__":
    ZOO[sys.argv[1]]().serve(int(sys.argv[2]))
