/* model/role.c - the roles that an account can have in a project, and what each may do. */
#include "model/role.h"

#include <stdio.h>

#define CAN(right) (1u << RIGHT_##right)

const struct role roles[ROLES_N] = {
    { "308335260274237440", "ProjectManager", "Project administrator", "项目管理员",
      "Everything in the project, its members included", "项目内的全部操作，包括成员管理",
      CAN(READ) | CAN(DEVELOP) | CAN(OPERATE) | CAN(MANAGE) },
    { "308335260676890624", "DataEngineer", "Data engineer", "数据工程师",
      "Reads; makes, changes and submits workflows, tasks and events",
      "可查看；可新建、修改、提交工作流、任务和事件", CAN(READ) | CAN(DEVELOP) },
    { "308335260844662784", "OperationEngineer", "Operations engineer", "运维工程师",
      "Reads; starts and stops tasks, reruns and backfills, fires events",
      "可查看；可启停任务、重跑、补录、触发事件", CAN(READ) | CAN(OPERATE) },
    { "308335260945326080", "Visitor", "Ordinary member", "普通成员", "Reads", "仅可查看",
      CAN(READ) },
};

const struct role tenant_roles[TENANT_ROLES_N] = {
    { "root", "Root", "Root key", "根密钥",
      "Everything in every project; keys, resource groups and calendars",
      "所有项目内的全部操作；管理密钥、资源组和日历", RIGHTS_ALL },
    { "account", "Account", "Account", "账号",
      "Makes projects, and does in others what its roles there allow",
      "可创建项目；在其他项目中按其角色操作", RIGHTS_NONE },
};

const struct role *role_find(struct str id)
{
    for (size_t i = 0; i < ROLES_N; i++)
        if (str_eq_c(id, roles[i].id))
            return &roles[i];
    return NULL;
}

unsigned roles_rights(struct str list)
{
    unsigned rights = RIGHTS_NONE;

    while (list.ptr) {
        const struct role *role = role_find(str_split(&list, ';'));
        if (role)
            rights |= role->rights;
    }
    return rights;
}

bool rights_has(unsigned rights, enum right right)
{
    return (rights & (1u << right)) != 0;
}

void right_roles(enum right right, char *out, size_t size)
{
    size_t len = 0;

    out[0] = '\0';
    for (size_t i = 0; i < ROLES_N; i++)
        if (rights_has(roles[i].rights, right) && len < size)
            len +=
                (size_t)snprintf(out + len, size - len, "%s%s", len > 0 ? ", " : "", roles[i].name);
}
