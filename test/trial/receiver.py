"""test/trial/receiver.py - who receives alarms: a local HTTP server that is down for a while, and remembers."""
import http.server
import json
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
