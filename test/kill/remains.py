"""test/kill/remains.py - what a disk may have when the power goes.

POSIX promises what was synced, and nothing else.  Since then each sector of a file may be written with what it had at
any moment, and so may the length; of the changes of a folder some of the first may be there.  So a file that was written and
renamed may be there empty, and one that was made may not be there at all.
"""
import os

SECTOR = 512


class File:
    def __init__(self):
        self.kept, self.now = bytearray(), bytearray()
        self.pending = []               # (offset, bytes), or (length, None): cut or made longer

    def write(self, at, data):
        self.pending.append((at, data))
        apply(self.now, at, data)

    def resize(self, length):
        self.pending.append((length, None))
        apply(self.now, length, None)

    def sync(self):
        for at, data in self.pending:
            apply(self.kept, at, data)
        self.pending = []

    def remains(self, how, chance):
        if how == "all":
            return bytes(self.now)
        if how == "synced" or not self.pending:
            return bytes(self.kept)
        if chance.random() < 0.3:       # up to some moment
            found = bytearray(self.kept)
            for at, data in self.pending[:chance.randint(0, len(self.pending))]:
                apply(found, at, data)
            return bytes(found)
        return self.torn(chance)

    def torn(self, chance):
        """Each sector as it was after some of the writes, and the length too: whoever writes memory to the disk takes
        what is there at that moment."""
        n, now, parts = len(self.pending), bytearray(self.kept), {}
        when = {sector: chance.randint(0, n) for at, data in self.pending for sector in touched(at, data, len(self.now))}
        size = chance.randint(0, n)
        length = len(now)
        for done in range(n + 1):
            if done > 0:
                apply(now, *self.pending[done - 1])
            parts.update((k, bytes(now[k * SECTOR:(k + 1) * SECTOR])) for k, at in when.items() if at == done)
            length = len(now) if done == size else length
        found = bytearray(self.kept[:length]) + bytes(max(0, length - len(self.kept)))
        for k, part in parts.items():
            part = part[:max(0, length - k * SECTOR)]
            found[k * SECTOR:k * SECTOR + len(part)] = part
        return bytes(found)


class Folder:
    def __init__(self):
        self.kept, self.now = {}, {}    # name: File or Folder
        self.pending = []               # functions of such a dict

    def change(self, what):
        self.pending.append(what)
        what(self.now)

    def sync(self):
        self.kept, self.pending = dict(self.now), []

    def remains(self, how, chance):
        if how == "all":
            return self.now
        found = dict(self.kept)
        for what in self.pending[:chance.randint(0, len(self.pending)) if how == "some" else 0]:
            what(found)
        return found


def apply(content, at, data):
    if data is None:
        if at < len(content):
            del content[at:]
        else:
            content.extend(bytes(at - len(content)))
        return
    if len(content) < at:
        content.extend(bytes(at - len(content)))
    content[at:at + len(data)] = data


def touched(at, data, length):
    """The sectors of a write, or of a cut."""
    return range(at // SECTOR, (max(length, at) if data is None else at + len(data)) // SECTOR + 1)


class Disk:
    """The folder `root`, as the calls change it."""

    def __init__(self, root, folders):
        self.root, self.folders = root, folders
        self.top = Folder()
        self.places, self.appends = {}, {}      # (pid, fd): where a plain write goes

    # ---- names ---------------------------------------------------------------------------------

    def find(self, path):
        """The folder that has this name, and the name; None: it is not below the root."""
        if path is None or not path.startswith(self.root + "/"):
            return None
        *way, name = os.path.relpath(path, self.root).split("/")
        at = self.top
        for step in way:
            at = at.now.get(step)
            if not isinstance(at, Folder):
                return None
        return at, name

    def node(self, path):
        if path == self.root:
            return self.top
        found = self.find(path)
        return found and found[0].now.get(found[1])

    # ---- calls ---------------------------------------------------------------------------------

    def do(self, call):
        """True: it changed something."""
        self.folders.learn(call)
        work = getattr(self, "do_" + call.name, None)
        return bool(work and work(call))

    def target(self, call, at=0):
        return self.node(call.args[at][1]) if isinstance(call.args[at], tuple) else None

    def named(self, call, at, folder=None):
        return self.find(self.folders.path(call, call.args[folder] if folder is not None else None, call.args[at]))

    def do_openat(self, call):
        fd = (call.pid, call.ret[0])
        self.places[fd], self.appends[fd] = 0, "O_APPEND" in call.args[2]
        found = self.find(call.ret[1])
        if not found or "O_CREAT" not in call.args[2] and "O_TRUNC" not in call.args[2]:
            return False
        folder, name = found
        if name not in folder.now and "O_CREAT" in call.args[2]:
            new = File()
            folder.change(lambda entries: entries.__setitem__(name, new))
            return True
        if "O_TRUNC" in call.args[2] and isinstance(folder.now.get(name), File) and folder.now[name].now:
            folder.now[name].resize(0)
            return True
        return False

    def do_lseek(self, call):
        self.places[call.pid, int(call.args[0][0])] = call.ret[0]

    def do_write(self, call):
        file, fd = self.target(call), (call.pid, int(call.args[0][0]) if isinstance(call.args[0], tuple) else -1)
        if not isinstance(file, File):
            return False
        at = len(file.now) if self.appends.get(fd, True) else self.places.get(fd, len(file.now))
        file.write(at, call.args[1][:call.ret[0]])
        self.places[fd] = at + call.ret[0]
        return True

    def do_pwrite64(self, call):
        file = self.target(call)
        if not isinstance(file, File):
            return False
        file.write(int(call.args[3]), call.args[1][:call.ret[0]])
        return True

    def do_ftruncate(self, call):
        file = self.target(call)
        if not isinstance(file, File):
            return False
        file.resize(int(call.args[1]))
        return True

    def do_fallocate(self, call):
        file, end = self.target(call), int(call.args[2]) + int(call.args[3])
        if not isinstance(file, File) or call.args[1] != "0" or end <= len(file.now):
            return False
        file.resize(end)
        return True

    def do_fsync(self, call):
        found = self.target(call)
        if found is None or not found.pending:
            return False
        found.sync()
        return True

    do_fdatasync = do_fsync

    def make(self, found, new):
        if not found:
            return False
        folder, name = found
        folder.change(lambda entries: entries.__setitem__(name, new))
        return True

    def do_mkdir(self, call):
        return self.make(self.named(call, 0), Folder())

    def do_mkdirat(self, call):
        return self.make(self.named(call, 1, 0), Folder())

    def remove(self, found):
        if not found:
            return False
        folder, name = found
        folder.change(lambda entries: entries.pop(name, None))
        return True

    def do_unlink(self, call):
        return self.remove(self.named(call, 0))

    do_rmdir = do_unlink

    def do_unlinkat(self, call):
        return self.remove(self.named(call, 1, 0))

    def move(self, old, new):
        """Within a folder it is one change."""
        if not old or not new or old[1] not in old[0].now:
            return False
        (a, name), (b, to) = old, new
        what = a.now[name]

        def take(entries):
            entries.pop(name, None)

        def give(entries):
            entries[to] = what

        def both(entries):
            take(entries)
            give(entries)

        if a is b:
            a.change(both)
        else:
            b.change(give)
            a.change(take)
        return True

    def do_rename(self, call):
        return self.move(self.named(call, 0), self.named(call, 1))

    def do_renameat(self, call):
        return self.move(self.named(call, 1, 0), self.named(call, 3, 2))

    do_renameat2 = do_renameat

    def do_linkat(self, call):
        old = self.named(call, 1, 0)
        return self.make(self.named(call, 3, 2), old[0].now[old[1]]) if old and old[1] in old[0].now else False

    def unknown(self, call):
        """A call that changes files below the root and that this model has no word for."""
        known = hasattr(self, "do_" + call.name)
        return not known and any(self.node(arg[1]) is not None for arg in call.args if isinstance(arg, tuple))

    # ---- what is left --------------------------------------------------------------------------

    def lay_out(self, target, how, chance, change=bytes):
        """Writes what may be left into the folder target, which is there.  how: "synced", "all" or "some"."""
        self.lay_out_folder(self.top, target, how, chance, change)

    def lay_out_folder(self, folder, target, how, chance, change):
        for name, what in sorted(folder.remains(how, chance).items()):
            path = os.path.join(target, name)
            if isinstance(what, Folder):
                os.mkdir(path, 0o711)
                self.lay_out_folder(what, path, how, chance, change)
            else:
                with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
                    file.write(change(what.remains(how, chance)))
