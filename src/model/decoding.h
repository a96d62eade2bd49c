/* model/decoding.h - how the parts of a task's document are read; for task.c and the task_*.c
 * beside it.
 *
 * Values that the API writes as text on input and as numbers in answers are taken in both forms, so
 * that a document made by CreateTask, by UpdateTask or by an older weft decodes alike.  An empty
 * text is an absent value.
 */
#ifndef MODEL_DECODING_H
#define MODEL_DECODING_H

#include "model/task.h"

struct decoding {
    const json_t *base, *config, *scheduler;
    struct civil today;
    struct arena *arena;
    struct task_spec *spec; /* what is decoded so far */
    struct err *e;
};

#define BASE "TaskBaseAttribute."
#define CONFIG "TaskConfiguration."
#define SCHEDULER "TaskSchedulerConfiguration."

/* Borrowed, and copied into the arena; empty when it is absent or no text. */
struct str decoding_text(const json_t *object, const char *name);
struct str decoding_copy(struct decoding *d, const json_t *object, const char *name);
/* A number, or text that is one; absent and empty give `otherwise`.  False: neither. */
bool decoding_number(const json_t *object, const char *name, int64_t otherwise, int64_t *ret);
bool decoding_has(const json_t *object, const char *name);

/* E_LIMIT: more than TASK_LIST_MAX. */
enum err_code decoding_check_length(struct decoding *d, const json_t *list, const char *path);
/* A list of {ParamKey, ParamValue}; keys are there and differ. */
enum err_code decoding_params(struct decoding *d, const json_t *object, const char *name,
                              const char *prefix, const struct task_param **ret, int *ret_n);
/* Its place in the list, -1: none has the key. */
int decoding_find_param(const struct task_param *list, int n, struct str key);

/* The scheduler block, part by part. */
enum err_code decode_schedule(struct decoding *d);  /* task_schedule.c: cycle, cron, zone, range */
enum err_code decode_upstreams(struct decoding *d); /* task_upstream.c */
enum err_code decode_listeners(struct decoding *d); /* task_listener.c */
enum err_code decode_options(struct decoding *d);   /* task_option.c: all the rest */
/* task_control.c; after the upstreams and the settings. */
enum err_code decode_control(struct decoding *d);
/* task_parameter.c; after the upstreams. */
enum err_code decode_parameters(struct decoding *d);

#endif
