/* cli/resolve.h - names of tasks where ids are wanted. */
#ifndef CLI_RESOLVE_H
#define CLI_RESOLVE_H

#include "cli/command.h"

/* The id of a task that is named by its id or its name, in the arena.  Exit status; tells that
 * there is none, and what may be meant. */
int resolve_task(struct session *s, const char *word, const char **ret);
/* The key of an instance: TASK_yyyy-MM-dd HH:mm:ss, or TASK_yyyy-MM-dd. */
int resolve_instance(struct session *s, const char *word, const char **ret);
/* All words of the command line, as a new array of ids or keys. */
int resolve_tasks(struct session *s, json_t **ret);
int resolve_instances(struct session *s, json_t **ret);
/* A workflow of the session's project, by id or name. */
int resolve_workflow(struct session *s, const char *word, const char **ret);

/* The session's project, where it is named by its name: s->project becomes its id. */
int resolve_project(struct session *s);

#endif
