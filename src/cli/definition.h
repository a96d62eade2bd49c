/* cli/definition.h - the definition of each thing that a project consists of, as the files of a
 * project have it: names in place of ids, nothing that changes by itself.  Pure.
 *
 * The members are those of the API, in the API's blocks, with these differences: what only shows
 * other objects, ids, times and versions are left out; of options with two spellings the newer one
 * is kept; and
 *
 *   ResourceGroupName, CalendarName   in place of ResourceGroup, CalendarOpen and CalendarId
 *   Task, FromTask,                   the name of a task (names are unique in a project) in place
 *   downstreamTask, upstreamTask      of TaskId, FromTaskId, downstreamTaskId, upstreamTaskId;
 *                                     Project beside it when it is another project's.  An id that
 *                                     nobody knows any more stays an id.
 *   Tasks, Workflows                  names in place of MonitorObjectIds; of a white list Workflow,
 *                                     Tasks in place of MonitorObjectId, TaskIds.  A rule of its
 *                                     project names nothing
 *   Roles                             of a member: their names in place of ids
 *   Permissions                       of a workflow or a folder: User or Role of each CAN_MANAGE
 *   Number                            of a resource group: its slots
 *   EventProject                      in place of the property EventProjectId of a listener
 *   branchCondition, mergeCondition   their ParamValue is a list, not JSON in a text
 *   CodeFile, ContentFile             the name of the file beside it that has the code, the bytes
 *   Submit                            true: the newest version is the submitted one
 *   Status                            of a submitted task: Y scheduling, O paused, F stopped; left
 *                                     out, it is what it is
 *
 * In memory (struct project_item) there is CodeContent, base64, in place of CodeFile, Digest in
 * place of ContentFile, Associated (always true in a file) of a resource group, and the folder,
 * which is the directory of the file, is TaskFolderPath or ParentFolderPath; and Y stands there,
 * too, which an export leaves out.
 */
#ifndef CLI_DEFINITION_H
#define CLI_DEFINITION_H

#include "cli/shape.h"

enum definition_kind {
    DEFINITION_PROJECT, /* what the project itself has; one, DEFINITION_SETTINGS */
    DEFINITION_CALENDAR,
    DEFINITION_GROUP,
    DEFINITION_RESOURCE, /* name: "/folder/file" */
    DEFINITION_EVENT,
    DEFINITION_FOLDER, /* of workflows; name: "/a/b" */
    DEFINITION_WORKFLOW,
    DEFINITION_TASK,
    DEFINITION_ALARM,
    DEFINITION_MEMBER, /* name: the account */
    DEFINITION_KINDS_
};
extern const char *const definition_names[DEFINITION_KINDS_]; /* "calendar", ... */
#define DEFINITION_SETTINGS "settings"
/* What may stand in memory; in a file, what definition_check_file lets through. */
extern const struct shape *const definition_shapes[DEFINITION_KINDS_];

/* Lists whose order means nothing come into one. */
void definition_sort(json_t *value);
/* As shape_check, with what only a file has. */
enum err_code definition_check_file(enum definition_kind kind, const json_t *value,
                                    struct err *e) MUST_USE;

/* Every reference to a task in a task's definition, for reading and replacing.  item: the object
 * that has it; name, id: its members, such as "Task" and "TaskId". */
typedef bool definition_reference(void *ctx, json_t *item, const char *name, const char *id);
/* An element whose visit answers false is taken out of its list. */
void definition_visit(json_t *task, definition_reference *visit, void *ctx);
/* The names (without those of other projects) of the tasks that it depends on. */
typedef void definition_upstream(void *ctx, const char *name);
void definition_upstreams(const json_t *task, definition_upstream *take, void *ctx);

/* Paths of resource files have the project's id: in a definition, code included, that of its own
 * project is DEFINITION_OWN_PROJECT, so that it means the same in another; and back. */
#define DEFINITION_OWN_PROJECT "PROJECT"
void definition_leave_project(json_t *definition, const char *project);
void definition_take_project(json_t *definition, const char *project);

/* The settings that are JSON in a text become lists, and back. */
void definition_open_settings(json_t *task);
void definition_close_settings(json_t *task);
/* Where a task says nothing about its schedule it takes that of its workflow (NULL: none), as the
 * server does.  Before the normal form is made. */
void definition_take_schedule(json_t *task, const json_t *workflow);
/* The other way round, for a file: a schedule that is its workflow's is left out. */
void definition_leave_schedule(json_t *task, const json_t *workflow);

#endif
