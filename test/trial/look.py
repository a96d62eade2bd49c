"""test/trial/look.py - what operations look at: instances by task and day, rounds, logs, what ran at a time."""
DAYS = iter(f"2025-{month:02}-{day:02}" for month in range(3, 13) for day in range(1, 29))


def keys(tasks, day):
    return [f"{task.id}_{day} 00:00:00" for task in tasks]


def rounds(trial, key):
    return trial.items("ListTaskInstanceExecutions", InstanceKey=key)


def log_lines(trial, key, level=None):
    text, cursor, pages = "", None, 0
    while True:
        more = {"LogLevel": level} if level else {}
        if cursor:
            more["NextCursor"] = cursor
        found = trial.ask("GetTaskInstanceLog", InstanceKey=key, **more)
        text, cursor, pages = text + found["LogInfo"], found["NextCursor"], pages + 1
        if not cursor or pages > 20:
            return [line.split(" ", 3)[2:] for line in text.split("\n") if line]


def log_round(trial, key, number):
    found = trial.ask("GetTaskInstanceLog", InstanceKey=key, LifeRoundNum=number)
    return [line.split(" ", 3)[2:] for line in found["LogInfo"].split("\n") if line]


def check_apart(trial, wanted, most):
    """No more of their newest attempts than so many at once, by the marks."""
    wanted, running = set(wanted), set()
    newest = {}
    for letter, fence, number, _, key in trial.world.marks():
        if key in wanted and letter == "b":
            newest[key] = max(newest.get(key, 0), number)
    for letter, fence, number, _, key in trial.world.marks():
        if key in wanted and number == newest[key] and letter in "be":
            (running.add if letter == "b" else running.discard)(fence)
            trial.expect(len(running) <= most, f"{len(running)} of a plan for {most} ran at once")
