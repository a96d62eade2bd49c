/* api/fixture_int.h - what the parts of the fixture share: checking the file, loading it, and
 * making one object. */
#ifndef API_FIXTURE_INT_H
#define API_FIXTURE_INT_H

#include <pthread.h>

#include "api/fixture.h"

/* A member of the section's own; type: s text, i whole number, b boolean, l list of texts. */
struct fixture_field {
    const char *name;
    char type;
    bool required;
};

struct fixture_step;
struct fixture_section {
    const char *name;
    const char *version,
        *action; /* the other members are the parameters of this action; NULL: there are none */
    const struct fixture_field *fields; /* ended by a NULL name */
    /* On the engine thread, inside the transaction. */
    enum err_code (*apply)(struct fixture_step *s, struct engine *g, bool *ret_made, struct err *e);
};

struct fixture {
    const struct services *services;
    struct str uin;
    struct fixture_counts counts;
    pthread_mutex_t lock; /* guards pending */
    pthread_cond_t settled;
    size_t pending;
    bool failed; /* engine thread while commands are under way */
};

struct fixture_step {
    struct engine_command command;
    struct fixture *fixture;
    const struct fixture_section *section;
    size_t index;
    const json_t *item;
    json_t *params; /* the item without the section's own members; owned */
    bool made;
    enum err_code rc;
    struct err err;
};

extern const struct fixture_section fixture_projects, fixture_groups, fixture_calendars,
    fixture_folders, fixture_workflows, fixture_task_folders, fixture_events, fixture_tasks;

enum { FIXTURE_SECTIONS = 8 };
extern const struct fixture_section *const fixture_sections[FIXTURE_SECTIONS]; /* as loaded */

/* The file as an object that is right as far as one can see without the store; a new reference.
 * Pure.  E_SYNTAX: no JSON; else the error's path says where. */
enum err_code fixture_parse(struct str json, json_t **ret, struct err *e) MUST_USE;
/* "Tasks.3" before the path. */
void fixture_prefix(struct err *e, const char *section, size_t index);

#endif
