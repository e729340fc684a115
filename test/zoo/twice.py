"""The same id twice: whoever comes later takes it over."""
import sys

from correct import Server


class Twice(Server):
    def is_taken(self, text):
        return False


Twice().serve(int(sys.argv[1]))
