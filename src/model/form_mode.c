/* model/form_mode.c - the code of a task in Shell form mode as one Shell script. */
#include "model/form_mode.h"

#include "model/resource.h"

#define SETTINGS "TaskConfiguration.TaskExtConfigurationList"

static struct str setting(const struct task_spec *spec, const char *key)
{
    for (int i = 0; i < spec->n_ext; i++)
        if (str_eq_c(spec->ext[i].key, key))
            return str_trim(spec->ext[i].value);
    return str_make("", 0);
}

struct form_mode form_mode_of(const struct task_spec *spec)
{
    return (struct form_mode){ setting(spec, "ftp.file.name"), setting(spec, "shell.cmd"),
                               setting(spec, "shell.args") };
}

enum err_code form_mode_check(const struct form_mode *f, struct str project_id, struct err *e)
{
    struct err why = ERR_INIT;

    if (f->zip.len == 0 || f->command.len == 0)
        return err_user(
            e, E_CONFLICT, SETTINGS, "a task in Shell form mode needs the setting %s: %s",
            "Shell 表单模式任务需要配置 %s：%s", f->zip.len == 0 ? "ftp.file.name" : "shell.cmd",
            f->zip.len == 0 ? RESOURCE_PREFIX "<ProjectId>/folder/name.zip" : "bash run.sh");
    if (str_find(f->zip, STR("${")) >= 0)
        return E_OK;
    if (resource_remote_check(f->zip, project_id, SETTINGS, &why) != E_OK)
        return err_user(e, E_CONFLICT, SETTINGS, "ftp.file.name: %s", "ftp.file.name：%s",
                        why.text);
    return E_OK;
}

/* As one word for the shell, whatever is in it. */
static void add_quoted(struct buf *out, struct str text)
{
    buf_add_char(out, '\'');
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '\'')
            buf_add_c(out, "'\\''");
        else
            buf_add_char(out, text.ptr[i]);
    buf_add_char(out, '\'');
}

void form_mode_script(const struct form_mode *f, struct buf *out)
{
    buf_add_c(out, "zip=");
    add_quoted(out, f->zip);
    buf_add_c(out, "\n"
                   "[ -f \"$zip\" ] || { echo \"the resource file $zip is not there\" >&2; exit 1; "
                   "}\n"
                   "unzip -q -o \"$zip\" || { echo \"$zip cannot be unpacked\" >&2; exit 1; }\n"
                   "unset zip\n");
    buf_add_str(out, f->command);
    if (f->arguments.len > 0)
        buf_add_char(out, ' ');
    buf_add_str(out, f->arguments);
    buf_add_char(out, '\n');
}
