/* cli/definition_int.h - what the tables of definitions are written with.  Only for definition*.c.
 */
#ifndef CLI_DEFINITION_INT_H
#define CLI_DEFINITION_INT_H

#include "cli/definition.h"

#define TEXT(name)                                                                                 \
    {                                                                                              \
        name, SHAPE_TEXT, false, false, "", 0, NULL                                                \
    }
#define TEXT_OR(name, otherwise)                                                                   \
    {                                                                                              \
        name, SHAPE_TEXT, false, false, otherwise, 0, NULL                                         \
    }
#define TEXT_KEPT(name)                                                                            \
    {                                                                                              \
        name, SHAPE_TEXT, false, false, NULL, 0, NULL                                              \
    }
#define TEXT_SHOWN(name, otherwise)                                                                \
    {                                                                                              \
        name, SHAPE_TEXT, false, true, otherwise, 0, NULL                                          \
    }
#define TEXT_NEEDED(name)                                                                          \
    {                                                                                              \
        name, SHAPE_TEXT, true, true, NULL, 0, NULL                                                \
    }
#define NUMBER_OR(name, otherwise)                                                                 \
    {                                                                                              \
        name, SHAPE_NUMBER, false, false, NULL, otherwise, NULL                                    \
    }
#define LIST_OF(name, members)                                                                     \
    {                                                                                              \
        name, SHAPE_LIST, false, false, NULL, 0, members                                           \
    }
#define NUMBER_KEPT(name) NUMBER_OR(name, SHAPE_NO_NUMBER)
#define TEXTS(name)                                                                                \
    {                                                                                              \
        name, SHAPE_TEXTS, false, false, NULL, 0, NULL                                             \
    }
#define OBJECT_OF(name, members)                                                                   \
    {                                                                                              \
        name, SHAPE_OBJECT, false, false, NULL, 0, members                                         \
    }
#define END                                                                                        \
    {                                                                                              \
        NULL, SHAPE_TEXT, false, false, NULL, 0, NULL                                              \
    }

extern const struct shape definition_alarm[], definition_project[], definition_group[],
    definition_resource[], definition_folder[], definition_member[], definition_permission[];
/* Of workflows and folders; [] takes all away. */
#define PERMISSIONS                                                                                \
    {                                                                                              \
        "Permissions", SHAPE_LIST, false, true, NULL, 0, definition_permission, true               \
    }
/* What goes with which MonitorObjectType.  E_RANGE, E_REQUIRED. */
enum err_code definition_check_alarm(const json_t *value, struct err *e) MUST_USE;
/* The same of what belongs to the project as a whole, and of permissions; kind: any.  E_RANGE. */
enum err_code definition_check_belongs(enum definition_kind kind, const json_t *value,
                                       struct err *e) MUST_USE;

#endif
