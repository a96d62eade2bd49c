/* engine/engine_int.h - what the files of this folder share; nobody else includes it. */
#ifndef ENGINE_ENGINE_INT_H
#define ENGINE_ENGINE_INT_H

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "core/core.h"
#include "engine/doc_cache.h"
#include "engine/metrics.h"
#include "engine/turn.h"
#include "engine/version_cache.h"

/* What a runner said; taken up by the next turn. */
struct report {
    bool ended;
    bool over; /* a start whose end waits behind it: nothing is left to write */
    uint64_t fence;
    struct wall started_at;
    struct attempt_end end; /* its texts are owned here */
};

/* An attempt that is begun and not yet ended, as the store knows it. */
struct live_attempt {
    struct instance_key key;
    int type_id; /* TaskTypeId; 0: not known */
};

/* What is not yet written of one instance. */
struct pending {
    size_t newest; /* index of its newest effect */
    bool insert;   /* one of its effects makes it */
};

/* What an attempt that is begun in this turn executes, so that it need not be read again. */
struct prepared {
    struct str code;    /* in the engine's arena; of no use when it is that of the version */
    struct str refusal; /* why it cannot start; empty: it can */
    bool is_plain;      /* it is that of the version */
};

/* How many versions the caches have read. */
struct version_reads {
    uint64_t versions, outputs;
};

/* Where the walk over the history is (purge.c); begins anew with every start. */
struct purge {
    struct wall cutoff, next_at;
    int stage; /* what is walked */
    int64_t task_id;
    struct civil data_time, floor;
    bool in_task;
    char id[64];    /* the last plan, job or case that was looked at */
    int64_t number; /* the last message */
    int64_t gone;   /* instances that left in the present turn */
};

/* What the folder of resource files is still to follow (resource_tree.c). */
struct resource_tree {
    struct tree_change *changes; /* of this turn; their text in the arena */
    size_t n, cap;
    bool made;  /* it was restored since the start */
    bool stale; /* it is not what the rows say */
    struct wall next_at;
};

struct engine {
    struct purge purge;
    struct resource_tree tree;
    DIR *sweeping; /* objects.c: the folder under way; NULL: none */
    struct engine_config config;
    struct core *core;
    struct arena arena; /* one turn */
    struct arena fact;  /* one answer to the core (facts.c) */
    struct wall now;
    const struct actor *actor; /* of the command that runs; NULL: the server (member.h) */
    struct version_cache versions, outputs; /* outputs: of upstream instances (supplier.h) */
    struct version_reads reads_before;      /* before this turn */
    struct doc_cache docs;

    pthread_mutex_t lock; /* guards queue, queued, closed */
    struct list queue;
    size_t queued;
    bool closed;
    struct list notes; /* audit.c: refused writes to record; the lock guards them too */
    size_t n_notes;
    int64_t audit_number;

    struct report *reports;
    size_t n_reports, cap_reports;
    bool ends_wait;         /* one of them is an end */
    struct wall starts_due; /* the others are taken up then; not set: nobody looked at them yet */
    struct alarms *alarms;  /* alarm.h */
    struct pair_map live;   /* fence -> struct live_attempt */
    struct pair_map named;  /* fences that the runner has, or that were sent on this connection */
    bool runner_synced, resync;

    struct list turn_commands; /* of the present turn, run and waiting for the commit */
    int64_t slices;            /* of plans that are still to be made (planning.h) */
    int64_t deletions;         /* plans that are being deleted (deletion.h) */
    size_t flushed;            /* effects written so far in this turn */
    size_t observed;           /* effects that the observer has seen */
    struct pair_map
        pending;    /* instance key -> struct pending (in arena), of effects not yet flushed */
    size_t indexed; /* effects that are in `pending` */
    struct pair_map
        prepared;          /* fence -> struct prepared (in arena), of the attempts of this turn */
    uint64_t false_fences; /* given while the store fails */
    bool broken;           /* the last commit failed: load before anything else */
    struct wall broken_until;
    struct wall looked_at; /* at the store, without having to */
    bool failing;          /* atomic: what engine_is_failing says */
    struct engine_stats stats;
    struct engine_metrics metrics;
    struct mono turn_began;
    struct wall groups_at; /* the loads of the groups were published */
};

/* report.c: the runner knows this attempt; forgotten when the connection breaks. */
void runner_has(struct engine *g, uint64_t fence);
/* Is there one that is to be taken up now?  An end is at once, a start within moments. */
bool reports_are_due(struct engine *g);
struct wall reports_due(const struct engine *g); /* WALL_FAR: there are none */
/* Take up one report; in the open transaction. */
enum err_code report_apply(struct engine *g, const struct report *r, struct err *e) MUST_USE;
/* The first n reports are durable. */
void reports_drop(struct engine *g, size_t n);
/* After a commit: what the runner did not name was never started there, or its message was lost, so
 * it is sent (again). */
void attempts_resend(struct engine *g);
/* report.c: count the first n reports, which are durable; before effects_release. */
void reports_count(struct engine *g, size_t n);
/* purge.c: a bounded step over the history; in the open transaction, after all else. */
bool purge_is_due(const struct engine *g);
struct wall purge_due(const struct engine *g); /* WALL_FAR: nothing is purged */
enum err_code purge_step(struct engine *g, struct err *e) MUST_USE;
/* audit.c: write the notes that wait, *ret_n of them, in the open transaction; drop them after the
 * commit. */
bool audit_waits(struct engine *g);
enum err_code audit_take(struct engine *g, size_t *ret_n, struct err *e) MUST_USE;
void audit_drop(struct engine *g, size_t n);
/* measure.c: a turn's own time and that of its commit, for the metrics.  All times are 0 without a
 * clock. */
void turn_begins(struct engine *g);
struct dur turn_elapsed(const struct engine *g);
enum err_code turn_commit(struct engine *g, struct err *e) MUST_USE;
void turn_ends(struct engine *g, int64_t commands);
/* Let others read how things are; groups: the loads of the groups in any case. */
void engine_publish(struct engine *g, bool groups);
/* turn.c: tell the observer whether what it saw is durable. */
void observe_end(struct engine *g, bool committed);

/* effects.c: write the durable effects that came since the last call; in the open transaction. */
enum err_code effects_flush(struct engine *g, struct err *e) MUST_USE;
/* The core's effects are cleared, or the core is new. */
void effects_reset(struct engine *g);
/* Carry out the outward effects of the turn; after the commit. */
void effects_release(struct engine *g);
/* The newest state that a not yet written effect gives to an instance; NULL: none does. */
const struct instance *effects_pending(struct engine *g, struct instance_key key);
/* A transaction that only reads (end it with store_rollback).  False: the store fails, and the log
 * says so. */
bool effects_open_view(struct engine *g);

/* attempt.c: what an instance repeats of its task, so that lists need no join. */
enum err_code instance_add_task(struct engine *g, const struct instance *i,
                                struct instance_row *row, struct err *e) MUST_USE;
/* Write the attempt that an EFFECT_ATTEMPT_BEGIN begins; in the open transaction. */
enum err_code attempt_write(struct engine *g, const struct effect *f, struct err *e) MUST_USE;
/* It is begun: remember whose it is.  type_id 0: attempt_send finds it out. */
void attempt_live(struct engine *g, uint64_t fence, struct instance_key key, int type_id);
/* Build and send the attempt of a live instance, inside an open transaction; again: it may have
 * been sent before. */
void attempt_send(struct engine *g, uint64_t fence, struct instance_key key, bool again);

/* facts.c */
struct core_port engine_facts(struct engine *g);
/* load.c */
void instance_from_row(const struct instance_row *row, struct instance *ret);

#endif
