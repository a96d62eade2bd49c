#!/usr/bin/env python3
"""test/hostile/hostile.py WEFT [--long] [SCENE...] - clients that mean harm, against a real server over loopback.

While each scene goes on a well-behaved client calls the server, and every answer must come in reasonable
time; the server's resident memory stays under what docs/operations.md, "Limits", adds up to.  With --long the answers that nobody
reads are more than are held together.
"""
import json
import os
import random
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "wire"))
from wire import Connection, Server, headers  # noqa: E402

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
PROJECT, WORKFLOW = "2417334454903762944", "a5acf635-a297-458d-a311-14745662dcae"
PLACES, THREADS = 100, 2
MB = 1 << 20
# docs/operations.md, "Limits"; JSON_VALUES: a million, each a hundred bytes at most once it is parsed.
BASE, BODIES, ANSWERS, BODY, ANSWER, JSON_VALUES = 64 * MB, 256 * MB, 256 * MB, 10 * MB, 50 * MB, 100 * MB
HEADERS = 160 << 10
USUAL_SECONDS, CROWDED_SECONDS = 5, 12
LONG = "--long" in sys.argv
SCENES = []


def scene(seconds=USUAL_SECONDS, bodies=False, answers=False):
    """seconds: the longest that the well-behaved client may wait; the rest: what takes memory in it."""
    def add(function):
        bound = BASE + PLACES * (HEADERS + (32 << 10)) + THREADS * (BODY + JSON_VALUES + ANSWER)
        SCENES.append((function, seconds, bound + BODIES * bodies + ANSWERS * answers))
        return function
    return add


class Watch:
    """The well-behaved client; it calls once more when the scene is over."""

    def __init__(self, server):
        self.server, self.waits, self.wrong = server, [], []
        self.ends = threading.Event()
        self.thread = threading.Thread(target=self.call)

    def call(self):
        last = False
        while not last:
            last = self.ends.wait(0.1)
            begin = time.time()
            try:
                response = self.server.call("ListProjects")
                if "Error" in response:
                    self.wrong.append(response["Error"]["Code"])
            except (OSError, EOFError) as error:  # closed while it waited for a place
                if time.time() - begin > 1:
                    self.wrong.append(repr(error))
            self.waits.append(time.time() - begin)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *ignored):
        self.ends.set()
        self.thread.join()


def memory(pid, name):
    """VmRSS: resident now; VmHWM: the most that it ever was."""
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return next(int(line.split()[1]) << 10 for line in f if line.startswith(name + ":"))


def is_sanitized(pid):
    """Its shadow memory and its quarantine come on top."""
    with open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as f:
        return "asan" in f.read()


def quietly(function, *args):
    """What a closed connection makes of a call is no concern of a client that means harm."""
    try:
        return function(*args)
    except (OSError, EOFError):
        return None


def all_at_once(n, function):
    threads = [threading.Thread(target=quietly, args=(function, i)) for i in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def answered(server, request, seconds, body=b""):
    """The code of the answer, "closed", or a failure of the test when neither comes in time."""
    connection = Connection(server.port, seconds)
    try:
        quietly(connection.send, request)
        quietly(connection.send, body)
        status, _, text = connection.answer()
        if status != 200:
            return str(status)
        return json.loads(text)["Response"].get("Error", {}).get("Code", "OK")
    except (EOFError, ConnectionError):
        return "closed"
    except socket.timeout:
        raise SystemExit(f"no answer in {seconds} s to {request[:80]!r}... of {len(request)} bytes") from None
    finally:
        connection.close()


def signed(server, body, action="ListProjects", seconds=USUAL_SECONDS, **more):
    lines = headers(action, body=body, **more)
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return answered(server, f"POST / HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode(), seconds, body)


# ---- slow ------------------------------------------------------------------------------------------

@scene()
def slow_headers_and_bodies(server):
    """Fewer than would crowd the server; each sends a byte now and then, and none gets an answer."""
    slow = [Connection(server.port) for _ in range(PLACES * 3 // 5)]
    for i, connection in enumerate(slow):
        connection.send((b"POST / HTTP/1.1\r\nX-Slow: ", b"POST / HTTP/1.1\r\nContent-Length: 1000\r\n\r\n", b"P")[i % 3])
    for _ in range(5):
        time.sleep(0.5)
        for connection in slow:
            quietly(connection.send, b"a")
    for connection in slow:
        connection.close()


@scene(seconds=CROWDED_SECONDS)
def more_connections_than_places(server):
    """They take every place and say nothing; those that hold one are closed after 5 s."""
    flood = [Connection(server.port) for _ in range(PLACES + 50)]
    begin = time.time()
    for connection in flood[:PLACES // 2]:
        quietly(connection.send, b"GET /healthz HT")
    while time.time() - begin < CROWDED_SECONDS and not flood[0].is_closed():
        pass
    assert time.time() - begin < CROWDED_SECONDS, "a silent connection held its place"
    response = server.call("ListProjects")
    assert "Error" not in response, response
    for connection in flood:
        connection.close()


@scene(seconds=CROWDED_SECONDS)
def half_requests(server):
    """Many more than there are places, gone as soon as they came: none keeps its place."""
    whole = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{\"a\":"
    for i in range(400):
        connection = Connection(server.port)
        quietly(connection.send, whole[:1 + i % len(whole)])
        if i % 2:  # with a reset instead of an end
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()


@scene()
def copies_of_large_files(server):
    """More of them at once than there are threads; each lasts, and nobody else waits for one."""
    place = f"/datastudio/resource/{PROJECT}/large"
    path = os.path.join(server.data, "bucket", "weft") + place
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.truncate(200 * MB)
    over, took, waits = [], [], []

    def register(i):
        body = json.dumps({"ProjectId": PROJECT, "ResourceName": f"large{i}", "ParentFolderPath": "/", "BucketName": "weft",
                           "CosRegion": "local", "ResourceFile": place}).encode()
        begin = time.time()
        over.append(signed(server, body, "CreateResourceFile", 120))
        took.append(time.time() - begin)
    copies = 2 * THREADS
    threads = [threading.Thread(target=register, args=(i,)) for i in range(copies)]
    for thread in threads:
        thread.start()
    while len(over) < copies:
        begin = time.time()
        assert "Error" not in server.call("ListProjects")
        waits.append(time.time() - begin)
    for thread in threads:
        thread.join()
    assert over == ["OK"] * copies, over
    # The first copy was alone at most with one other call's, so no thread's clients may have waited for as long.
    assert max(waits) < min(took) / 2, (took, max(waits))


# ---- floods ----------------------------------------------------------------------------------------

@scene()
def many_strangers(server):
    """Every request has another key, account, address and action: no table grows with them."""
    before = memory(server.process.pid, "VmRSS")

    def stranger(i):
        connection, noise = Connection(server.port), random.Random(i)
        for _ in range(250):
            name = f"AKID{noise.randrange(10**12)}"
            lines = headers(name, secret_id=name, key=name)
            lines["X-Forwarded-For"] = lines["X-Real-IP"] = f"10.{noise.randrange(256)}.0.{noise.randrange(256)}"
            answer = connection.request(lines, b"{}").answer()
            assert json.loads(answer[2])["Response"]["Error"]["Code"] == "AuthFailure.SecretIdNotFound"
        connection.close()
    all_at_once(8, stranger)
    grown = memory(server.process.pid, "VmRSS") - before
    assert grown < 16 * MB or is_sanitized(server.process.pid), f"2,000 strangers left {grown} bytes"


@scene()
def many_headers(server):
    def flood(line, n):
        return answered(server, b"GET / HTTP/1.1\r\nHost: h\r\n" + line * n + b"\r\n", USUAL_SECONDS)
    assert flood(b"X: y\r\n", 300) == "MissingParameter"
    assert flood(b"X: y\r\n", 500) == "RequestSizeLimitExceeded"
    for line, n in ((b"X: y\r\n", 5000), (b"X: y\r\n", 20000), (b"X: " + b"y" * 5000 + b"\r\n", 100),
                    (b"Cookie: " + b"a=b;" * 5000 + b"\r\n", 1), (b"Cookie: " + b"a=b; c=d;" * 100 + b"\r\n", 50)):
        code = flood(line, n)
        assert code in ("closed", "MissingParameter", "RequestSizeLimitExceeded") or code.startswith("4"), (line[:10], n, code)


@scene()
def many_arguments(server):
    """A query of 32 KB is read, however many arguments it has; a longer one is refused, and one of more than the
    64 KB that headers have together by the HTTP library already (wire.md)."""
    for n in (100, 2000, 5000, 16000):
        query = "&".join(f"{i:x}=" for i in range(n))[:32000]
        code = answered(server, f"GET /?{query} HTTP/1.1\r\nHost: h\r\n\r\n".encode(), USUAL_SECONDS)
        assert code in ("MissingParameter", "InvalidParameter"), (n, code)
    for n in (11000, 15000, 20000):
        code = answered(server, b"GET /?" + b"a=&" * n + b" HTTP/1.1\r\nHost: h\r\n\r\n", USUAL_SECONDS)
        assert code == "RequestSizeLimitExceeded", (n, code)
    for n in (39000, 100000):
        code = answered(server, b"GET /?" + b"a=&" * n + b" HTTP/1.1\r\nHost: h\r\n\r\n", USUAL_SECONDS)
        assert code == "closed" or code.startswith("4"), (n, code)
    form = b"&".join(b"%x=" % i for i in range(30000))
    lines = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n"
    assert answered(server, lines % len(form), USUAL_SECONDS, form) == "InvalidParameter"


@scene()
def broken_framing(server):
    post = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
    chunked = post + b"Transfer-Encoding: chunked\r\n\r\n"
    for request in (post + b"Content-Length: 99999999999999999999\r\n\r\n", post + b"Content-Length: -1\r\n\r\n",
                    post + b"Content-Length: 1e3\r\n\r\n", post + b"Content-Length: 100000000\r\n\r\n",
                    chunked + b"ffffffffffffffffff\r\n", chunked + b"-1\r\n", chunked + b"zz\r\n",
                    chunked + b"2\r\n{}\r\n0\r\n" + b"X: y\r\n" * 20000 + b"\r\n",
                    b"\xff" * 200000, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
                    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 500 + b"\r\n\r\n"):
        code = answered(server, request, USUAL_SECONDS)
        assert code != "OK" and not code.startswith("Internal"), (request[:120], code)


# ---- large -----------------------------------------------------------------------------------------

@scene(bodies=True)
def large_bodies_at_once(server):
    """40 times 10 MB, not signed, held back at their last byte: 256 MB are taken in, the rest is refused."""
    body, codes = b" " * (BODY - 1), []
    line = f"POST / HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: {BODY}\r\n\r\n".encode()
    sent = threading.Barrier(40)

    def push(_):
        connection = Connection(server.port, 60)
        try:
            connection.send(line)
            quietly(connection.send, body)
            sent.wait(60)
            quietly(connection.send, b"}")
            codes.append(json.loads(connection.answer()[2])["Response"]["Error"]["Code"])
        finally:
            connection.close()
    all_at_once(40, push)
    assert set(codes) == {"RequestLimitExceeded", "AuthFailure.SignatureFailure"}, codes
    assert codes.count("RequestLimitExceeded") >= 5, codes


@scene(bodies=True)
def hostile_json(server):
    many = b'{"ProjectIds":[' + b'"1",' * 99999 + b'"1"]}'
    assert signed(server, many) in ("OK", "LimitExceeded", "InvalidParameterValue")
    deep = b'{"ProjectIds":' + b"[" * 5 * MB
    wide = b'{"ProjectIds":[' + b"1," * (4 * MB) + b"1]}"
    names = b"{" + b",".join(b'"%x":1' % i for i in range(400000)) + b"}"
    same = b"{" + b'"a":1,' * 300000 + b'"a":1}'
    for body in (deep, wide, names, same, b'{"PageNumber":' + b"9" * MB + b"}", b'{"PageNumber":1e' + b"9" * MB + b"}",
                 b'{"PageNumber":-0.0000001}', b'{"' + b"k" * MB + b'":1}', b'{"ProjectName":"' + b"\\u0000" * 1000 + b'"}',
                 b'{"ProjectName":"' + b"\xf8" * MB + b'"}', b'{"ProjectName":"' + b"\\" * MB, b"\xef\xbb\xbf{}"):
        code = signed(server, body, seconds=30)
        assert code in ("InvalidParameter", "UnknownParameter", "InvalidParameterValue"), (body[:40], code)
    codes = []
    all_at_once(6, lambda _: codes.append(signed(server, wide, seconds=60)))
    assert len(codes) == 6 and set(codes) <= {"InvalidParameter", "RequestLimitExceeded"}, codes


@scene(bodies=True)
def hostile_parts(server):
    """What a JSON body may not have, parts of a multipart form may not have together."""
    def part(i, values):
        return (b'--B\r\nContent-Disposition: form-data; name="P%d"\r\nContent-Type: application/json\r\n\r\n' % i
                + b"[" + b"{}," * values + b"{}]\r\n")
    for parts, values in ((1, 3200000), (8, 400000), (200, 16000)):
        body = b"".join(part(i, values) for i in range(parts)) + b"--B--\r\n"
        code = signed(server, body, seconds=30, content_type="multipart/form-data; boundary=B")
        assert code == "InvalidParameter", (parts, code)
    body = part(0, 400000) + b"--B--\r\n"
    assert signed(server, body, seconds=30, content_type="multipart/form-data; boundary=B") == "UnknownParameter"


@scene()
def many_words(server):
    """A list that is filtered by 100,000 words does not look at every task for each."""
    for i in range(30):
        server.call("CreateTask", {
            "ProjectId": PROJECT, "TaskConfiguration": {}, "TaskSchedulerConfiguration": {},
            "TaskBaseAttribute": {"TaskName": f"task{i}", "TaskTypeId": "35", "WorkflowId": WORKFLOW}})
    body = json.dumps({"ProjectId": PROJECT, "Keyword": "q," * 100000}).encode()
    codes, begin = [], time.time()
    all_at_once(4, lambda _: codes.append(signed(server, body, "ListTaskInstances", 60)))
    assert codes == ["InvalidParameterValue"] * 4, codes
    assert time.time() - begin < USUAL_SECONDS, time.time() - begin


@scene()
def many_removals(server):
    """Millions of names to be taken out of a long list do not keep the engine from other writes."""
    options = [{"ParamKey": f"key{i}", "ParamValue": "v"} for i in range(1000)]
    task = server.call("CreateTask", {
        "ProjectId": PROJECT, "TaskConfiguration": {"TaskExtConfigurationList": options}, "TaskSchedulerConfiguration": {},
        "TaskBaseAttribute": {"TaskName": "long", "TaskTypeId": "35", "WorkflowId": WORKFLOW}})["Data"]["TaskId"]
    names = "TaskConfiguration/TaskExtConfigurationList:" + "a," * (4 * MB)
    body = json.dumps({"ProjectId": PROJECT, "TaskId": task, "FieldToRemoveList": [names]}).encode()
    codes, begin = [], time.time()
    thread = threading.Thread(target=lambda: codes.append(signed(server, body, "UpdateTaskPartially", 60)))
    thread.start()
    time.sleep(0.3)
    assert signed(server, b'{"Project":{"ProjectName":"x","DisplayName":"x"}}', "CreateProject") == "OK"
    thread.join()
    assert codes == ["LimitExceeded"] and time.time() - begin < USUAL_SECONDS, (codes, time.time() - begin)


@scene(seconds=CROWDED_SECONDS, answers=True)
def answers_that_nobody_reads(server):
    """In the long form more than are held together, so that the later ones are refused, and small ones go on."""
    clients, code = (45, 7 * MB) if LONG else (9, 3 * MB)
    task = server.call("CreateTask", {
        "ProjectId": PROJECT, "TaskConfiguration": {"CodeContent": "QUFB" * (code // 4)},
        "TaskBaseAttribute": {"TaskName": "large", "TaskTypeId": "35", "WorkflowId": WORKFLOW},
        "TaskSchedulerConfiguration": {}})["Data"]["TaskId"]
    body = json.dumps({"ProjectId": PROJECT, "TaskId": task}).encode()
    silent, sizes, begin = [], [], time.time()

    def ask(_):
        connection = Connection.__new__(Connection)
        connection.rest, connection.socket = b"", socket.socket()
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.socket.settimeout(60)
        connection.socket.connect(("127.0.0.1", server.port))
        silent.append(connection.request(headers("GetTask", body=body), body))
        sizes.append(int(connection.answer(head_only=True)[1]["content-length"]))
    for _ in range(clients // 3):
        all_at_once(3, ask)
    assert len(sizes) == clients, f"{clients - len(sizes)} of {clients} got no answer"
    refused = sum(size < 1000 for size in sizes)
    # A client that takes nothing for 30 s is gone, and its answer with it.
    if LONG and time.time() - begin < 25:
        assert refused == len(sizes) - ANSWERS // max(sizes), sizes
    assert "Error" not in server.call("ListProjects")
    for connection in silent:
        connection.close()
    begin = time.time()  # and when they are gone there is room again
    while signed(server, body, "GetTask", 60) != "OK":
        assert time.time() - begin < USUAL_SECONDS, "answers that nobody takes any more are still held"
        time.sleep(0.1)


def run(weft, function, seconds, bound):
    with Server(weft, "--rate-limit", "0", "--connections", str(PLACES), "--threads", str(THREADS),
                fixture=os.path.join(ROOT, "examples", "fixture.json")) as server:
        if is_sanitized(server.process.pid):
            bound, seconds = 3 * bound, 3 * seconds
        begin = time.time()
        with Watch(server) as watch:
            function(server)
        assert server.process.poll() is None, "it died"
        took, worst, peak = time.time() - begin, max(watch.waits), memory(server.process.pid, "VmHWM")
        print(f"{function.__name__}: {took:.1f} s; {peak // MB} MB of {bound // MB}; "
              f"{len(watch.waits)} calls beside it, the slowest {worst:.2f} s of {seconds}", flush=True)
        assert peak <= bound, "it took more memory than its limits add up to"
        assert worst <= seconds and not watch.wrong, watch.wrong
        assert server.stop() == 0, open(server.log.name, encoding="utf-8", errors="replace").read()[-3000:]


def main():
    os.environ.setdefault("ASAN_OPTIONS", "quarantine_size_mb=16")
    wanted = [name for name in sys.argv[2:] if name != "--long"]
    for function, seconds, bound in SCENES:
        if not wanted or function.__name__ in wanted:
            run(sys.argv[1], function, seconds, bound)


main()
