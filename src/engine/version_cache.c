/* engine/version_cache.c - decoded versions of tasks, which never change once committed. */
#include "engine/version_cache.h"

/* Enough for the tasks that are active at one time; a miss costs one read and one decode. */
enum { CACHE_ENTRIES_MAX = 4096, CACHE_BYTES_MAX = 64 << 20 };

void version_cache_init(struct version_cache *c, enum version_part part)
{
    pair_map_init(&c->map_);
    c->bytes_ = 0;
    c->reads_ = 0;
    c->part_ = part;
}

static void entry_free(struct version_entry *entry)
{
    arena_done(&entry->arena_);
    mem_free(entry);
}

void version_cache_done(struct version_cache *c)
{
    size_t at = 0;
    struct pair_key key;
    void *value;

    while (pair_map_next(&c->map_, &at, &key, &value))
        entry_free(value);
    pair_map_done(&c->map_);
}

static void start_anew(struct version_cache *c)
{
    uint64_t reads = c->reads_;

    version_cache_done(c);
    version_cache_init(c, c->part_);
    c->reads_ = reads;
}

uint64_t version_cache_reads(const struct version_cache *c)
{
    return c->reads_;
}

void version_cache_forget(struct version_cache *c, uint64_t reads)
{
    if (c->reads_ != reads)
        start_anew(c);
}

static void keep_outputs(struct version_entry *entry, const struct task_spec *whole)
{
    struct task_output *outputs =
        ARENA_ARRAY(&entry->arena_, struct task_output, (size_t)whole->n_outputs + 1);

    for (int i = 0; i < whole->n_outputs; i++) {
        outputs[i] = whole->outputs[i];
        outputs[i].key = arena_str(&entry->arena_, outputs[i].key);
        outputs[i].value = arena_str(&entry->arena_, outputs[i].value);
    }
    entry->spec.outputs = outputs;
    entry->spec.n_outputs = whole->n_outputs;
    entry->spec.schedule.zone = whole->schedule.zone;
}

/* The stored document is complete, so no default of "today" is ever taken. */
static enum err_code entry_decode(struct version_entry *entry, enum version_part part,
                                  const struct version_row *version, struct arena *text,
                                  struct err *e)
{
    struct task_spec whole;
    enum err_code rc = task_decode_text(version->doc, (struct civil){ 0 },
                                        part == VERSION_WHOLE ? &entry->arena_ : text, &whole, e);

    if (rc == E_CORRUPT)
        return err_set(e, E_SYNTAX, "version %d of task %lld is not readable", version->num,
                       (long long)version->task_id);
    if (rc == E_OK && part == VERSION_WHOLE)
        entry->spec = whole;
    else if (rc == E_OK)
        keep_outputs(entry, &whole);
    return rc;
}

/* The document itself, as long as the code again, is not kept. */
static enum err_code entry_load(struct version_entry *entry, enum version_part part, struct view *v,
                                struct version_row version, struct err *e)
{
    struct task_row task = { .id = version.task_id };
    struct arena text;
    enum err_code rc = row_get(v, &table_task, &entry->arena_, &task, e);

    if (rc != E_OK)
        return rc;
    entry->project_id = task.project_id;
    arena_init(&text);
    rc = row_get(v, &table_version, &text, &version, e);
    if (rc == E_OK)
        rc = entry_decode(entry, part, &version, &text, e);
    arena_done(&text);
    return rc;
}

enum err_code version_cache_get(struct version_cache *c, struct view *v, int64_t task_id,
                                int32_t num, const struct version_entry **ret, struct err *e)
{
    struct pair_key key = { (uint64_t)task_id, (uint64_t)num };
    struct version_entry *entry = pair_map_get(&c->map_, key);

    if (!entry) {
        if (c->map_.len >= CACHE_ENTRIES_MAX || c->bytes_ >= CACHE_BYTES_MAX)
            start_anew(c);
        entry = NEW(struct version_entry);
        arena_init(&entry->arena_);
        enum err_code rc = entry_load(entry, c->part_, v,
                                      (struct version_row){ .task_id = task_id, .num = num }, e);
        if (rc != E_OK) {
            entry_free(entry);
            return rc;
        }
        c->bytes_ += arena_bytes(&entry->arena_);
        c->reads_++;
        pair_map_put(&c->map_, key, entry);
    }
    *ret = entry;
    return E_OK;
}
