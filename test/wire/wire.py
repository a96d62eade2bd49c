"""test/wire/wire.py - a raw HTTP client, a TC3 signer and a server of its own, for tests of the wire."""
import hashlib
import hmac
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

SECRET_ID, SECRET_KEY = "AKIDwiretest", "wire-test-secret"


def sign(method="POST", host="127.0.0.1", body=b"{}", query="", timestamp=None, content_type="application/json",
         key=SECRET_KEY, secret_id=SECRET_ID, service="wedata", path="/", payload=None):
    """The Authorization header of docs/reference/wire.md 2.1."""
    timestamp = int(time.time()) if timestamp is None else timestamp
    date = time.strftime("%Y-%m-%d", time.gmtime(timestamp))
    payload = (b"" if method == "GET" else body) if payload is None else payload
    canonical = "\n".join([method, path, query, "content-type:" + content_type, "host:" + host, "",
                           "content-type;host", hashlib.sha256(payload).hexdigest()])
    scope = f"{date}/{service}/tc3_request"
    to_sign = f"TC3-HMAC-SHA256\n{timestamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    step = ("TC3" + key).encode()
    for part in (date, service, "tc3_request"):
        step = hmac.new(step, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(step, to_sign.encode(), hashlib.sha256).hexdigest()
    return (f"TC3-HMAC-SHA256 Credential={secret_id}/{scope}, SignedHeaders=content-type;host, "
            f"Signature={signature}")


def headers(action="ListProjects", version="2025-08-06", body=b"{}", host="127.0.0.1", method="POST", query="",
            region="ap-guangzhou", content_type="application/json", **more):
    """All headers of a signed request, in a usual order."""
    timestamp = int(time.time())
    result = {"Host": host, "Content-Type": content_type, "X-TC-Action": action, "X-TC-Version": version,
              "X-TC-Timestamp": str(timestamp), "X-TC-Region": region,
              "Authorization": sign(method, host, body, query, timestamp, content_type, **more)}
    return {name: value for name, value in result.items() if value is not None}


class Connection:
    """One TCP connection; requests are bytes that we compose, answers are parsed by length or chunks."""

    def __init__(self, port, timeout=20):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.rest = b""

    def send(self, data):
        self.socket.sendall(data)

    def request(self, lines, body=b"", target="/", method="POST", version="HTTP/1.1", length=True):
        head = [f"{method} {target} {version}"] + [f"{name}: {value}" for name, value in lines.items()]
        if length and method != "GET":
            head.append(f"Content-Length: {len(body)}")
        self.send("\r\n".join(head).encode() + b"\r\n\r\n" + body)
        return self

    def _more(self):
        data = self.socket.recv(65536)
        if not data:
            raise EOFError("the server closed the connection")
        self.rest += data

    def answer(self, head_only=False):
        """(status, headers in lower case, body)"""
        while b"\r\n\r\n" not in self.rest:
            self._more()
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        lines = head.decode().split("\r\n")
        status = int(lines[0].split()[1])
        fields = {name.strip().lower(): value.strip() for name, value in (line.split(":", 1) for line in lines[1:])}
        if status == 100:
            return status, fields, b""
        size = int(fields.get("content-length", 0))
        if head_only:
            return status, fields, b""
        while len(self.rest) < size:
            self._more()
        body, self.rest = self.rest[:size], self.rest[size:]
        return status, fields, body

    def is_closed(self):
        try:
            return self.socket.recv(1) == b""
        except (ConnectionResetError, BrokenPipeError):
            return True

    def close(self):
        self.socket.close()


class Server:
    """A weft server with a data folder of its own on a free port."""

    def __init__(self, weft, *options, fixture=None):
        self.weft, self.options, self.fixture = weft, options, fixture
        self.data = tempfile.mkdtemp(prefix="weft-wire-")
        os.chmod(self.data, 0o711)
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def start(self):
        self.log = open(os.path.join(self.data, "serve.log"), "ab")
        command = [self.weft, "serve", "--listen", "127.0.0.1:0", "--data", self.data, "--log-level", "warn",
                   *self.options] + (["--fixture", self.fixture] if self.fixture else [])
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log,
                                        env={**os.environ, "WEFT_SECRET_ID": SECRET_ID, "WEFT_SECRET_KEY": SECRET_KEY})
        line = self.process.stdout.readline().decode()
        found = re.search(r"listening on http://127\.0\.0\.1:(\d+)", line)
        if not found:
            self.process.wait(10)
            raise SystemExit("the server did not start: " + open(self.log.name, errors="replace").read()[-2000:])
        self.port = int(found.group(1))

    def stop(self, number=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(30)
        self.process.stdout.close()
        self.log.close()
        return self.process.returncode

    def __exit__(self, *ignored):
        self.stop()
        subprocess.run([self.weft, "runner", "--dir", os.path.join(self.data, "runner"), "--stop"],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=20, check=False)
        self.remove()

    def remove(self):
        shutil.rmtree(self.data, ignore_errors=True)

    def call(self, action, params=None, version="2025-08-06", **more):
        """Response of one signed call on a connection of its own."""
        body = json.dumps(params or {}).encode()
        connection = Connection(self.port)
        try:
            connection.request(headers(action, version, body, **more), body)
            return json.loads(connection.answer()[2])["Response"]
        finally:
            connection.close()
