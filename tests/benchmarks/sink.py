"""A mail server that takes everything and keeps nothing: ``python -m tests.benchmarks.sink``.

Prints its port. It answers at once, in as few steps as it can: what is measured is the client.
"""

import socketserver
import sys


class Conversation(socketserver.StreamRequestHandler):
    # Each answer goes out at once.
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self.say(b"220 sink")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"QUIT":
                self.say(b"221 bye")
                return
            if word == b"DATA":
                self.say(b"354 go on")
                while self.rfile.readline() not in (b".\r\n", b""):
                    pass
            self.say(b"250 OK")

    def say(self, words: bytes) -> None:
        self.wfile.write(words + b"\r\n")


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


if __name__ == "__main__":
    with Server(("127.0.0.1", 0), Conversation) as server:
        print(server.server_address[1], flush=True)
        sys.stdout.close()
        server.serve_forever()
