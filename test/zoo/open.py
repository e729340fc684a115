"""A server that is right, and does in its own way what the protocol leaves open. Usage: open.py PORT"""
import sys

from correct import Server


class OwnWay(Server):
    """Blank lines and /help are text like any other, and only exit() in small letters leaves."""

    def is_for_nobody(self, person, text):
        return False

    def leaves(self, text):
        return text == "exit()"


if __name__ == "__main__":
    OwnWay().serve(int(sys.argv[1]))
