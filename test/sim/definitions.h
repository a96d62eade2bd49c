/* test/sim/definitions.h - random tasks of every cycle, zone and kind of dependency, as documents
 * like those of CreateTask, and the changes of such documents that commands make.
 */
#ifndef TEST_SIM_DEFINITIONS_H
#define TEST_SIM_DEFINITIONS_H

#include <jansson.h>

#include "sim.h"

/* A definition with what the simulator knows of it besides. */
struct sim_spec {
    struct task_spec spec;
    int shape; /* of its schedule (schedules.h) */
};
const struct sim_spec *sim_spec_of(const struct task_spec *spec);

/* A random document of a task and what it says; upstreams only among tasks of a lower rank
 * (def_upstreams.c), the ways of a branch to any. */
void sim_define(struct sim *s, const struct sim_task *t, struct sim_definition *ret);
/* The same document of a branch with other ways. */
void sim_define_ways(struct sim *s, const struct sim_task *t, struct sim_definition *ret);
/* What a document says now, calendars being as they are.  Takes the document. */
void sim_define_given(struct sim *s, json_t *given, struct sim_definition *ret);
/* The same of one that may be wrong; false: it is. */
bool sim_define_try(struct sim *s, json_t *given, struct sim_definition *ret, struct err *e);
/* The newest one as it stands, under the calendars of now. */
void sim_define_again(struct sim *s, struct str given, struct sim_definition *ret);
bool sim_depends_on(const struct task_spec *spec, int64_t up);
/* Into TaskExtConfigurationList. */
void sim_ext_add(json_t *given, const char *key, const char *value);
json_t *sim_json(struct sim *s, struct str text);
/* The ten members of a unified schedule (2.9), from there; NULL: they are taken out. */
void sim_unified_put(json_t *given, const json_t *unified);

/* What is written so far of a document. */
struct writing {
    struct sim *s;
    const struct sim_task *task;
    int type_id;
    enum cycle cycle;
    bool inherits;   /* it says nothing of its schedule: its workflow does */
    struct buf *out; /* the document */
    struct buf ext;  /* mergeCondition or branchCondition */
    int64_t ups[4];
    int n_ups, n_listed, n_merged;
    struct sim_way *ways;
    int n_ways;
};

/* def_upstreams.c: those of a merge stand in its setting, in the dependency list, or in both. */
void sim_put_upstreams(struct writing *w);
/* def_parameters.c: parameters, inputs, outputs and the code that uses them. */
void sim_put_parameters(struct writing *w, json_t *given);

#endif
