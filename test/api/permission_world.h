/* test/api/permission_world.h - a project of folders in folders, for tests of permissions.
 *
 * /a and /a/b, in which wa is with the tasks TA and TB; /ab; /c, in which wc is with TC, which
 * waits for TA; wr at the root with TR.  500 manages, 501 reads, 502 has no role, 503 develops, 504
 * operates.  Another project has a folder "far".
 */
#ifndef TEST_API_PERMISSION_WORLD_H
#define TEST_API_PERMISSION_WORLD_H

#include "act_harness.h"

#define MANAGER "308335260274237440"
#define DEVELOPER "308335260676890624"
#define OPERATOR "308335260844662784"
#define VISITOR "308335260945326080"
#define TA "20240101000000001"
#define TB "20240101000000002"
#define TC "20240101000000003"
#define TR "20240101000000004"
#define AT(task) task "_2024-03-01 00:00:00"
#define DEPEND(id)                                                                                 \
    "\"UpstreamDependencyConfigList\":[{\"TaskId\":\"" id "\",\"MainCyclicConfig\":\"DAY\","       \
    "\"SubordinateCyclicConfig\":\"CURRENT_DAY\"}]"

/* A printf format of the beginning of a request: its type and id; and of an entry: the same. */
#define ENTITY "{\"ProjectId\":\"1001\",\"EntityType\":\"%s\",\"EntityId\":\"%s\""
#define ITEM                                                                                       \
    "{\"PermissionTargetType\":\"%s\",\"PermissionTargetId\":\"%s\",\"PermissionTypeList\":["      \
    "\"CAN_MANAGE\"]}"

extern struct harness h;
int permission_setup(void **state);
int permission_teardown(void **state);

/* Act with a key of the account; NULL: with the root key. */
void act_as(const char *uin);
void add_member(const char *uin, const char *role);

/* As the administrator, whoever acts at the moment. */
void change_permission(bool granted, const char *type, const char *id, const char *target,
                       const char *target_id);
void grant(const char *type, const char *id, const char *uin);
void revoke(const char *type, const char *id, const char *uin);
/* "user:501 role:..." in the order of the list. */
void check_list(const char *type, const char *id, const char *expected);

/* Whether the account may, whatever comes of it.  `more`: the members beside ProjectId. */
bool may(const char *version, const char *action, const char *more, struct err *ret);
void check_may(const char *action, const char *more);
void check_may_not(const char *action, const char *more, const char *path);

#endif
