"""Anything but y counts as no."""
import sys

from correct import Server


class OnlyYes(Server):
    def is_no(self, text):
        return True


OnlyYes().serve(int(sys.argv[1]))
