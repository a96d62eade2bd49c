#!/usr/bin/env python3
"""test/wire/project_whole.py WEFT - weft export and weft apply: what belongs to a project as a whole: settings,
resource groups and files, folders, events, members, permissions; from one server to an empty other one and back."""
import base64
import io
import json
import os
import signal
import sys
import tempfile
import zipfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cli import Cli, new_project, task  # noqa: E402
from wire import Server  # noqa: E402

WEFT = os.path.abspath(sys.argv[1])
DAY = {"CycleType": "DAY_CYCLE", "StartTime": "2026-01-01 00:00:00"}
NOTHING = "0 to create, 0 to change, 0 to delete, "
ENGINEER, VISITOR = "308335260676890624", "308335260945326080"
WHO, OTHER, NOBODY = "100000000071", "100000000072", "100000000073"
BIG = bytes(i * 7 % 251 for i in range(5 << 20))  # more than one part, both ways
LONG = "资" * 81


def files(folder):
    found = {}
    for top, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(top, name), "rb") as f:
                found[os.path.relpath(os.path.join(top, name), folder)] = f.read()
    return found


def write(folder, path, value):
    os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
    with open(os.path.join(folder, path), "wb") as f:
        f.write(value if isinstance(value, bytes) else json.dumps(value, indent=2).encode())


def read(folder, path):
    with open(os.path.join(folder, path), encoding="utf-8") as f:
        return json.load(f)


def edit(folder, path, **members):
    write(folder, path, {**read(folder, path), **members})


def unchanged(c, folder):
    out, _ = c.run("apply", folder, "--dry-run")
    assert out.startswith(NOTHING), out


def upload(c, path, content, **more):
    for at in range(0, max(len(content), 1), 4 << 20):
        c.call("UploadResourceFile", Path=f"/datastudio/resource/{c.project}{path}", Offset=at,
               Content=base64.b64encode(content[at:at + (4 << 20)]).decode())
    folder, name = path.rsplit("/", 1)
    c.call("CreateResourceFile", ResourceName=name, BucketName="weft", CosRegion="ap-x", ParentFolderPath=folder or "/",
           ResourceFile=f"/datastudio/resource/{c.project}{path}", **more)


def make_world(server):
    c = Cli(WEFT, server, new_project(server, "whole"))
    c.call("UpdateProject", Description="all\nof it")
    server.call("CreateResourceGroup", {
        "Name": "of_project", "Type": {"ResourceGroupType": "Schedule",
                                           "Schedule": {"Specification": "s_test", "Number": 7}},
        "AutoRenewEnabled": False, "PurchasePeriod": 1, "VpcId": "v", "SubNet": "s", "ResourceRegion": "r",
        "Description": "seven", "AssociatedProjectId": c.project})
    group = server.call("ListResourceGroups", {"Name": "of_project"})["Data"]["Items"][0]["Id"]
    for event, more in (("heard", {}), ("unheard", {"ValidConsumeCount": 3})):
        c.call("RegisterDsEvent", Name=event, EventSubType="DAY", TimeToLive="3", TimeUnit="DAYS", Owner="1",
               Description="d", EventBroadcastType="BROADCAST", **more)
    for parent, name in (("/", "granted"), ("/granted", "empty%"), ("/", "plain")):
        c.call("CreateWorkflowFolder", FolderName=name, ParentFolderPath=parent)
    c.flow = c.call("CreateWorkflow", WorkflowName="flow", ParentFolderPath="/granted")["WorkflowId"]
    c.call("CreateWorkflow", WorkflowName="other", ParentFolderPath="/plain")
    t = c.call("CreateTask", **task("t", c.flow, scheduler={**DAY, "EventListenerList": [
        {"EventName": "heard", "EventSubType": "DAY", "EventBroadcastType": "BROADCAST"}]}, ResourceGroup=group))
    c.call("SubmitTask", TaskId=t["TaskId"], VersionRemark="r")
    path = f"/datastudio/resource/{c.project}/form.zip"
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as z:
        z.writestr("run.sh", "echo ran\n")
    upload(c, "/form.zip", zipped.getvalue())
    pairs = [{"ParamKey": "ftp.file.name", "ParamValue": path}, {"ParamKey": "shell.cmd", "ParamValue": "sh run.sh"}]
    for name, form, more in (("form", "38", {"TaskExtConfigurationList": pairs}),
                             ("reads", "35", {"TaskSchedulingParameterList": [{"ParamKey": "p", "ParamValue": path}]})):
        t = c.call("CreateTask", **task(name, c.flow, f"cat {path} /datastudio/resource/77/other\n", form, DAY, **more))
        c.call("SubmitTask", TaskId=t["TaskId"], VersionRemark="r")
    c.call("CreateProjectMember", UserUins=[WHO], RoleIds=[VISITOR, ENGINEER])
    c.call("CreateProjectMember", UserUins=[OTHER], RoleIds=[VISITOR])
    folder = next(i["FolderId"] for i in c.call("ListWorkflowFolders", ParentFolderPath="/")["Items"]
                  if i["FolderPath"] == "/granted")
    c.call("CreateProjectMember", UserUins=[NOBODY], RoleIds=[VISITOR])
    c.call("RemoveMemberProjectRole", UserUin=NOBODY, RoleIds=[VISITOR])
    for kind, entity, targets in (("folder", folder, [("user", OTHER)]),
                                  ("workflow", c.flow, [("role", ENGINEER), ("user", WHO)])):
        c.call("CreateWorkflowPermissions", EntityType=kind, EntityId=entity, PermissionList=[
            {"PermissionTargetType": t, "PermissionTargetId": i, "PermissionTypeList": ["CAN_MANAGE"]} for t, i in targets])
    c.call("CreateResourceFolder", ParentFolderPath="/", FolderName="lib%.json")
    upload(c, "/lib%.json/x.py.json", b"{}\n", BundleId="b", BundleInfo="i")
    upload(c, "/lib%.json/x.py", BIG)
    upload(c, "/empty", b"")
    upload(c, "/" + LONG + ".json", b"long\n")
    return c


def check_travel(c, folder):
    """The files of an empty server to which they were applied are the same files."""
    first, second = os.path.join(folder, "first"), os.path.join(folder, "second")
    c.run("export", "--dir", first)
    here = files(first)
    assert set(here) == {
        "project.json", "groups/of_project.json", "events/heard.json", "events/unheard.json",
        "workflows/granted/folder.json", "workflows/granted/empty%25/folder.json", "workflows/granted/flow/workflow.json",
        "workflows/granted/flow/t.json", "workflows/granted/flow/t.sh", "workflows/granted/flow/form.json",
        "workflows/granted/flow/form.sh", "workflows/granted/flow/reads.json", "workflows/granted/flow/reads.sh",
        "resources/form.zip", "resources/form.zip.json", "workflows/plain/other/workflow.json",
        f"members/{WHO}.json", f"members/{OTHER}.json", f"members/{NOBODY}.json", "members/100000000001.json", "resources/empty.json",
        "resources/empty", "resources/lib%25%2Ejson/x.py.json", "resources/lib%25%2Ejson/x.py",
        "resources/lib%25%2Ejson/x.py.json.json", "resources/lib%25%2Ejson/x.py%2Ejson",
        # A name that no file can have goes on in a directory.
        f"resources/{LONG[:80]}%+/{LONG[80:]}.json.json", f"resources/{LONG[:80]}%+/{LONG[80:]}%2Ejson"}, sorted(here)
    assert here["resources/lib%25%2Ejson/x.py"] == BIG and here["resources/empty"] == b""
    assert read(first, f"members/{NOBODY}.json") == {"Roles": []}
    assert read(first, f"members/{WHO}.json") == {"Roles": ["DataEngineer", "Visitor"]}
    assert read(first, "workflows/granted/folder.json") == {"Permissions": [{"User": OTHER}]}
    assert read(first, "workflows/granted/flow/workflow.json")["Permissions"] == [{"Role": "DataEngineer"}, {"User": WHO}]
    assert here["workflows/granted/flow/reads.sh"] == \
        b"cat /datastudio/resource/PROJECT/form.zip /datastudio/resource/77/other\n"
    assert c.project.encode() not in b"".join(here.values())
    assert read(first, "events/unheard.json")["ValidConsumeCount"] == 3
    unchanged(c, first)
    out, _ = c.run("export", "--dir", first)
    assert "; 0 files written, 0 removed" in out, out
    with Server(WEFT, "--rate-limit", "0") as empty:
        there = Cli(WEFT, empty, new_project(empty, "copy"))
        out, _ = there.run("apply", first, "--dry-run", status=4)
        assert "+ create resource group of_project\n" in out and "+ create resource file /lib%.json/x.py\n" in out, out
        assert empty.call("ListResourceGroups", {"Name": "of_project"})["Data"]["TotalCount"] == 0
        there.run("apply", first, "--yes")
        unchanged(there, first)
        there.run("export", "--dir", second)
        made = {i["TaskName"]: i["TaskId"] for i in there.call("ListTasks", PageSize=100)["Items"]}
        form = there.call("GetTask", TaskId=made["form"])["TaskConfiguration"]["TaskExtConfigurationList"]
        assert form[0]["ParamValue"] == f"/datastudio/resource/{there.project}/form.zip", form
        assert files(second) == here, set(files(second).items()) ^ set(here.items())
    return first


def check_changes(c, folder):
    """Each is shown, made, and is then none any more; what is not said is not touched."""
    edit(folder, "project.json", Description="less", Status=0)
    edit(folder, "groups/of_project.json", Number=5)
    edit(folder, f"members/{OTHER}.json", Roles=["OperationEngineer"])
    edit(folder, "workflows/granted/folder.json", Permissions=[])
    edit(folder, "workflows/granted/flow/workflow.json", Permissions=[{"User": OTHER}])
    edit(folder, "resources/lib%25%2Ejson/x.py.json", BundleInfo="new")
    write(folder, "resources/empty", b"no more\n")
    write(folder, "workflows/new/below/folder.json", {"Permissions": [{"Role": "Visitor"}]})
    out, _ = c.run("apply", folder, "--dry-run", status=4)
    for line in ('    Description: "all\\nof it" -> "less"\n', "    Status: 1 -> 0\n", "    Number: 7 -> 5\n",
                 "~ change member " + OTHER, "+ create folder /new/below\n", "1 to create, 7 to change, 0 to delete, "):
        assert line in out, (line, out)
    c.run("apply", folder, "--yes")
    unchanged(c, folder)
    assert c.call("GetProject")["Status"] == 0 and c.call("GetProject")["Description"] == "less"
    edit(folder, "project.json", Status=1)
    c.run("apply", folder, "--yes")
    assert c.call("GetProject")["Status"] == 1
    for path, member in (("project.json", "Description"), ("workflows/granted/flow/workflow.json", "Permissions")):
        value = read(folder, path)
        del value[member]
        write(folder, path, value)
    unchanged(c, folder)
    again = os.path.join(folder, "..", "again")
    c.run("export", "--dir", again)
    assert read(again, "workflows/granted/flow/workflow.json")["Permissions"] == [{"User": OTHER}]
    assert files(again)["resources/empty"] == b"no more\n"


def check_prune(c, folder):
    """Members and resource files that have no file go with --prune, where there is any; never an owner."""
    os.remove(os.path.join(folder, f"members/{WHO}.json"))
    os.remove(os.path.join(folder, "members/100000000001.json"))
    os.remove(os.path.join(folder, "resources/empty.json"))
    unchanged(c, folder)
    out, _ = c.run("apply", folder, "--yes", "--prune")
    assert f"deleted member {WHO}\n" in out and "deleted resource file /empty\n" in out, out
    assert {i["UserUin"] for i in c.call("ListProjectMembers")["Items"]} == {OTHER, NOBODY, "100000000001"}
    os.remove(os.path.join(folder, f"members/{NOBODY}.json"))
    os.remove(os.path.join(folder, f"members/{OTHER}.json"))
    out, _ = c.run("apply", folder, "--yes", "--prune")
    assert out.startswith(NOTHING), out


def check_broken(c, folder):
    rows = [
        (f"members/{OTHER}.json", {"Roles": ["DataEnginer"]}, "there is no role DataEnginer"),
        (f"members/{OTHER}.json", {}, "Roles: it is missing"),
        ("workflows/x/folder.json", {"Permissions": [{"User": "1", "Role": "Visitor"}]}, "Permissions.0: it names one User"),
        ("workflows/x/folder.json", {"Permissions": [{"User": "5"}]}, "there is no member 5"),
        ("groups/g.json", {"Number": 0}, "Number: a group has at least one slot"),
        ("groups/g.json", {"Number": 1, "Associated": True}, "Associated: a group with a file is the project's"),
        ("resources/x.json", {"ContentFile": "../x"}, "ContentFile: it must be the name of a file beside this one"),
        ("resources/x.json", {"ContentFile": "nothing"}, "ContentFile: "),
        ("resources/x.json", {}, "ContentFile: it is missing"),
        ("project.json", {"Format": 1, "Status": 2}, "Status: it must be 1 (enabled) or 0 (disabled)"),
        ("project.json", {"Format": 2}, "Format: this weft reads format 1"),
    ]
    for path, value, said in rows:
        before = files(folder).get(path)
        write(folder, path, value)
        _, err = c.run("apply", folder, "--yes", status=2)
        assert f"{path}:" in err and said in err, err
        os.remove(os.path.join(folder, path))
        if before is not None:
            write(folder, path, before)
    edit(folder, "groups/of_project.json", VpcId="another")
    out, _ = c.run("apply", folder, "--dry-run", status=4)
    assert "! cannot change resource group of_project: of a resource group the API changes the Number only\n" in out, out
    _, err = c.run("apply", folder, "--yes", status=1)
    assert "nothing was changed" in err, err


def main():
    signal.alarm(200)  # nothing here may wait for ever
    with tempfile.TemporaryDirectory(prefix="weft-whole-") as folder, Server(WEFT, "--rate-limit", "0") as server:
        c = make_world(server)
        first = check_travel(c, folder)
        check_changes(c, first)
        check_prune(c, first)
        check_broken(c, first)
    print("project whole: there and back")


if __name__ == "__main__":
    main()
