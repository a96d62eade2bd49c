/* api/fixture.h - loads a fixture: objects with the ids that recorded requests name.
 *
 * A fixture is one JSON object.  Every member is optional and is a list, except Uin:
 *
 *   Uin              account that makes it all; default 100000000001
 *   Projects         ProjectId*, ProjectName*, DisplayName, Description, ProjectModel,
 *                    ProjectOwnerUin
 *   ResourceGroups   ResourceGroupId*, Name*, Type, Slots*, Description, ProjectIds
 *   Calendars        CalendarId*, CalendarName*, Mode* (RUN or PAUSE), Dates*
 *   WorkflowFolders  the parameters of CreateWorkflowFolder and FolderId*
 *   Workflows        the parameters of CreateWorkflow and WorkflowId*
 *   TaskFolders      the parameters of CreateTaskFolder and TaskFolderId*
 *   Events           the parameters of RegisterDsEvent and EventId (absent: known by its name)
 *   Tasks            the parameters of CreateTask, TaskId*, Submit (default false), VersionRemark
 *
 * Loading again changes nothing: what exists under its id is left as it is (a person may have
 * edited it since), except the Slots of resource groups, their ProjectIds and the calendars, which
 * are made the same: those are settings of the installation.  The lists are taken in the order
 * above and each from the top, so an object may name what stands before it. Objects are made one by
 * one; an error stops the loading and what came before it stays.
 */
#ifndef API_FIXTURE_H
#define API_FIXTURE_H

#include "api/action.h"

struct fixture_counts {
    int made, present;
};

/* Posts engine commands and waits for them, so the engine must be running; not on the engine
 * thread.  The path of an error says where in the file: "Tasks.3.TaskBaseAttribute.TaskName". */
enum err_code fixture_load(const struct services *s, struct str json, struct fixture_counts *ret,
                           struct err *e) MUST_USE;

#endif
