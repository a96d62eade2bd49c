/* test/fuzz/fuzz_record.c - what the runner keeps on disk: records of attempts, and the file of
 * fences.  Half a line and what is none of its lines changes nothing; the set of fences printed is
 * read as the same set.
 */
#include "fuzz.h"

#include <string.h>

#include "base/mem.h"
#include "run/fences.h"
#include "run/record.h"

static bool same(const struct wire_message *a, const struct wire_message *b)
{
    return a->kind == b->kind && a->fence == b->fence && a->pid == b->pid &&
           a->end.outcome == b->end.outcome && a->end.exit_code == b->end.exit_code &&
           str_eq(a->end.text, b->end.text);
}

/* Of the first line that is one. */
static uint64_t some_fence(const struct buf *file, struct arena *a)
{
    struct wire_message m;
    struct str line;
    size_t at = 0;

    while (wire_next_line(file, &at, &line))
        if (wire_parse(line, a, &m, NULL) == E_OK)
            return m.fence;
    return 1;
}

static void check_record(struct str text)
{
    struct wire_message running = { .kind = WIRE_UNKNOWN }, ended = { .kind = WIRE_UNKNOWN };
    struct wire_message running_2 = { .kind = WIRE_UNKNOWN }, ended_2 = { .kind = WIRE_UNKNOWN };
    struct arena a;
    struct buf file;

    arena_init(&a);
    buf_init(&file, SIZE_MAX);
    buf_add_str(&file, text);
    uint64_t fence = some_fence(&file, &a);
    record_parse(&file, fence, &a, &running, &ended);
    check(running.kind == WIRE_UNKNOWN || (running.kind == WIRE_RUNNING && running.fence == fence));
    check(ended.kind == WIRE_UNKNOWN || (ended.kind == WIRE_ENDED && ended.fence == fence));
    file.len = (size_t)(str_rfind_char(text, '\n') + 1); /* a full disk cut the last line */
    buf_add_c(&file, "{\"is\":\"ended\",\"fence\":1,\"outcome\":\"exi");
    record_parse(&file, fence, &a, &running_2, &ended_2);
    check(same(&running, &running_2) && same(&ended, &ended_2));
    buf_done(&file);
    arena_done(&a);
}

static void fences_start(struct fences *f)
{
    static char path[] = "fences";

    *f = (struct fences){ .fd_ = -1, .path_ = path, .boot_ = "boot-1" };
}

static void check_set(const struct fences *f)
{
    check(f->len_ <= FENCES_RANGES_MAX && f->bound_ <= FENCE_MAX && f->doubtful_ <= FENCE_MAX);
    for (size_t i = 0; i < f->len_; i++) {
        const struct fence_range *r = &f->ranges_[i];
        check(r->lo <= r->hi && r->hi <= FENCE_MAX);
        check(i == 0 || r->lo > f->ranges_[i - 1].hi + 1);
        check(fences_has(f, r->lo) && fences_has(f, r->hi) && !fences_has(f, r->hi + 1));
        check(!fences_is_doubtful(f, r->lo));
    }
}

/* Every number that a line names is in the set. */
static void check_lines(const struct fences *f, struct str text)
{
    while (str_find_char(text, '\n') >= 0) {
        struct str line = str_split(&text, '\n');
        uint64_t n;
        if (str_to_u64(str_split(&line, '-'), &n))
            check(fences_has(f, n));
    }
}

static void check_fences(struct str text)
{
    struct fences f, again;
    struct err e = ERR_INIT;
    struct buf out;
    ptrdiff_t nul = str_find_char(text, '\0');

    fences_start(&f);
    fences_start(&again);
    buf_init(&out, SIZE_MAX);
    if (fences_parse(&f, text, &e) == E_OK) {
        check_set(&f);
        check_lines(&f, str_sub(text, 0, nul < 0 ? text.len : (size_t)nul));
        fences_print(&f, f.bound_, &out);
        check(fences_parse(&again, buf_str(&out), NULL) == E_OK);
        check(again.len_ == f.len_ && again.bound_ == f.bound_ && again.doubtful_ == f.doubtful_);
        check(f.len_ == 0 || memcmp(f.ranges_, again.ranges_, f.len_ * sizeof(f.ranges_[0])) == 0);
    } else {
        check(e.code == E_CORRUPT && e.text[0]);
    }
    buf_done(&out);
    mem_free(f.ranges_);
    mem_free(again.ranges_);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct str text = str_make((const char *)bytes, n);

    if (n > 0 && bytes[0] == '{')
        check_record(text);
    else
        check_fences(text);
    return 0;
}
