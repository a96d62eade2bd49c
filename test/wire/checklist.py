#!/usr/bin/env python3
"""test/wire/checklist.py WEFT - rows of docs/reference/wire.md section 6 against a real server over loopback.

What is pure (signatures, the schema walker) has its rows in test/api; here is what needs a connection.
"""
import base64
import hashlib
import hmac
import json
import sys
import threading
import time
import urllib.parse
import uuid

from wire import SECRET_ID, SECRET_KEY, Connection, Server, headers, sign

ROWS = []


def row(*numbers):
    """Registers a test; the numbers are those of the checklist."""
    def add(function):
        ROWS.append((numbers, function))
        return function
    return add


def parse(answer):
    status, fields, body = answer
    assert status == 200, f"status {status}"
    assert fields["content-type"] == "application/json", fields["content-type"]
    response = json.loads(body)["Response"]
    uuid.UUID(response["RequestId"])
    if "Error" in response:
        assert isinstance(response["Error"]["Code"], str) and isinstance(response["Error"]["Message"], str)
    return response


def code(answer):
    return parse(answer).get("Error", {}).get("Code")


def once(server, lines, body=b"", **more):
    connection = Connection(server.port)
    try:
        return connection.request(lines, body, **more).answer()
    finally:
        connection.close()


def signed(server, body=b"{}", action="ListProjects", **more):
    return once(server, headers(action, body=body, **more), body)


def v1(params, method="POST", host="127.0.0.1", algorithm="sha1", path="/"):
    """The signed parameters of signature v1."""
    full = {"Action": "ListProjects", "Version": "2025-08-06", "Region": "ap-guangzhou", "Nonce": "11886",
            "Timestamp": str(int(time.time())), "SecretId": SECRET_ID, **params}
    if algorithm == "sha256":
        full["SignatureMethod"] = "HmacSHA256"
    text = method + host + path + "?" + "&".join(f"{k}={full[k]}" for k in sorted(full, key=str.encode))
    digest = hmac.new(SECRET_KEY.encode(), text.encode(), algorithm).digest()
    return {**full, "Signature": base64.b64encode(digest).decode()}


def form(server, params, content_type="application/x-www-form-urlencoded", quote=urllib.parse.quote_plus):
    body = "&".join(f"{quote(k)}={quote(v)}" for k, v in params.items()).encode()
    return once(server, {"Host": "127.0.0.1", "Content-Type": content_type}, body)


def get(server, params, quote=urllib.parse.quote_plus):
    query = "&".join(f"{quote(k)}={quote(v)}" for k, v in params.items())
    return once(server, {"Host": "127.0.0.1"}, method="GET", target="/?" + query)


# ---- 6.1 transport and envelope -------------------------------------------------------------

@row(1, 3)
def success_envelope(server):
    response = parse(signed(server))
    assert "Error" not in response and "Data" in response


@row(2)
def error_envelope(server):
    assert code(signed(server, action="NoSuchAction")) == "InvalidAction"


@row(4, 5)
def thousand_ids_on_one_connection(server):
    connection, ids = Connection(server.port), set()
    for _ in range(1000):
        connection.request(headers(), b"{}")
        ids.add(parse(connection.answer())["RequestId"])
    connection.close()
    assert len(ids) == 1000


@row(6)
def pipelined(server):
    connection = Connection(server.port)
    for action in ("ListProjects", "NoSuchAction"):
        connection.request(headers(action), b"{}")
    assert code(connection.answer()) is None and code(connection.answer()) == "InvalidAction"
    connection.close()


@row(7)
def connection_close(server):
    connection = Connection(server.port)
    connection.request({**headers(), "Connection": "close"}, b"{}")
    assert code(connection.answer()) is None and connection.is_closed()


@row(8)
def http_1_0(server):
    connection = Connection(server.port)
    connection.request(headers(), b"{}", version="HTTP/1.0")
    assert code(connection.answer()) is None and connection.is_closed()


@row(9)
def expect_continue(server):
    body = b'{"ProjectName":"' + b"x" * (2 << 20) + b'"}'
    connection = Connection(server.port)
    connection.request({**headers(body=body), "Expect": "100-continue", "Content-Length": str(len(body))},
                       length=False)
    assert connection.answer()[0] == 100
    connection.send(body)
    assert code(connection.answer()) is None
    connection.close()


@row(10)
def chunked_body(server):
    connection = Connection(server.port)
    connection.request({**headers(), "Transfer-Encoding": "chunked"}, length=False)
    connection.send(b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n")
    assert code(connection.answer()) is None
    connection.close()


@row(11, 12)
def header_case_and_order(server):
    lower = {name.lower(): value for name, value in headers().items()}
    assert code(once(server, lower, b"{}")) is None
    last = headers()
    last["Host"] = last.pop("Host")
    assert code(once(server, last, b"{}")) is None


@row(13, 14, 16, 17, 18, 26, 27, 28, 29)
def hosts_paths_and_services(server):
    for host, signed_host, target, path, service in (
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080", "/", "/", "wedata"),
            ("http://127.0.0.1:8080/x/y", "http://127.0.0.1:8080/x/y", "/x/y", "/", "wedata"),
            ("127.0.0.1:8080", "127.0.0.1:8080", "/?", "/", "wedata"),
            ("127.0.0.1:8080", "127.0.0.1", "/", "/", "127"),
            ("127.0.0.1", "127.0.0.1", "/api/v3", "/", "wedata"),
            ("127.0.0.1:8080", "127.0.0.1", "/x/", "/x/", "127"),
            ("localhost:8080", "localhost", "/", "/", "localhost:8080"),
            ("127.0.0.1:8080", "127.0.0.1", "/", "/", "http://127"),
            ("127.0.0.1:8080", "wedata.tencentcloudapi.com", "/", "/", "wedata")):
        lines = headers(host=signed_host, path=path, service=service)
        lines["Host"] = host
        assert code(once(server, lines, b"{}", target=target)) is None, (host, target, service)


@row(15)
def no_host(server):
    lines = headers()
    del lines["Host"]
    status, _, body = once(server, lines, b"{}")
    assert status == 400 or code((status, {"content-type": "application/json"}, body)) == "AuthFailure.SignatureFailure"


@row(19)
def other_methods(server):
    for method in ("PUT", "DELETE", "OPTIONS", "PATCH"):
        assert code(once(server, headers(), b"{}", method=method)) == "UnsupportedProtocol", method
    connection = Connection(server.port)
    connection.request(headers(), b"", method="HEAD")
    status, fields, _ = connection.answer(head_only=True)
    assert status == 200 and int(fields["content-length"]) > 0
    connection.close()


@row(20, 21)
def encodings(server):
    lines = {**headers("NoSuchAction"), "Accept-Encoding": "gzip", "X-TC-Language": "zh-CN"}
    status, fields, body = once(server, lines, b"{}")
    assert "content-encoding" not in fields and len(body) == int(fields["content-length"])
    assert any(ord(letter) > 127 for letter in body.decode())


@row(22)
def client_goes_away(server):
    for cut in (b"POST / HT", b"POST / HTTP/1.1\r\nHost: x\r\n", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nabc"):
        connection = Connection(server.port)
        connection.send(cut)
        connection.close()
    assert code(signed(server)) is None


@row(23)
def two_hundred_clients(server):
    codes, lock = [], threading.Lock()

    def work():
        found = code(signed(server))
        with lock:
            codes.append(found)
    threads = [threading.Thread(target=work) for _ in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert codes == [None] * 200


# ---- 6.2 what needs the server ---------------------------------------------------------------

@row(30, 31, 32, 35)
def more_signed_headers(server):
    timestamp = int(time.time())
    for action_value, names in (("listprojects", ("x-tc-action",)), ("ListProjects", ("x-tc-action",)),
                                ("ListProjects", ("x-tc-action", "x-tc-region", "x-tc-timestamp", "x-tc-version"))):
        values = {"content-type": "application/json", "host": "127.0.0.1", "x-tc-action": action_value,
                  "x-tc-region": "ap-guangzhou", "x-tc-timestamp": str(timestamp), "x-tc-version": "2025-08-06"}
        listed = ("content-type", "host") + names
        canonical = "\n".join(["POST", "/", ""] + [f"{name}:{values[name]}" for name in listed] +
                              ["", ";".join(listed), hashlib.sha256(b"{}").hexdigest()])
        date = time.strftime("%Y-%m-%d", time.gmtime(timestamp))
        scope = f"{date}/wedata/tc3_request"
        key = ("TC3" + SECRET_KEY).encode()
        for part in (date, "wedata", "tc3_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        to_sign = f"TC3-HMAC-SHA256\n{timestamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        lines = {**headers(), "X-TC-Timestamp": str(timestamp)}
        lines["Authorization"] = (f"TC3-HMAC-SHA256 Credential={SECRET_ID}/{scope}, SignedHeaders={';'.join(listed)}, "
                                  f"Signature={hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()}")
        assert code(once(server, lines, b"{}")) is None, listed
    assert code(once(server, headers(), b"{ }")) == "AuthFailure.SignatureFailure"


@row(40, 41, 42)
def keys(server):
    made = server.call("CreateKey", {"Uin": "200"}, version="weft-1")["Data"]
    own = {"secret_id": made["SecretId"], "key": made["SecretKey"]}
    assert code(signed(server, **own)) is None
    assert code(signed(server, secret_id=made["SecretId"], key="wrong")) == "AuthFailure.SignatureFailure"
    assert code(signed(server, secret_id="AKIDnobody")) == "AuthFailure.SecretIdNotFound"
    refused = server.call("ListKeys", version="weft-1", **own)
    assert refused["Error"]["Code"] == "UnauthorizedOperation"
    server.call("DisableKey", {"SecretId": made["SecretId"]}, version="weft-1")
    assert code(signed(server, **own)) == "AuthFailure.SecretIdNotFound"


@row(48)
def another_clouds_authorization(server):
    lines = {"Host": "127.0.0.1", "Content-Type": "application/x-www-form-urlencoded",
             "Authorization": "AWS4-HMAC-SHA256 Credential=x/20260801/us-east-1/sts/aws4_request, Signature=y"}
    response = parse(once(server, lines, b"Action=X&Version=2"))
    assert response["Error"]["Code"] == "MissingParameter" and "X-TC-Action" in response["Error"]["Message"]


@row(52, 53, 54)
def payload_hash_header(server):
    lines = {**headers(payload=b"UNSIGNED-PAYLOAD"), "X-TC-Content-SHA256": "UNSIGNED-PAYLOAD"}
    assert code(once(server, lines, b'{"PageNumber":1}')) is None
    lines = {**headers(), "X-TC-Content-SHA256": "UNSIGNED-PAYLOAD"}
    assert code(once(server, lines, b"{}")) == "AuthFailure.SignatureFailure"
    lines = {**headers(), "X-TC-Content-SHA256": "0" * 64}
    assert code(once(server, lines, b"{}")) == "InvalidParameterValue"


@row(56, 58, 63)
def token_replay_and_content_type(server):
    assert code(once(server, {**headers(), "X-TC-Token": "x"}, b"{}")) == "AuthFailure.TokenFailure"
    lines = headers()
    assert code(once(server, lines, b"{}")) is None and code(once(server, lines, b"{}")) is None
    java = "application/json; charset=utf-8"
    assert code(once(server, headers(content_type=java), b"{}")) is None


@row(59, 60)
def get_with_tc3(server):
    for query in ("PageSize=20&PageNumber=1", "ProjectName=a+b%20c~*%21&PageNumber=1", ""):
        lines = headers(method="GET", query=query)
        target = "/?" + query if query else "/"
        assert code(once(server, lines, method="GET", target=target)) is None, query


# ---- 6.3 signature v1 -------------------------------------------------------------------------

@row(64, 65, 66, 67, 70, 76, 77, 78)
def v1_accepted(server):
    nested = {"ProjectIds.0": "a", "ProjectIds.1": "b+c&d=e 中文", "PageNumber": "1"}
    assert code(form(server, v1({}))) is None
    assert code(form(server, v1(nested, algorithm="sha256"))) is None
    assert code(form(server, v1(nested), content_type="application/x-www-form-urlencoded; charset=utf-8")) is None
    assert code(get(server, v1(nested, method="GET"))) is None
    assert code(get(server, v1({"SignatureMethod": "Other"}, method="GET"))) is None
    assert code(form(server, v1({"Nonce": "9223372036854775807"}))) is None
    params = v1({})
    assert code(form(server, params)) is None and code(form(server, params)) is None
    lower = lambda text: urllib.parse.quote(text, safe="").replace("%2B", "%2b").replace("%2F", "%2f").replace("%3D", "%3d")
    assert code(form(server, v1({}), quote=lower)) is None


@row(68)
def v1_underscores(server):
    """Signed with '_' and with '.', as the SDKs differ; the parameter itself is unknown, the signature is not wrong."""
    plain = v1({"Some_Name": "x"})
    assert code(form(server, plain)) == "UnknownParameter"
    dotted = v1({"Some.Name": "x"})
    dotted["Some_Name"] = dotted.pop("Some.Name")
    assert code(form(server, dotted)) == "UnknownParameter"


@row(69, 79, 80, 81)
def v1_refused(server):
    wrong = v1({"SignatureMethod": "HmacSHA256"})
    assert code(form(server, wrong)) == "AuthFailure.SignatureFailure"
    big = v1({"ProjectName": "x" * (1 << 20)})
    assert code(form(server, big)) == "AuthFailure.SignatureFailure"
    assert code(form(server, v1({"Timestamp": str(int(time.time()) - 301)}))) == "AuthFailure.SignatureExpire"
    response = parse(form(server, v1({"Region": ""})))
    assert response["Error"]["Code"] == "InvalidParameterValue" and "`Region`" in response["Error"]["Message"]


@row(71, 72)
def bare_get(server):
    for target in ("/", "/?Action=X"):
        response = parse(once(server, {"Host": "127.0.0.1"}, method="GET", target=target))
        assert response["Error"]["Code"] == "MissingParameter" and "`Timestamp`" in response["Error"]["Message"]


# ---- 6.4 common parameters ---------------------------------------------------------------------

@row(85, 86, 87, 88)
def versions_and_actions(server):
    assert code(signed(server, version="2020-01-01")) == "NoSuchVersion"
    message = parse(signed(server, action="Nothing"))["Error"]["Message"]
    assert "Nothing" in message and "2025-08-06" in message
    assert code(signed(server, action="TriggerDsEvent")) == "InvalidAction"
    assert code(signed(server, action="listProjects")) == "InvalidAction"
    response = parse(signed(server, action="ListTable"))
    assert response["Error"]["Code"] == "UnsupportedOperation" and "ListTable" in response["Error"]["Message"]


@row(89, 90)
def regions(server):
    response = parse(once(server, headers(region=None), b"{}"))
    assert response["Error"]["Code"] == "MissingParameter" and "`Region`" in response["Error"]["Message"]
    assert code(once(server, headers(region=""), b"{}")) == "InvalidParameterValue"


@row(92, 93, 94)
def languages_and_other_headers(server):
    assert code(once(server, {**headers(), "X-TC-Language": "fr-FR"}, b"{}")) == "InvalidParameterValue"
    answers = [parse(once(server, {**headers("Nothing"), **more}, b"{}"))["Error"]
               for more in ({}, {"X-TC-Language": "en-US"}, {"X-TC-Language": "zh-CN"})]
    assert {answer["Code"] for answer in answers} == {"InvalidAction"}
    assert answers[0]["Message"] == answers[1]["Message"] != answers[2]["Message"]
    more = {"X-TC-TraceId": "t", "X-TC-RequestClient": "c", "X-Idempotency-Key": "x", "X-TC-Unknown": "u"}
    assert code(once(server, {**headers(), **more}, b"{}")) is None


# ---- 6.5 body and parameters ---------------------------------------------------------------------

@row(95, 96, 97, 98, 99, 100)
def json_bodies(server):
    assert code(signed(server, b"")) is None
    for body in (b"not json", b'{"a":', b"[]", b'"x"', b'{"ProjectName":"\xff"}', b'{"ProjectName":"\\ud800"}',
                 b"[" * 10000, b'{"ProjectName":' + b"[" * 10000, b'{"ProjectName":"a","ProjectName":"b"}',
                 b'{"PageNumber":18446744073709551616}'):
        assert code(signed(server, body)) == "InvalidParameter", body[:40]


@row(101, 103, 104, 108, 117, 118)
def walker_codes(server):
    for body, expected in ((b"{}", "MissingParameter"), (b'{"ProjectId":"1","X":1}', "UnknownParameter"),
                           (b'{"ProjectId":1}', "InvalidParameter"), (b'{"ProjectId":null}', "MissingParameter")):
        assert code(signed(server, body, action="GetProject")) == expected, body


@row(110, 114)
def form_types(server):
    assert code(get(server, v1({"PageNumber": "1"}, method="GET"))) is None
    for text, expected in (("True", None), ("true", None), ("False", None), ("maybe", "InvalidParameter")):
        found = code(form(server, v1({"Action": "ListTasks", "ProjectId": "0", "Submit": text})))
        assert found == (expected or "ResourceNotFound"), (text, found)


@row(119, 120, 121, 122, 123)
def form_shapes(server):
    for params in ({"ProjectIds.0": "a", "ProjectIds.2": "b"}, {"ProjectIds.1": "a"}, {"ProjectIds.99999999": "x"},
                   {"A": "1", "A.B": "2"}):
        assert code(form(server, v1(params))) == "InvalidParameter", params
    for query in ("A=1&A=2", "A", "=1", "A=%f"):
        answer = once(server, {"Host": "127.0.0.1"}, method="GET", target="/?" + query)
        assert code(answer) == "InvalidParameter", query


@row(125)
def post_ignores_the_query(server):
    answer = once(server, headers("GetProject"), b"{}", target="/?ProjectId=1")
    assert code(answer) == "MissingParameter"


# ---- 6.6 limits -----------------------------------------------------------------------------------

@row(126)
def get_sizes(server):
    room = (32 << 10) - len("/?ProjectName=")
    for size, expected in ((room, None), (33 << 10, "RequestSizeLimitExceeded")):
        query = "ProjectName=" + "x" * size
        assert code(once(server, headers(method="GET", query=query), method="GET", target="/?" + query)) == expected


@row(127)
def post_sizes(server):
    frame = len(b'{"ProjectName":""}')
    for size, expected in (((10 << 20), None), ((10 << 20) + 1, "RequestSizeLimitExceeded")):
        body = b'{"ProjectName":"' + b"x" * (size - frame) + b'"}'
        assert code(signed(server, body)) == expected, size


@row(131)
def many_headers(server):
    more = {f"X-More-{i}": "y" * 30 for i in range(190)}
    assert code(once(server, {**headers(), **more}, b"{}")) is None
    connection = Connection(server.port)
    try:
        connection.request({**headers(), "X-Huge": "z" * (1 << 20)}, b"{}")
        assert connection.answer()[0] >= 400
    except (EOFError, ConnectionResetError, BrokenPipeError):
        pass
    connection.close()
    assert code(signed(server)) is None


def rate_limit(weft):
    """Rows 128 to 130, with a server of the documented limit."""
    with Server(weft) as server:
        connection = Connection(server.port)

        def burst(n, action="ListProjects"):
            for _ in range(n):
                connection.request(headers(action), b"{}")
            return [code(connection.answer()) for _ in range(n)]
        for _ in range(5):                      # until a burst fell into one second
            time.sleep(1.02 - time.time() % 1)
            codes = burst(25)
            if codes == [None] * 20 + ["RequestLimitExceeded"] * 5:
                break
        else:
            raise AssertionError(codes)
        assert "RequestLimitExceeded" not in burst(1, "ListResourceGroups")
        time.sleep(1.02 - time.time() % 1)
        assert burst(1) == [None]
        connection.close()


def main():
    weft, passed, failed = sys.argv[1], 0, 0
    with Server(weft, "--rate-limit", "0") as server:
        cases = [(numbers, lambda f=function: f(server)) for numbers, function in ROWS]
        cases.append(((128, 129, 130), lambda: rate_limit(weft)))
        for numbers, run in cases:
            try:
                run()
                passed += 1
            except Exception as error:                # pylint: disable=broad-except
                failed += 1
                print(f"rows {', '.join(map(str, numbers))}: {type(error).__name__}: {error}")
        if server.process.poll() is not None:
            failed += 1
            print("the server ended:", open(server.log.name, errors="replace").read()[-3000:])
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
