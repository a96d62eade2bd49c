/* test/sdk/t_resource.js - resource files and folders, tasks that read them, Shell form mode
 * (docs/reference/semantics.md 5.1, 10; docs/decisions/0026-resource-files.md). */
"use strict";
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const zlib = require("node:zlib");
const { Api } = require("./client");
const { Bench, base64, texts, until } = require("./help");

const tests = {};
const DAY = "2026-01-10";
const KEY = (task, date = DAY) => `${task}_${date} 00:00:00`;
const remote = (b, file) => `/datastudio/resource/${b.project}/${file}`;

async function upload(b, file, content, more = {}) {
  return b.call("UploadResourceFile", { Path: remote(b, file), Offset: 0,
    Content: Buffer.from(content).toString("base64"), ...more });
}

/* The file of that name in the folder, with this content. */
async function create(b, name, content, folder = "/", more = {}) {
  await upload(b, name, content);
  return (await b.call("CreateResourceFile", { ResourceName: name, BucketName: "weft", CosRegion: "ap-guangzhou",
    ParentFolderPath: folder, ResourceFile: remote(b, name), ...more })).ResourceId;
}

const folder = async (b, name, parent = "/") =>
  (await b.call("CreateResourceFolder", { ParentFolderPath: parent, FolderName: name })).FolderId;

async function run(b, task, date = DAY, state = "COMPLETED") {
  await b.backfill(task, date);
  await b.reaches(KEY(task, date), state);
  return texts(await b.log(KEY(task, date)));
}

/* A zip with these files, each deflated or, as a link, with its target as content. */
function zip(entries) {
  const parts = [], directory = [];
  let at = 0;
  for (const { name, content, link = false } of entries) {
    const raw = Buffer.from(content), packed = zlib.deflateRawSync(raw), file = Buffer.from(name);
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x04034b50, 0);
    head.writeUInt16LE(20, 4);
    head.writeUInt16LE(8, 8);
    head.writeUInt32LE(crc32(raw), 14);
    head.writeUInt32LE(packed.length, 18);
    head.writeUInt32LE(raw.length, 22);
    head.writeUInt16LE(file.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(0x031e, 4); // made on Unix, so that there are links
    head.copy(entry, 6, 4, 30);
    entry.writeUInt32LE(((link ? 0o120777 : 0o100755) << 16) >>> 0, 38);
    entry.writeUInt32LE(at, 42);
    parts.push(head, file, packed);
    directory.push(entry, file);
    at += head.length + file.length + packed.length;
  }
  const index = Buffer.concat(directory), end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(index.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, index, end]);
}

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++)
      crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

tests["a file comes in parts, is registered, read, listed, changed and deleted"] = async ({ api }) => {
  const b = await Bench.make(api);
  const file = remote(b, "data.tar.gz");
  const part = (Offset, text) => ({ Path: file, Offset, Content: base64(text) });
  assert.deepEqual(await b.call("UploadResourceFile", part(0, "hello ")),
    { BucketName: "weft", Path: file, Size: 6 });
  const wrong = await b.fails("FailedOperation", "Offset", "UploadResourceFile", part(5, "x"));
  assert.match(wrong.message, /has 6 bytes/);
  assert.equal((await b.call("UploadResourceFile", part(6, "world"))).Size, 11);
  const id = (await b.call("CreateResourceFile", { ResourceName: "data.tar.gz", BucketName: "weft",
    CosRegion: "ap-beijing", ParentFolderPath: "/", ResourceFile: file, BundleId: "7", BundleInfo: "local" })).ResourceId;
  const got = await b.call("GetResourceFile", { ResourceId: id });
  const uin = got.CreatorUserUin;
  assert.match(uin, /^\d+$/);
  assert.deepEqual(got, { ProjectId: b.project, ResourceId: id, ResourceName: "data.tar.gz", FileExtensionType: "gz",
    LocalPath: file, RemotePath: file, Size: "11B", CreatorUserUin: uin, CreatorUserName: uin, UpdateUserName: uin,
    UpdateUserUin: uin, BucketName: "weft", CosRegion: "ap-beijing", ResourceSourceMode: "UPLOAD_MODE",
    BundleId: "7", BundleInfo: "local" });
  const other = await create(b, "Other.ZIP", "z".repeat(1536));
  assert.equal((await b.call("GetResourceFile", { ResourceId: other })).Size, "1.5KB");
  const list = async (more) => (await b.call("ListResourceFiles", more)).Items.map((i) => i.ResourceName);
  assert.deepEqual(await list({}), ["Other.ZIP", "data.tar.gz"]); // the newest first
  assert.deepEqual(await list({ ResourceName: "ther" }), ["Other.ZIP"]);
  assert.deepEqual(await list({ CreateUserUin: uin, ParentFolderPath: "/" }), ["Other.ZIP", "data.tar.gz"]);
  assert.deepEqual(await list({ CreateUserUin: "1" }), []);
  assert.deepEqual(await list({ CreateTimeStart: "2020-01-01 00:00:00", ModifyTimeEnd: "2020-01-02 00:00:00" }), []);
  assert.deepEqual(await list({ ModifyTimeStart: "2020-01-01 00:00:00", CreateTimeEnd: "2100-01-01 00:00:00" }),
    ["Other.ZIP", "data.tar.gz"]);
  // Without a file the bytes stay, also when the bucket has others by now.
  await upload(b, "data.tar.gz", "another");
  assert.equal((await b.call("UpdateResourceFile", { ResourceId: id, ResourceName: "renamed.txt" })).Status, true);
  assert.equal((await b.call("GetResourceFile", { ResourceId: id })).Size, "11B");
  await b.call("UpdateResourceFile", { ResourceId: id, ResourceFile: file, BundleId: "8" });
  const after = await b.call("GetResourceFile", { ResourceId: id });
  assert.deepEqual([after.Size, after.ResourceName, after.LocalPath, after.RemotePath, after.BundleId, after.BundleInfo],
    ["7B", "renamed.txt", remote(b, "renamed.txt"), file, "8", "local"]);
  assert.equal((await b.call("DeleteResourceFile", { ResourceId: id })).Status, true);
  await b.fails("ResourceNotFound", "ResourceId", "GetResourceFile", { ResourceId: id });
  await b.fails("ResourceNotFound", "ResourceId", "DeleteResourceFile", { ResourceId: id });
  assert.deepEqual(await list({}), ["Other.ZIP"]);
};

tests["folders: their files move with them"] = async ({ api, server }) => {
  const b = await Bench.make(api);
  const a = await folder(b, "a"), inner = await folder(b, "inner", "/a");
  const id = await create(b, "x.txt", "x", "/a/inner");
  const got = await b.call("GetResourceFolder", { FolderId: inner });
  assert.deepEqual([got.FolderPath, got.FolderName, got.ParentFolderPath, got.ProjectId, got.FolderId],
    ["/a/inner", "inner", "/a", b.project, inner]);
  const page = await b.call("ListResourceFolders", { ParentFolderPath: "/" });
  assert.deepEqual([page.TotalCount, page.Items[0].FolderName, page.Items[0].FolderPath], [1, "a", "/a"]);
  const onDisk = (file) => path.join(server.data, "resources", b.project, file);
  assert.equal(fs.readFileSync(onDisk("a/inner/x.txt"), "utf8"), "x");
  assert.equal((await b.call("UpdateResourceFolder", { FolderId: a, FolderName: "b" })).Status, true);
  assert.equal((await b.call("GetResourceFile", { ResourceId: id })).LocalPath, remote(b, "b/inner/x.txt"));
  assert.equal((await b.call("GetResourceFolder", { FolderId: inner })).FolderPath, "/b/inner");
  assert.equal(fs.readFileSync(onDisk("b/inner/x.txt"), "utf8"), "x");
  assert.ok(!fs.existsSync(onDisk("a")));
  const full = await b.fails("FailedOperation", "FolderId", "DeleteResourceFolder", { FolderId: inner });
  assert.match(full.message, /0 folders and 1 files/);
  await b.fails("FailedOperation", "FolderId", "DeleteResourceFolder", { FolderId: a });
  await b.call("DeleteResourceFile", { ResourceId: id });
  assert.ok(!fs.existsSync(onDisk("b/inner/x.txt")));
  assert.equal((await b.call("DeleteResourceFolder", { FolderId: inner })).Status, true);
  assert.deepEqual(fs.readdirSync(onDisk("b")), []);
  await b.fails("ResourceNotFound", "FolderId", "GetResourceFolder", { FolderId: inner });
  await b.fails("ResourceNotFound", "FolderId", "UpdateResourceFolder", { FolderId: inner, FolderName: "z" });
  await b.fails("ResourceNotFound", "FolderId", "DeleteResourceFolder", { FolderId: inner });
  await b.fails("ResourceNotFound", "ParentFolderPath", "ListResourceFolders", { ParentFolderPath: "/no" });
  await b.fails("InvalidParameterValue", "PageSize", "ListResourceFolders", { ParentFolderPath: "/", PageSize: 0 });
};

tests["what cannot be registered, uploaded or found"] = async ({ api, server }) => {
  const b = await Bench.make(api), other = await Bench.make(api);
  await folder(b, "taken");
  await create(b, "there.txt", "1");
  await upload(other, "secret.txt", "secret");
  const good = { ResourceName: "n.txt", BucketName: "weft", CosRegion: "r", ParentFolderPath: "/",
    ResourceFile: remote(b, "there.txt") };
  for (const [code, field, wrong] of [
    ["InvalidParameterValue", "ResourceName", { ResourceName: ".." }],
    ["InvalidParameterValue", "ResourceName", { ResourceName: "." }],
    ["InvalidParameterValue", "ResourceName", { ResourceName: "a/b" }],
    ["InvalidParameterValue", "ResourceName", { ResourceName: "" }],
    ["InvalidParameterValue", "ResourceName", { ResourceName: "\u6f22".repeat(90) }], // 270 bytes
    ["InvalidParameter.DuplicateName", "ResourceName", { ResourceName: "there.txt" }],
    ["InvalidParameter.DuplicateName", "ResourceName", { ResourceName: "taken" }],
    ["ResourceNotFound", "ParentFolderPath", { ParentFolderPath: "/nowhere" }],
    ["InvalidParameterValue", "ParentFolderPath", { ParentFolderPath: "taken" }],
    ["ResourceNotFound", "ParentFolderPath", { ParentFolderPath: "/taken/.." }],
    ["InvalidParameterValue", "BucketName", { BucketName: "../objects" }],
    ["InvalidParameterValue", "BucketName", { BucketName: ".." }],
    ["ResourceNotFound", "BucketName", { BucketName: "other" }],
    ["ResourceNotFound", "ResourceFile", { ResourceFile: remote(b, "nothing") }],
    ["InvalidParameterValue", "ResourceFile", { ResourceFile: "/etc/passwd" }],
    ["InvalidParameterValue", "ResourceFile", { ResourceFile: remote(other, "secret.txt") }],
    ["InvalidParameterValue", "ResourceFile", { ResourceFile: remote(b, `../${other.project}/secret.txt`) }],
    ["InvalidParameterValue", "ResourceFile", { ResourceFile: remote(b, "") }],
    ["InvalidParameterValue", "ResourceFile", { ResourceFile: remote(b, "a//b") }],
    ["InvalidParameterValue", "ResourceFile", { ResourceFile: remote(b, "x".repeat(1300)) }],
  ])
    await b.fails(code, field, "CreateResourceFile", { ...good, ...wrong });
  for (const [code, field, wrong] of [
    ["InvalidParameterValue", "Path", { Path: remote(other, "x") }],
    ["InvalidParameterValue", "Path", { Path: remote(b, "../x") }],
    ["InvalidParameterValue", "BucketName", { BucketName: "a/b" }],
    ["ResourceNotFound", "BucketName", { BucketName: "other" }],
    ["InvalidParameterValue", "Content", { Content: "*" }],
    ["ResourceNotFound", "Path", { Path: remote(b, "new"), Offset: 3 }],
    ["InvalidParameterValue", "Path", { Path: remote(b, "there.txt/x") }],
    ["LimitExceeded", "Path", { Offset: 2 ** 40 }],
  ])
    await b.fails(code, field, "UploadResourceFile", { Path: remote(b, "there.txt"), Offset: 0, Content: "", ...wrong });
  await b.fails("InvalidParameter.DuplicateName", "FolderName", "CreateResourceFolder",
    { ParentFolderPath: "/", FolderName: "there.txt" });
  await b.fails("InvalidParameterValue", "FolderName", "CreateResourceFolder",
    { ParentFolderPath: "/", FolderName: ".." });
  const id = (await b.call("ListResourceFiles", {})).Items[0].ResourceId;
  for (const action of ["GetResourceFile", "UpdateResourceFile", "DeleteResourceFile"])
    await other.fails("ResourceNotFound", "ResourceId", action, { ResourceId: id });
  await b.fails("ResourceNotFound", "ResourceFile", "UpdateResourceFile", { ResourceId: id,
    ResourceFile: remote(b, "gone") });
  await b.fails("InvalidParameter.DuplicateName", "ResourceName", "UpdateResourceFile", { ResourceId: id,
    ResourceName: "taken" });
  await b.fails("InvalidParameterValue", "ModifyTimeStart", "ListResourceFiles", { ModifyTimeStart: "today" });
  await b.fails("ResourceNotFound", "ParentFolderPath", "ListResourceFiles", { ParentFolderPath: "/no" });
  await b.fails("InvalidParameterValue", "PageSize", "ListResourceFiles", { PageSize: 201 });
  // What an operator, or whoever else, puts into the bucket as a link is not followed.
  const bucket = path.join(server.data, "bucket/weft/datastudio/resource");
  fs.symlinkSync("/etc/passwd", path.join(bucket, b.project, "link"));
  fs.symlinkSync(path.join(bucket, other.project), path.join(bucket, b.project, "way"));
  for (const file of ["link", "way/secret.txt"]) {
    await b.fails("InvalidParameterValue", "ResourceFile", "CreateResourceFile",
      { ...good, ResourceFile: remote(b, file) });
    await b.fails("InvalidParameterValue", "Path", "UploadResourceFile",
      { Path: remote(b, file), Offset: 0, Content: "" });
  }
  assert.equal(fs.readFileSync(path.join(bucket, other.project, "secret.txt"), "utf8"), "secret");
};

tests["ReadResourceFile (weft-1): part by part"] = async ({ api }) => {
  const b = await Bench.make(api), other = await Bench.make(api);
  const content = Buffer.alloc(2500000, "weft ").fill("x", 1048576, 1048580);
  const id = await create(b, "big.bin", content), empty = await create(b, "empty", "");
  const parts = [];
  let at = 0, digest;
  while (at !== null) {
    const part = await b.call("ReadResourceFile", { ResourceId: id, Offset: at });
    assert.deepEqual([part.ResourceId, part.Offset, part.Size], [id, at, content.length]);
    parts.push(Buffer.from(part.Content, "base64"));
    digest = part.Digest;
    at = part.NextOffset;
  }
  assert.equal(parts.length, 3);
  assert.ok(Buffer.concat(parts).equals(content));
  assert.equal(digest, require("node:crypto").createHash("sha256").update(content).digest("hex"));
  assert.deepEqual(await b.call("ReadResourceFile", { ResourceId: empty, Offset: 0 }), { ResourceId: empty, Offset: 0, Size: 0,
    Digest: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", Content: "", NextOffset: null });
  await b.fails("InvalidParameterValue", "Offset", "ReadResourceFile", { ResourceId: id, Offset: content.length + 1 });
  await b.fails("ResourceNotFound", "ResourceId", "ReadResourceFile", { ResourceId: "none", Offset: 0 });
  await other.fails("ResourceNotFound", "ResourceId", "ReadResourceFile", { ResourceId: id, Offset: 0 });
};

tests["Shell and Python tasks read files; the next attempt sees a change"] = async ({ api }) => {
  const b = await Bench.make(api), other = await Bench.make(api);
  await folder(b, "lib");
  const id = await create(b, "word.txt", "one\n", "/lib");
  const local = remote(b, "lib/word.txt"), foreign = remote(other, "lib/word.txt");
  const shell = await b.submitted({ code: `cat ${local}\necho '${foreign}'\necho "$WEFT_RESOURCES"\n` +
    `cat "$WEFT_RESOURCES/lib/word.txt"\nprintf x 2>/dev/null >${local} || echo read-only\n` });
  const python = await b.submitted({ type: "30", code: `print(open("${local}").read().strip())\n` });
  const said = await run(b, shell);
  assert.deepEqual([said[0], said[1], said[3]], ["one", foreign, "one"]);
  assert.match(said[2], new RegExp(`^/.*/resources/${b.project}$`));
  if (process.getuid() === 0) // else attempts are the server's own user, who may do what it may
    assert.equal(said[4], "read-only");
  assert.deepEqual(await run(b, python), ["one"]);
  // What the code is stays as it was written.
  assert.ok((await b.call("GetTaskInstanceLog", { InstanceKey: KEY(shell) })).CodeContent.includes(local));
  await upload(b, "word.txt", "two\n");
  await b.call("UpdateResourceFile", { ResourceId: id, ResourceFile: remote(b, "word.txt") });
  assert.deepEqual(await run(b, python, "2026-01-11"), ["two"]);
  await b.call("DeleteResourceFile", { ResourceId: id });
  const broken = await run(b, python, "2026-01-12", ["FAILED", "FAILED_RETRY"]);
  assert.ok(broken.some((l) => l.includes("FileNotFoundError")), broken.join("\n"));
};

const ext = (o) => ({ TaskExtConfigurationList: Object.entries(o).map(([ParamKey, ParamValue]) =>
  ({ ParamKey, ParamValue })) });

const form = (o) => ({ type: "38", config: { ...ext(o),
  TaskSchedulingParameterList: [{ ParamKey: "word", ParamValue: "it's" }, { ParamKey: "name", ParamValue: "tool" }] } });
const RUN = [
  { name: "bin/run.sh", content: "echo \"$1 and $2\"; cat part.txt; ls\n" },
  { name: "part.txt", content: "a part\n" },
];

tests["Shell form mode: what is missing, and a zip that leads out of the folder"] = async ({ api }) => {
  const b = await Bench.make(api);
  await create(b, "tool.zip", zip([...RUN,
    { name: "../escaped.txt", content: "out\n" },
    { name: "out", content: "..", link: true },
    { name: "out/through.txt", content: "out\n" },
  ]));
  const set = { "ftp.file.name": remote(b, "tool.zip"), "shell.cmd": "bash bin/run.sh" };
  for (const [left, said] of [["ftp.file.name", /ftp\.file\.name/], ["shell.cmd", /shell\.cmd/]]) {
    const task = await b.newTask(form({ ...set, [left]: "" }));
    const e = await b.fails("FailedOperation", "TaskConfiguration.TaskExtConfigurationList", "SubmitTask",
      { TaskId: task, VersionRemark: "r" });
    assert.match(e.message, said);
  }
  for (const [zipName, said] of [[remote(b, "none.zip"), /no resource file/], ["/tmp/x.zip", /not the path/]]) {
    const task = await b.newTask(form({ ...set, "ftp.file.name": zipName }));
    const e = await b.fails("FailedOperation", "TaskConfiguration.TaskExtConfigurationList", "SubmitTask",
      { TaskId: task, VersionRemark: "r" });
    assert.match(e.message, said);
  }
  const task = await b.submitted(form(set));
  const lines = await run(b, task, DAY, ["FAILED", "FAILED_RETRY"]);
  assert.ok(lines.some((l) => l.includes("cannot be unpacked")), lines.join("\n"));
  assert.ok(!lines.some((l) => l.includes("a part")), "the command does not run then");
};

tests["Shell form mode: a zip is unpacked and a command of it runs"] = async ({ api }) => {
  const b = await Bench.make(api);
  const id = await create(b, "tool.zip", zip(RUN));
  const task = await b.submitted(form({ "ftp.file.name": remote(b, "${name}.zip"),
    "shell.cmd": "bash bin/run.sh", "shell.args": "'${yyyyMMdd}' \"${word}\"" }));
  assert.deepEqual(await run(b, task), ["20260110 and it's", "a part", "bin", "part.txt"]);
  await b.call("DeleteResourceFile", { ResourceId: id });
  const gone = await run(b, task, "2026-01-12", ["FAILED", "FAILED_RETRY"]);
  assert.ok(gone.some((l) => /the resource file .*tool\.zip is not there/.test(l)), gone.join("\n"));
};

tests["after a start the files are what was registered, whatever was left on disk"] = async ({ serve }) => {
  const server = await serve("--resource-max", "1", "--resource-total", "2");
  const b = await Bench.make(new Api(server.endpoint));
  const a = await folder(b, "a");
  const id = await create(b, "keep.txt", "kept", "/a");
  const tree = path.join(server.data, "resources", b.project);
  const big = Buffer.alloc(1 << 20, "x").toString("base64");
  // Limits: of a file, of all in the bucket, of all that are registered.
  const send = (name, Offset, Content) => b.call("UploadResourceFile", { Path: remote(b, name), Offset, Content });
  await send("big", 0, big);
  await b.fails("LimitExceeded", "Path", "UploadResourceFile", { Path: remote(b, "big"), Offset: 1 << 20,
    Content: base64("x") });
  await b.fails("LimitExceeded", "Path", "UploadResourceFile", { Path: remote(b, "big2"), Offset: 0, Content: big });
  const register = { BucketName: "weft", CosRegion: "r", ParentFolderPath: "/", ResourceFile: remote(b, "big") };
  await b.call("CreateResourceFile", { ...register, ResourceName: "1" });
  await b.fails("LimitExceeded", "ResourceFile", "CreateResourceFile", { ...register, ResourceName: "2" });
  assert.equal(await server.end(), 0);
  // As if a crash had come at the worst moments.
  fs.renameSync(path.join(tree, "a"), path.join(tree, "old"));
  fs.mkdirSync(path.join(tree, "1.d/deep"), { recursive: true });
  fs.unlinkSync(path.join(tree, "1"));
  fs.mkdirSync(path.join(tree, "1"));
  fs.writeFileSync(path.join(server.data, "resources/.new"), "");
  fs.symlinkSync("/etc", path.join(tree, "etc"));
  const again = await server.start();
  b.api = new Api(again.endpoint);
  assert.deepEqual(fs.readdirSync(tree).sort(), ["1", "a"]);
  assert.equal(fs.statSync(path.join(tree, "1")).size, 1 << 20);
  assert.equal(fs.readFileSync(path.join(tree, "a/keep.txt"), "utf8"), "kept");
  assert.ok(!fs.existsSync(path.join(server.data, "resources/.new")));
  assert.ok(fs.existsSync("/etc/passwd"));
  // The project takes all with it, at once.
  assert.equal((await b.call("GetResourceFile", { ResourceId: id })).LocalPath, remote(b, "a/keep.txt"));
  await b.call("UpdateResourceFolder", { FolderId: a, FolderName: "z" });
  await b.call("DeleteWorkflow", { WorkflowId: b.workflow });
  await b.call("DeleteProject", {});
  assert.ok(!fs.existsSync(tree));
  // Objects that nobody names are gone after their rest.
  const objects = path.join(server.data, "objects");
  const names = fs.readdirSync(objects);
  assert.equal(names.length, 2);
  for (const name of names)
    fs.utimesSync(path.join(objects, name), new Date(0), new Date(0));
  assert.equal(await server.end(), 0);
  await server.start();
  await until("the objects are gone", 10, () => fs.readdirSync(objects).length === 0);
};

module.exports = { tests, together: true };
