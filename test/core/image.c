/* test/core/image.c - see image.h. */
#include "image.h"

#include <string.h>

enum undo_kind {
    UNDO_INSTANCE_NEW,
    UNDO_INSTANCE,
    UNDO_ROUND,
    UNDO_CASE_NEW,
    UNDO_CASE,
    UNDO_CONSUMPTION,
    UNDO_FORGET,
    UNDO_FORGET_CONSUMPTION,
    UNDO_FORGET_CASE,
    UNDO_ATTEMPT,
    UNDO_MISS,
    UNDO_SCHEDULE_NEW,
    UNDO_SCHEDULE
};
struct image_undo {
    enum undo_kind kind;
    size_t at;
    union {
        struct instance instance;
        struct image_case one_case;
        struct image_schedule schedule;
    } old;
};

static struct pair_key pair(struct instance_key k)
{
    return (struct pair_key){ (uint64_t)k.task_id, (uint64_t)k.data_time.s };
}

void image_init(struct image *im)
{
    *im = (struct image){ .fence = 0 };
    arena_init(&im->arena);
    pair_map_init(&im->by_key);
}

void image_done(struct image *im)
{
    arena_done(&im->arena);
    pair_map_done(&im->by_key);
    mem_free(im->instances);
    mem_free(im->rounds);
    mem_free(im->cases);
    mem_free(im->consumptions);
    mem_free(im->attempts);
    mem_free(im->misses);
    mem_free(im->schedules);
    mem_free(im->undo);
}

static struct image_undo *undo_add(struct image *im, enum undo_kind kind, size_t at)
{
    im->undo = mem_grow(im->undo, &im->cap_undo, im->n_undo + 1, sizeof(*im->undo));
    im->undo[im->n_undo] = (struct image_undo){ .kind = kind, .at = at };
    return &im->undo[im->n_undo++];
}

#define PUSH(im, list, value)                                                                      \
    ((im)->list =                                                                                  \
         mem_grow((im)->list, &(im)->cap_##list, (im)->n_##list + 1, sizeof(*(im)->list)),         \
     (im)->list[(im)->n_##list++] = (value))

/* ---- applying effects ---------------------------------------------------------------------- */

static struct instance keep(struct image *im, const struct instance *i)
{
    struct instance copy = *i;

    copy.plan_id = arena_str(&im->arena, i->plan_id);
    copy.phases = arena_str(&im->arena, i->phases);
    copy.reason = arena_str(&im->arena, i->reason);
    if (i->group_id.ptr)
        copy.group_id = arena_str(&im->arena, i->group_id);
    return copy;
}

static size_t index_of(const struct image *im, struct instance_key key)
{
    return (size_t)(uintptr_t)pair_map_get(&im->by_key, pair(key));
}

static void insert(struct image *im, const struct instance *i)
{
    check(index_of(im, i->key) == 0); /* I1 */
    undo_add(im, UNDO_INSTANCE_NEW, im->n_instances);
    PUSH(im, instances, keep(im, i));
    pair_map_put(&im->by_key, pair(i->key), (void *)(uintptr_t)im->n_instances);
}

static void update(struct image *im, const struct instance *i)
{
    size_t at = index_of(im, i->key);

    check(at > 0);
    undo_add(im, UNDO_INSTANCE, at - 1)->old.instance = im->instances[at - 1];
    im->instances[at - 1] = keep(im, i);
}

struct image_schedule *image_schedule(struct image *im, int64_t task_id)
{
    for (size_t k = 0; k < im->n_schedules; k++)
        if (im->schedules[k].task_id == task_id)
            return &im->schedules[k];
    undo_add(im, UNDO_SCHEDULE_NEW, im->n_schedules);
    PUSH(im, schedules, ((struct image_schedule){ .task_id = task_id, .status = TASK_SCHEDULING }));
    return &im->schedules[im->n_schedules - 1];
}

void image_schedule_set(struct image *im, const struct image_schedule *s)
{
    struct image_schedule *there = image_schedule(im, s->task_id);

    undo_add(im, UNDO_SCHEDULE, (size_t)(there - im->schedules))->old.schedule = *there;
    *there = *s;
}

static void consumed(struct image *im, const struct effect *e)
{
    for (size_t k = 0; k < im->n_cases; k++)
        if (str_eq(im->cases[k].id, e->case_id)) {
            undo_add(im, UNDO_CASE, k)->old.one_case = im->cases[k];
            im->cases[k].consumed++;
            im->cases[k].consumer = e->instance.key;
            undo_add(im, UNDO_CONSUMPTION, im->n_consumptions);
            PUSH(im, consumptions, ((struct image_consumption){ k, e->instance.key, false }));
            return;
        }
    check(!"the case exists");
}

void image_apply(struct image *im, const struct effect *e)
{
    struct image_schedule s;

    switch (e->kind) {
    case EFFECT_INSTANCE_INSERT:
        insert(im, &e->instance);
        break;
    case EFFECT_INSTANCE_UPDATE:
        update(im, &e->instance);
        break;
    case EFFECT_ROUND_CLOSE:
        undo_add(im, UNDO_ROUND, im->n_rounds);
        PUSH(im, rounds, ((struct image_round){ keep(im, &e->instance) }));
        break;
    case EFFECT_ATTEMPT_BEGIN:
        undo_add(im, UNDO_ATTEMPT, im->n_attempts);
        PUSH(im, attempts,
             ((struct image_attempt){ e->fence, e->instance.key, e->instance.round,
                                      e->instance.tries }));
        break;
    case EFFECT_TASK_SETTLED:
        s = *image_schedule(im, e->task_id);
        s.high_water = e->planned;
        s.settled_at = e->at;
        s.has_high_water = true;
        image_schedule_set(im, &s);
        break;
    case EFFECT_TASK_STATUS:
        s = *image_schedule(im, e->task_id);
        s.status = e->status;
        image_schedule_set(im, &s);
        break;
    case EFFECT_MISS:
        undo_add(im, UNDO_MISS, im->n_misses);
        PUSH(im, misses, ((struct image_miss){ e->task_id, e->planned, e->data_time, e->miss }));
        break;
    case EFFECT_CASE_CONSUMED:
        consumed(im, e);
        break;
    case EFFECT_ATTEMPT_KILL:
    case EFFECT_ATTEMPT_ACK:
        break;
    }
}

void image_flush(struct image *im)
{
    size_t n;
    const struct effect *effects = core_effects(im->core, &n);

    while (im->flushed < n) {
        const struct effect *e = &effects[im->flushed++];
        if (im->on_effect)
            im->on_effect(im->ctx, e);
        image_apply(im, e);
    }
}

void image_commit(struct image *im)
{
    if (im->core)
        image_flush(im);
    im->flushed = 0;
    im->n_undo = 0;
}

/* Its rounds before the present one are rows; so are its attempts. */
static void forget_count(struct image *im, const struct instance *i, int by)
{
    im->gone.instances += (size_t)by;
    im->gone.rounds += (size_t)(by * i->round);
    im->gone.attempts += (size_t)(by * i->total_runs);
}

static void undo_one(struct image *im, const struct image_undo *u)
{
    switch (u->kind) {
    case UNDO_INSTANCE_NEW:
        pair_map_remove(&im->by_key, pair(im->instances[u->at].key));
        im->n_instances = u->at;
        break;
    case UNDO_INSTANCE:
        im->instances[u->at] = u->old.instance;
        break;
    case UNDO_ROUND:
        im->n_rounds = u->at;
        break;
    case UNDO_CASE_NEW:
        im->n_cases = u->at;
        break;
    case UNDO_CASE:
        im->cases[u->at] = u->old.one_case;
        break;
    case UNDO_CONSUMPTION:
        im->n_consumptions = u->at;
        break;
    case UNDO_FORGET:
        pair_map_put(&im->by_key, pair(im->instances[u->at].key), (void *)(uintptr_t)(u->at + 1));
        forget_count(im, &im->instances[u->at], -1);
        break;
    case UNDO_FORGET_CONSUMPTION:
        im->consumptions[u->at].gone = false;
        break;
    case UNDO_FORGET_CASE:
        im->cases[u->at] = u->old.one_case;
        im->gone.cases--;
        break;
    case UNDO_ATTEMPT:
        im->n_attempts = u->at;
        break;
    case UNDO_MISS:
        im->n_misses = u->at;
        break;
    case UNDO_SCHEDULE_NEW:
        im->n_schedules = u->at;
        break;
    case UNDO_SCHEDULE:
        im->schedules[u->at] = u->old.schedule;
        break;
    }
}

void image_crash(struct image *im)
{
    while (im->n_undo > 0)
        undo_one(im, &im->undo[--im->n_undo]);
    im->flushed = 0;
}

/* ---- facts --------------------------------------------------------------------------------- */

const struct instance *image_get(const struct image *im, struct instance_key key)
{
    size_t at = index_of(im, key);

    return at > 0 ? &im->instances[at - 1] : NULL;
}

void image_case_add(struct image *im, const struct image_case *c)
{
    struct image_case copy = *c;

    copy.id = arena_str(&im->arena, c->id);
    copy.project_id = arena_str(&im->arena, c->project_id);
    copy.event_name = arena_str(&im->arena, c->event_name);
    undo_add(im, UNDO_CASE_NEW, im->n_cases);
    PUSH(im, cases, copy);
}

void image_forget(struct image *im, struct instance_key key)
{
    size_t at = index_of(im, key);

    check(at > 0);
    undo_add(im, UNDO_FORGET, at - 1);
    pair_map_remove(&im->by_key, pair(key));
    forget_count(im, &im->instances[at - 1], 1);
    for (size_t k = 0; k < im->n_consumptions; k++) {
        struct image_consumption *c = &im->consumptions[k];
        if (c->gone || c->key.task_id != key.task_id || c->key.data_time.s != key.data_time.s)
            continue;
        undo_add(im, UNDO_FORGET_CONSUMPTION, k);
        c->gone = true;
    }
}

void image_forget_case(struct image *im, struct str id)
{
    for (size_t k = 0; k < im->n_cases; k++)
        if (str_eq(im->cases[k].id, id) && !im->cases[k].gone) {
            undo_add(im, UNDO_FORGET_CASE, k)->old.one_case = im->cases[k];
            im->cases[k].gone = true;
            im->cases[k].expires_at.us = INT64_MIN;
            im->gone.cases++;
            return;
        }
    check(!"the case exists");
}

/* Deletion is durable at once: tests delete between commits only. */
void image_delete_task(struct image *im, int64_t task_id)
{
    size_t n = 0;

    check(im->n_undo == 0);
    pair_map_done(&im->by_key);
    pair_map_init(&im->by_key);
    for (size_t k = 0; k < im->n_instances; k++) {
        if (im->instances[k].key.task_id == task_id &&
            instance_state_is_terminal(im->instances[k].state))
            continue;
        im->instances[n++] = im->instances[k];
        pair_map_put(&im->by_key, pair(im->instances[n - 1].key), (void *)(uintptr_t)n);
    }
    im->n_instances = n;
}

static bool find_instance(void *ctx, struct instance_key key, struct instance_fact *ret)
{
    struct image *im = ctx;

    image_flush(im);
    im->finds++;
    const struct instance *i = image_get(im, key);
    if (!i)
        return false;
    *ret = (struct instance_fact){ i->state, i->plan_id };
    return true;
}

static bool find_case(void *ctx, struct str project_id, struct str event_name,
                      enum event_sub_type sub_type, struct civil cut, struct wall now,
                      struct case_fact *ret)
{
    struct image *im = ctx;

    (void)sub_type;
    image_flush(im);
    for (size_t k = 0; k < im->n_cases; k++) {
        const struct image_case *c = &im->cases[k];
        if (!str_eq(c->project_id, project_id) || !str_eq(c->event_name, event_name))
            continue;
        if ((!c->general && c->data_time.s != cut.s) || c->expires_at.us <= now.us ||
            (c->single && c->consumed > 0))
            continue;
        ret->case_id = c->id;
        return true;
    }
    return false;
}

static uint64_t next_fence(void *ctx)
{
    return ++((struct image *)ctx)->fence;
}

static bool find_before(void *ctx, int64_t task_id, struct civil d, struct instance_key *ret,
                        struct instance_fact *ret_fact)
{
    struct image *im = ctx;
    const struct instance *newest = NULL;

    image_flush(im);
    for (size_t k = 0; k < im->n_instances; k++) {
        const struct instance *i = &im->instances[k];
        if (i->key.task_id == task_id && i->key.data_time.s < d.s &&
            (!newest || i->key.data_time.s > newest->key.data_time.s))
            newest = i;
    }
    if (!newest)
        return false;
    *ret = newest->key;
    *ret_fact = (struct instance_fact){ newest->state, newest->plan_id };
    return true;
}

static bool refuses(const struct image *im, int64_t branch, int64_t down)
{
    for (int k = 0; k < im->n_refusals; k++)
        if (im->refusals[k].branch == branch && im->refusals[k].down == down)
            return true;
    return false;
}

static bool branch_decide(void *ctx, const struct instance *i, struct str *ret_reason)
{
    *ret_reason = STR("the condition is none");
    return !refuses(ctx, i->key.task_id, 0);
}

static bool branch_takes(void *ctx, struct instance_key branch, int64_t down_task)
{
    return !refuses(ctx, branch.task_id, down_task);
}

static void plan_find(void *ctx, struct str plan_id, struct plan_fact *ret)
{
    (void)plan_id;
    *ret = ((const struct image *)ctx)->plan;
}

static bool plan_has(void *ctx, struct str plan_id, struct instance_key key)
{
    struct image *im = ctx;

    image_flush(im);
    for (size_t k = 0; k < im->n_rounds; k++) {
        const struct instance *i = &im->rounds[k].i;
        if (i->key.task_id == key.task_id && i->key.data_time.s == key.data_time.s &&
            str_eq(i->plan_id, plan_id))
            return true;
    }
    return false;
}

struct core_port image_port(struct image *im)
{
    return (struct core_port){ .ctx = im,
                               .instance_find = find_instance,
                               .case_find = find_case,
                               .next_fence = next_fence,
                               .instance_before = find_before,
                               .branch_decide = branch_decide,
                               .branch_takes = branch_takes,
                               .plan_find = plan_find,
                               .plan_has = plan_has };
}

void image_restore(const struct image *im, struct core *c)
{
    for (size_t k = 0; k < im->n_instances; k++)
        if (!instance_state_is_terminal(im->instances[k].state))
            core_instance_restore(c, &im->instances[k]);
}
