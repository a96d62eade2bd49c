/* api/fixture.c - loads a fixture: objects with the ids that recorded requests name. */
#include "api/fixture.h"

#include <pthread.h>
#include <stdio.h>

#include "api/fixture_int.h"

enum { CHUNK = 500 };

/* ---- posting ------------------------------------------------------------------------------- */

static enum err_code step_run(struct engine_command *c, struct engine *g, struct err *e)
{
    struct fixture_step *s = CONTAINER_OF(c, struct fixture_step, command);

    if (s->fixture->failed)
        return err_set(e, E_CANCELED, "something before it failed");
    return s->section->apply(s, g, &s->made, e);
}

static void step_done(struct engine_command *c, enum err_code rc, const struct err *e)
{
    struct fixture_step *s = CONTAINER_OF(c, struct fixture_step, command);
    struct fixture *f = s->fixture;

    s->rc = rc;
    if (rc != E_OK) {
        s->err = *e;
        f->failed = true;
    }
    pthread_mutex_lock(&f->lock);
    if (--f->pending == 0)
        pthread_cond_signal(&f->settled);
    pthread_mutex_unlock(&f->lock);
}

static enum err_code post_all(struct fixture *f, struct fixture_step *steps, size_t n,
                              struct err *e)
{
    enum err_code rc = E_OK;
    size_t posted = 0;

    pthread_mutex_lock(&f->lock);
    f->pending = 1; /* ours, so that it is not zero before all are posted */
    pthread_mutex_unlock(&f->lock);
    for (; posted < n && rc == E_OK; posted++) {
        pthread_mutex_lock(&f->lock);
        f->pending++;
        pthread_mutex_unlock(&f->lock);
        rc = engine_post(f->services->engine, &steps[posted].command, e);
    }
    pthread_mutex_lock(&f->lock);
    f->pending -= rc == E_OK ? 1 : 2;
    while (f->pending > 0)
        pthread_cond_wait(&f->settled, &f->lock);
    pthread_mutex_unlock(&f->lock);
    return rc;
}

static enum err_code collect(struct fixture *f, const struct fixture_step *steps, size_t n,
                             struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        if (steps[i].rc != E_OK) {
            if (e)
                *e = steps[i].err;
            fixture_prefix(e, steps[i].section->name, steps[i].index);
            return steps[i].rc;
        }
        if (steps[i].made)
            f->counts.made++;
        else
            f->counts.present++;
    }
    return E_OK;
}

static enum err_code load_chunk(struct fixture *f, const struct fixture_section *s,
                                const json_t *list, size_t from, size_t n, struct err *e)
{
    struct fixture_step *steps = mem_zalloc(n * sizeof(*steps));
    enum err_code rc;

    for (size_t i = 0; i < n; i++) {
        const json_t *item = json_array_get(list, from + i);
        steps[i] = (struct fixture_step){ .command = { .run = step_run, .done = step_done },
                                          .fixture = f,
                                          .section = s,
                                          .index = from + i,
                                          .item = item,
                                          .params = json_copy((json_t *)(uintptr_t)item) };
        for (const struct fixture_field *field = s->fields; field->name; field++)
            json_object_del(steps[i].params, field->name);
    }
    rc = post_all(f, steps, n, e);
    if (rc == E_OK)
        rc = collect(f, steps, n, e);
    for (size_t i = 0; i < n; i++)
        json_decref(steps[i].params);
    mem_free(steps);
    return rc;
}

/* ---- the file ------------------------------------------------------------------------------ */

static enum err_code load_file(struct fixture *f, const json_t *root, struct err *e)
{
    enum err_code rc = E_OK;

    for (size_t i = 0; i < FIXTURE_SECTIONS; i++) {
        const json_t *list = json_object_get(root, fixture_sections[i]->name);
        size_t n = json_array_size(list);
        for (size_t from = 0; rc == E_OK && from < n; from += CHUNK)
            rc = load_chunk(f, fixture_sections[i], list, from, n - from < CHUNK ? n - from : CHUNK,
                            e);
    }
    return rc;
}

enum err_code fixture_load(const struct services *s, struct str json, struct fixture_counts *ret,
                           struct err *e)
{
    struct fixture f = { .services = s, .uin = STR("100000000001") };
    json_t *root;
    enum err_code rc = fixture_parse(json, &root, e);

    if (rc != E_OK)
        return rc;
    pthread_mutex_init(&f.lock, NULL);
    pthread_cond_init(&f.settled, NULL);
    if (param_has(root, "Uin"))
        f.uin = param_str(root, "Uin");
    rc = load_file(&f, root, e);
    if (rc == E_OK)
        *ret = f.counts;
    pthread_cond_destroy(&f.settled);
    pthread_mutex_destroy(&f.lock);
    json_decref(root);
    return rc;
}
