/* cli/project.h - a project as a set of definitions: as a server has it, or as files have it. */
#ifndef CLI_PROJECT_H
#define CLI_PROJECT_H

#include "base/buf.h"
#include "base/map.h"
#include "cli/command.h"
#include "cli/definition.h"

#define PROJECT_BUCKET "weft"                     /* where an apply puts bytes */
#define PROJECT_RESOURCES "/datastudio/resource/" /* in front of a project's id in paths */
enum { PROJECT_FORMAT = 1, PROJECT_RESOURCE_MAX = 256 << 20 /* bytes of a resource file here */ };

struct project_item {
    enum definition_kind kind;
    const char *name;
    json_t *definition; /* the normal form in memory; owned */
    /* Of files: */
    const char *file;    /* below the project's directory; NULL: not from a file */
    struct str text;     /* of that file */
    const char *content; /* of a resource file: the file that has its bytes, as to be opened */
    /* Of a server: */
    const char *id;      /* NULL: events have none */
    bool ever_submitted; /* a task */
    bool used;           /* a calendar: something of the project follows it */
    bool stays;          /* a member: an owner, whom nobody can take out */
    const char *bucket;  /* of a resource file: where its new bytes have to come from */
};

struct project {
    struct arena *arena; /* of everything here but the definitions */
    struct map by_name[DEFINITION_KINDS_];
    struct project_item **items[DEFINITION_KINDS_]; /* in the order in which they were added */
    size_t n[DEFINITION_KINDS_], cap_[DEFINITION_KINDS_];
};

void project_init(struct project *p, struct arena *a);
void project_done(struct project *p);
/* Takes over definition.  NULL: the name is taken (and definition is not taken over). */
struct project_item *project_add(struct project *p, enum definition_kind kind, const char *name,
                                 json_t *definition);
struct project_item *project_find(const struct project *p, enum definition_kind kind,
                                  const char *name);
/* The workflow that a task is in. */
const char *project_workflow_of(const struct project_item *task);
/* In order of their names, for what people read. */
void project_sort(struct project *p);

/* ---- as a server has it (project_remote.c) ------------------------------------------------- */

/* Names for ids and ids for names, in the session's project and, for what it refers to, others. */
struct project_names;
struct project_names *project_names_new(struct session *s);
void project_names_free(struct project_names *n);

/* Everything that the session's project has, and all calendars.  Exit status; prints what went
 * wrong.  Warnings, such as references to tasks that are gone, go to stderr. */
int project_load(struct session *s, struct project_names *n, struct project *ret);
/* One task as it is now; name as in project_load.  The item of p is replaced. */
int project_reload_task(struct session *s, struct project_names *n, struct project *p,
                        struct project_item *task);
/* The project's alarm rules, when its tasks and workflows are there (project_alarms.c). */
int project_load_alarms(struct session *s, struct project_names *n, struct project *p);
/* Settings, resource groups, events, folders, members (project_belongs.c); calendars come before.
 */
int project_load_belongs(struct session *s, struct project_names *n, struct project *p);
/* Those of its workflows and folders, when they are there. */
int project_load_permissions(struct session *s, struct project_names *n, struct project *p);
/* Resource files, without their bytes (project_resources.c); the bytes of one, behind what is in
 * out. */
int project_load_resources(struct session *s, struct project *p);
int project_fetch_resource(struct session *s, const struct project_item *item, struct buf *out);

/* ---- names and ids (project_names.c) ------------------------------------------------------- */

/* Fetches what is in the lists of projects, resource groups and roles.  Exit status. */
int names_load(struct project_names *n);
/* A task of the session's project. */
void names_put_task(struct project_names *n, const char *id, const char *name);
/* NULL: nobody has it. */
const char *names_task(const struct project_names *n, const char *id);
const char *names_task_id(const struct project_names *n, const char *name);
const char *names_project(const struct project_names *n, const char *id);
const char *names_project_id(const struct project_names *n, const char *name);
const char *names_group(const struct project_names *n, const char *id);
const char *names_group_id(const struct project_names *n, const char *name);
/* A resource group that was made since. */
void names_put_group(struct project_names *n, const char *id, const char *name);
const char *names_role(const struct project_names *n, const char *id);
const char *names_role_id(const struct project_names *n, const char *name);
/* The task of another project that `task` depends on, or leads to; its project in *ret_project.
 * NULL: unknown. */
const char *names_foreign(struct project_names *n, const char *task, const char *id,
                          const char **ret_project);
/* Its id; NULL: there is none that this account sees. */
const char *names_foreign_id(struct project_names *n, const char *project, const char *name);

/* ---- as files have it (project_write.c, project_read.c) ------------------------------------- */

enum { PROJECT_DEPTH_MAX = 64 }; /* of directories */
#define PROJECT_UNFINISHED                                                                         \
    "Unfinished" /* in project.json while an export writes; no apply reads it */
/* hooks: the addresses of alarms stand there as they are (cli/alarm_hooks.h).
 * Writes p below dir, which is empty, is not there, or has an earlier export, of which what is no
 * more in p is removed.  Exit status; prints what went wrong. */
int project_write(struct session *s, const struct project *p, const char *dir, bool hooks,
                  size_t *ret_written, size_t *ret_removed);
/* Reads what is below dir; tells every broken file on stderr.  Exit status. */
int project_read(struct session *s, const char *dir, struct project *ret);

#endif
