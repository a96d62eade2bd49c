"""test/trial/receiver.py - who receives alarms: a local HTTP and a mail server that are down for a while, and remember."""
import contextlib
import http.server
import json
import socketserver
import threading


class Receiver:
    def __init__(self):
        self.lock, self.received, self.refusing, self.refused = threading.Lock(), [], True, 0
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with receiver.lock:
                    if receiver.refusing:
                        receiver.refused += 1
                    else:
                        receiver.received.append(json.loads(body))
                    status = 503 if receiver.refusing else 200
                self.send_response(status)
                self.end_headers()

            def log_message(self, *ignored):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def up(self):
        with self.lock:
            self.refusing = False

    def told(self):
        """{(reason, instance, round)}"""
        with self.lock:
            return {(one["AlarmReason"], one["InstanceKey"], one["LifeRoundNum"]) for one in self.received}

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Mailbox:
    """As much of SMTP as a sender needs; while it is down it says so."""

    def __init__(self):
        self.lock, self.got, self.refusing, self.refused = threading.Lock(), [], True, 0
        mailbox = self

        class Handler(socketserver.StreamRequestHandler):
            def say(self, line):
                self.wfile.write(line.encode() + b"\r\n")

            def handle(self):
                with mailbox.lock:
                    down = mailbox.refusing
                    mailbox.refused += down
                self.say("421 later" if down else "220 here")
                if not down:
                    with contextlib.suppress(ConnectionError):  # a server that is killed goes without a word
                        self.talk()

            def talk(self):
                receivers, inside = [], False
                for line in self.rfile:
                    word = line.decode().strip()
                    if inside:
                        inside = word != "."
                        if not inside:
                            with mailbox.lock:
                                mailbox.got += receivers
                            receivers = []
                            self.say("250 taken")
                        continue
                    if word.upper().startswith("RCPT TO:"):
                        receivers.append(word[8:])
                    inside = word.upper() == "DATA"
                    self.say("354 go on" if inside else "221 bye" if word.upper() == "QUIT" else "250 good")

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = daemon_threads = True

        self.server = Server(("127.0.0.1", 0), Handler)
        self.address = f"smtp://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def up(self):
        with self.lock:
            self.refusing = False

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
