/* model/task.c - decodes and checks a task's document; every rule that needs no look at other
 * objects. */
#include "model/task.h"

#include <stdio.h>
#include <string.h>

#include "base/codec.h"
#include "model/decoding.h"
#include "model/names.h"

/* ---- base ---------------------------------------------------------------------------------- */

/* Letters, digits, '_', '-', '.', and everything beyond ASCII: what names of real tasks have (1.3).
 */
static bool is_task_name(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && c != '_' && c != '-' && c != '.' && c < 0x80)
            return false;
    }
    return s.len > 0 && str_is_utf8(s) && str_code_points(s) <= TASK_NAME_MAX;
}

static enum err_code decode_base(struct decoding *d)
{
    struct task_spec *s = d->spec;
    int64_t type;

    s->name = decoding_copy(d, d->base, "TaskName");
    s->workflow_id = decoding_copy(d, d->base, "WorkflowId");
    s->owner_uin = decoding_copy(d, d->base, "OwnerUin");
    s->description = decoding_copy(d, d->base, "TaskDescription");
    s->folder_path = decoding_copy(d, d->base, "TaskFolderPath");
    if (!is_task_name(s->name))
        return err_user(d->e, E_RANGE, BASE "TaskName",
                        "a task name has 1 to %d letters, digits, '_', '-', '.' or characters such "
                        "as Chinese ones",
                        "任务名称为 1 到 %d 个字母、数字、'_'、'-'、'.' 或中文等字符",
                        TASK_NAME_MAX);
    if (!decoding_number(d->base, "TaskTypeId", 0, &type) || type < 0 || type > 100000 ||
        !task_type_name((int)type))
        return err_user(
            d->e, E_RANGE, BASE "TaskTypeId",
            "it is not a WeData task type; for example \"35\" is Shell and \"30\" is Python",
            "不是 WeData 任务类型，例如 \"35\" 为 Shell，\"30\" 为 Python");
    s->type_id = (int)type;
    if (s->owner_uin.len > 0 && !name_is_owners(s->owner_uin))
        return err_user(d->e, E_RANGE, BASE "OwnerUin",
                        "owners are accounts of 1 to 20 digits, several joined by ';'",
                        "负责人为 1 到 20 位数字的账号，多个以 ';' 分隔");
    if (s->description.len > 4096)
        return err_user(d->e, E_LIMIT, BASE "TaskDescription", "at most %d bytes", "最多 %d 字节",
                        4096);
    return E_OK;
}

/* ---- configuration ------------------------------------------------------------------------- */

static enum err_code decode_code(struct decoding *d)
{
    struct str text = decoding_text(d->config, "CodeContent");
    struct buf code;
    enum err_code rc = E_OK;

    buf_init(&code, TASK_CODE_MAX);
    if (!base64_decode(&code, text))
        rc = err_user(d->e, E_SYNTAX, CONFIG "CodeContent", "the code must be base64",
                      "代码内容必须为 base64 编码");
    else if (code.overflow)
        rc = err_user(d->e, E_LIMIT, CONFIG "CodeContent", "the code is larger than %d bytes",
                      "代码超过 %d 字节", TASK_CODE_MAX);
    else
        d->spec->code = arena_str(d->arena, buf_str(&code));
    buf_done(&code);
    return rc;
}

static enum err_code decode_config(struct decoding *d)
{
    struct task_spec *s = d->spec;
    enum err_code rc = decode_code(d);

    s->group_id = decoding_copy(d, d->config, "ResourceGroup");
    s->broker_ip = decoding_copy(d, d->config, "BrokerIp");
    s->bundle_id = decoding_copy(d, d->config, "BundleId");
    if (rc == E_OK)
        rc = decoding_params(d, d->config, "TaskExtConfigurationList", CONFIG, &s->ext, &s->n_ext);
    return rc;
}

static enum err_code decode_all(struct decoding *d)
{
    enum err_code rc = decode_base(d);

    if (rc == E_OK)
        rc = decode_config(d);
    if (rc == E_OK)
        rc = decode_schedule(d);
    if (rc == E_OK)
        rc = decode_upstreams(d);
    if (rc == E_OK)
        rc = decode_listeners(d);
    if (rc == E_OK)
        rc = decode_options(d);
    if (rc == E_OK)
        rc = decode_control(d);
    if (rc == E_OK)
        rc = decode_parameters(d);
    return rc;
}

enum err_code task_decode(const json_t *doc, struct civil today, struct arena *a,
                          struct task_spec *ret, struct err *e)
{
    struct task_spec spec = { .priority = 0 };
    struct decoding d = { .base = json_object_get(doc, "TaskBaseAttribute"),
                          .config = json_object_get(doc, "TaskConfiguration"),
                          .scheduler = json_object_get(doc, "TaskSchedulerConfiguration"),
                          .today = today,
                          .arena = a,
                          .spec = &spec,
                          .e = e };
    enum err_code rc = decode_all(&d);

    spec.schedule.manual = json_is_true(json_object_get(doc, TASK_DOC_MANUAL));
    if (rc == E_OK)
        *ret = spec;
    return rc;
}

enum err_code task_decode_text(struct str doc, struct civil today, struct arena *a,
                               struct task_spec *ret, struct err *e)
{
    json_t *root = json_loadb(doc.ptr ? doc.ptr : "", doc.len, 0, NULL);
    enum err_code rc;

    if (!json_is_object(root)) {
        json_decref(root);
        return err_set(e, E_CORRUPT, "a stored task definition is not a JSON object");
    }
    rc = task_decode(root, today, a, ret, e);
    json_decref(root);
    return rc;
}
