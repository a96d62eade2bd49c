/* api/public_error.c - an error as a client sees it. */
#include "api/public_error.h"

#include <stdarg.h>
#include <stdio.h>

bool public_error_set(struct public_error *p, const char *code, const char *en, const char *zh, ...)
{
    va_list ap, again;

    p->code = code;
    va_start(ap, zh);
    va_copy(again, ap);
    vsnprintf(p->en, sizeof(p->en), en, ap);
    vsnprintf(p->zh, sizeof(p->zh), zh, again);
    va_end(again);
    va_end(ap);
    return false;
}

static const char *const codes[E_CODE_N_] = {
    [E_SYNTAX] = "InvalidParameterValue",
    [E_RANGE] = "InvalidParameterValue",
    [E_REQUIRED] = "MissingParameter",
    [E_MISSING] = "ResourceNotFound",
    [E_RULE_NAME] = "InvalidParameterValue.RuleNameRepeated",
    [E_EXISTS] = "InvalidParameter.DuplicateName",
    [E_CONFLICT] = "FailedOperation",
    [E_DENIED] = "OperationDenied",
    [E_FORBIDDEN] = "UnauthorizedOperation",
    [E_STRANGER] = "UnauthorizedOperation.UserNotInProject",
    [E_IN_USE] = "OperationDenied", /* ResourceInUse makes Terraform retry for minutes */
    [E_LIMIT] = "LimitExceeded",
    [E_UNSUPPORTED] = "UnsupportedOperation",
    [E_BUSY] = "RequestLimitExceeded", /* what clients retry by themselves */
};

void public_error_from(struct public_error *p, const struct err *e)
{
    const char *code = (unsigned)e->code < E_CODE_N_ ? codes[e->code] : NULL;

    if (e->code == E_IO || e->code == E_CORRUPT) {
        public_error_set(
            p, "InternalError",
            "An internal error has occurred: the server's store fails (the disk is full or "
            "failing, "
            "or a file of it is damaged or gone). Read before you repeat a write. The server's log "
            "has the reason under this RequestId.",
            "内部错误：服务端存储故障（磁盘已满或故障，或存储文件损坏、丢失）。重试写操作前请先查询"
            "；"
            "服务端日志中可用 RequestId 查到原因。");
        return;
    }
    if (!code) {
        public_error_set(
            p, "InternalError",
            "An internal error has occurred. Nothing was changed; retry later. The server's "
            "log has the reason under this RequestId.",
            "内部错误，未做任何更改，请稍后重试；服务端日志中可用 RequestId 查到原因。");
        return;
    }
    const char *zh = e->text_zh[0] ? e->text_zh : e->text;
    if (e->path[0])
        public_error_set(p, code, "`%s`: %s", "`%s`：%s", e->path, e->text);
    else
        public_error_set(p, code, "%s%s", "%s%s", "", e->text);
    if (e->path[0])
        snprintf(p->zh, sizeof(p->zh), "`%s`：%s", e->path, zh);
    else
        snprintf(p->zh, sizeof(p->zh), "%s", zh);
}
