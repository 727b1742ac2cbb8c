"""Small servers of our own: the one beyond, which answers by the name of the recipient, and one that greylists."""

import socketserver
import threading


class _Threads(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class Listening:
    """Runs a server in a thread until it is stopped."""

    def __init__(self, handler, port=0):
        self._server = _Threads(("127.0.0.1", port), handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


class _Session(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"220 beyond.other.example ESMTP\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            reply = b"250 2.0.0 Ok"
            if verb == b"RCPT":
                reply = b"250 2.1.5 Ok"
                if b"full@" in line:
                    reply = b"552 5.2.2 Mailbox full"
                if b"slow@" in line:
                    reply = b"451 4.3.0 Try again later"
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                while self.rfile.readline() not in (b".\r\n", b""):
                    pass
                reply = b"250 2.0.0 Ok: queued as 7EF01C2D3E"
            if verb == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(reply + b"\r\n")


class Beyond(Listening):
    """A server that answers by the name of the recipient: full@ is refused for good, slow@ for now."""

    def __init__(self, port=0):
        super().__init__(_Session, port)


class Greylist(Listening):
    """A policy service (SMTPD_POLICY_README): a sender and recipient that were never seen together are to come again.

    As postgrey does it, only that nobody has to wait.
    """

    def __init__(self):
        seen = set()

        class _Policy(socketserver.StreamRequestHandler):
            def handle(self):
                asked = {}
                while line := self.rfile.readline().decode():
                    name, equals, value = line.rstrip("\n").partition("=")
                    if equals:
                        asked[name] = value
                        continue
                    pair = asked.get("sender"), asked.get("recipient")
                    action = b"DUNNO" if pair in seen else b"DEFER_IF_PERMIT Greylisted, see http://postgrey.example/"
                    seen.add(pair)
                    self.wfile.write(b"action=" + action + b"\n\n")
                    asked = {}

        super().__init__(_Policy)
