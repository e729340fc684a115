"""User text can imitate a server line: lines are passed on as they are."""
import sys

from correct import Server


class Imitation(Server):
    def said(self, who, line):
        return line + "\n"


Imitation().serve(int(sys.argv[1]))
