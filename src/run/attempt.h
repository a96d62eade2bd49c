/* run/attempt.h - what is sent to a runner to start an attempt, and what comes back.
 *
 * An attempt is one start of a task's code inside a round of an instance.  Its fence is a number
 * that is never used twice; the runner refuses a fence that it has seen, and every report carries
 * it (I2).
 */
#ifndef RUN_ATTEMPT_H
#define RUN_ATTEMPT_H

#include "base/instant.h"
#include "base/str.h"

struct attempt_param {
    struct str key, value;
};

struct attempt_spec {
    uint64_t fence;
    int type_id;             /* WeData TaskTypeId: 35 Shell, 30 Python */
    struct str instance_key; /* "TaskId_yyyy-MM-dd HH:mm:ss" */
    struct str task_id, task_name, project_id, data_time,
        planned_time;                   /* become WEFT_* in the environment */
    int round, number;                  /* of the instance; of the attempt in the round, from 1 */
    struct str code;                    /* the text to run, parameters substituted */
    struct str resources;               /* folder of the project's files; empty: there is none */
    const struct attempt_param *params; /* the type's own settings (python_sub_version ...) */
    int n_params;
    /* What is to be taken out of what it prints: keys and paths (model/result.h). */
    const struct attempt_param *outputs;
    int n_outputs;
    struct str
        event_hook;     /* variable whose values in printed lines are events (4.3); may be empty */
    struct str refusal; /* not empty: it cannot start, and this says why; the rest is not sent */
    bool resent; /* it may have been sent before: on an earlier connection, by an earlier server.
                  * After a crash of the machine such a fence is refused where the runner may have
                  * started it. */
};

enum attempt_outcome {
    ATTEMPT_EXITED,      /* exit_code is valid; 0 is success */
    ATTEMPT_SIGNALED,    /* ended by a signal, term_signal is valid */
    ATTEMPT_KILLED,      /* ended because a kill was asked for */
    ATTEMPT_NOT_STARTED, /* could not be started; text says why */
    ATTEMPT_LOST,        /* the runner or the machine died under it and there is no exit record */
    ATTEMPT_NO_OUTPUT, /* it succeeded, but what it was to put out could not be taken; text says why
                        */
    ATTEMPT_OUTCOME_N_
};
const char *attempt_outcome_name(enum attempt_outcome o);

struct attempt_end {
    uint64_t fence;
    enum attempt_outcome outcome;
    int exit_code, term_signal;
    struct wall started_at, ended_at; /* started_at is WALL_NONE when it never started */
    int64_t user_us, system_us, memory_peak_kb;
    struct str text;    /* for people; may be empty */
    struct str outputs; /* {"key":"value",...} of spec.outputs; empty: none, or not a success */
    struct str events;  /* "EventA,20220713;EventB,20220713": what the event hook printed */
};

#endif
