"""A request whose asker vanished leaves the other waiting: nobody tells them."""
import sys

from correct import Server


class Abandoning(Server):
    def abandon(self, who, partner, state):
        if state != "waiting":
            super().abandon(who, partner, state)


Abandoning().serve(int(sys.argv[1]))
