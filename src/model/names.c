/* model/names.c - which names and paths are allowed. */
#include "model/names.h"

#include <string.h>

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static enum err_code empty(const char *path, struct err *e)
{
    return err_user(e, E_RANGE, path, "it must not be empty", "不能为空");
}

/* A letter, then letters, digits and underscores; `wide`: bytes above ASCII are letters too. */
static bool is_identifier(struct str s, bool wide)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool letter = is_letter(c) || (wide && (unsigned char)c >= 0x80);
        if (!letter && (i == 0 || !(is_digit(c) || c == '_')))
            return false;
    }
    return true;
}

static enum err_code check_identifier(struct str s, int max, bool wide, const char *path,
                                      struct err *e)
{
    if (s.len == 0)
        return empty(path, e);
    if (str_code_points(s) > (size_t)max || !is_identifier(s, wide))
        return err_user(e, E_RANGE, path,
                        "`%.*s` must begin with a letter and contain only letters, digits and "
                        "underscores, at most %d",
                        "`%.*s` 必须以字母开头，只能包含字母、数字和下划线，最多 %d 个字符",
                        STR_ARG(str_sub(s, 0, 120)), max);
    return E_OK;
}

enum err_code name_check_project(struct str name, const char *path, struct err *e)
{
    return check_identifier(name, 32, false, path, e);
}

enum err_code name_check_display(struct str name, const char *path, struct err *e)
{
    return check_identifier(name, 32, true, path, e);
}

enum err_code name_check_group(struct str name, const char *path, struct err *e)
{
    return check_identifier(name, 64, false, path, e);
}

enum err_code name_check_event(struct str name, const char *path, struct err *e)
{
    return check_identifier(name, 20, false, path, e);
}

enum err_code name_check_alarm(struct str name, const char *path, struct err *e)
{
    bool bad = str_code_points(name) > NAME_ALARM_MAX;

    if (name.len == 0)
        return empty(path, e);
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bad |= !is_letter(c) && !is_digit(c) && c != '_' && (unsigned char)c < 0x80;
    }
    if (bad)
        return err_user(e, E_RANGE, path,
                        "the name of an alarm rule has 1 to %d letters (Chinese ones too), digits "
                        "and underscores",
                        "告警规则名称由 1 到 %d 个中文、字母、数字、下划线组成", NAME_ALARM_MAX);
    return E_OK;
}

enum err_code name_check_item(struct str name, const char *path, struct err *e)
{
    bool bad = str_code_points(name) > NAME_ITEM_MAX;

    if (name.len == 0)
        return empty(path, e);
    for (size_t i = 0; i < name.len; i++)
        bad = bad || name.ptr[i] == '/' || (unsigned char)name.ptr[i] < 0x20 || name.ptr[i] == 0x7f;
    if (bad)
        return err_user(e, E_RANGE, path,
                        "it must have 1 to %d characters, without '/' and control characters",
                        "长度为 1 到 %d 个字符，不能包含 '/' 和控制字符", NAME_ITEM_MAX);
    return E_OK;
}

enum err_code name_check_id(struct str id, const char *path, struct err *e)
{
    bool bad = id.len > 64;

    if (id.len == 0)
        return empty(path, e);
    for (size_t i = 0; i < id.len; i++)
        bad = bad || !(is_letter(id.ptr[i]) || is_digit(id.ptr[i]) || id.ptr[i] == '-' ||
                       id.ptr[i] == '_');
    if (bad)
        return err_user(e, E_RANGE, path, "an id has 1 to %d letters, digits, '-' and '_'",
                        "ID 由 1 到 %d 个字母、数字、'-'、'_' 组成", 64);
    return E_OK;
}

static bool is_digits(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_digit(s.ptr[i]))
            return false;
    return s.len >= 1 && s.len <= 20;
}

enum err_code name_check_digits(struct str id, const char *path, struct err *e)
{
    if (id.len == 0)
        return empty(path, e);
    if (!is_digits(id))
        return err_user(e, E_RANGE, path, "`%.*s` is not 1 to 20 digits",
                        "`%.*s` 不是 1 到 20 位数字", STR_ARG(str_sub(id, 0, 64)));
    return E_OK;
}

bool name_is_owners(struct str owner)
{
    bool any = false;

    while (owner.ptr) {
        struct str uin = str_split(&owner, ';');
        if (uin.len > 0 && !is_digits(uin))
            return false;
        any |= uin.len > 0;
    }
    return any;
}

enum err_code name_check_owner(struct str owner, const char *path, struct err *e)
{
    if (owner.len == 0)
        return empty(path, e);
    if (owner.len > NAME_TEXT_MAX || !name_is_owners(owner))
        return err_user(
            e, E_RANGE, path, "`%.*s` is not an account (digits), nor several joined by ';'",
            "`%.*s` 不是账号(数字)，也不是以 ';' 分隔的多个账号", STR_ARG(str_sub(owner, 0, 120)));
    return E_OK;
}

static enum err_code check_length(struct str text, int max, const char *path, struct err *e)
{
    if (str_code_points(text) > (size_t)max)
        return err_user(e, E_RANGE, path, "it must have at most %d characters", "最多 %d 个字符",
                        max);
    return E_OK;
}

enum err_code name_check_text(struct str text, const char *path, struct err *e)
{
    return check_length(text, NAME_TEXT_MAX, path, e);
}

enum err_code name_check_alarm_text(struct str text, const char *path, struct err *e)
{
    return check_length(text, NAME_ALARM_TEXT_MAX, path, e);
}

enum err_code folder_path_check(struct str folder, const char *path, struct err *e)
{
    struct str rest = folder, part;
    bool bad = folder.len == 0 || folder.ptr[0] != '/' || folder.len > NAME_PATH_MAX;

    if (folder.len == 0)
        return empty(path, e);
    if (str_eq_c(folder, "/"))
        return E_OK;
    if (!bad)
        (void)str_split(&rest, '/');
    while (!bad && rest.ptr) {
        part = str_split(&rest, '/');
        bad = name_check_item(part, path, NULL) != E_OK;
    }
    /* A '/' at the very end leaves an empty rest behind. */
    bad = bad || folder.ptr[folder.len - 1] == '/';
    if (bad)
        return err_user(
            e, E_RANGE, path, "`%.*s` is not an absolute path such as /a/b, or / for the root",
            "`%.*s` 不是 /a/b 形式的绝对路径(根目录为 /)", STR_ARG(str_sub(folder, 0, 120)));
    return E_OK;
}

enum err_code folder_path_join(struct arena *a, struct str parent, struct str name, struct str *ret,
                               struct err *e)
{
    struct str root = str_eq_c(parent, "/") ? STR("") : parent;

    if (root.len + 1 + name.len > NAME_PATH_MAX)
        return err_user(e, E_LIMIT, "", "the whole path would be longer than %d bytes",
                        "完整路径超过 %d 字节", NAME_PATH_MAX);
    *ret = arena_printf(a, "%.*s/%.*s", STR_ARG(root), STR_ARG(name));
    return E_OK;
}

bool folder_path_is_below(struct str path, struct str folder)
{
    if (str_eq_c(folder, "/"))
        return path.len > 1;
    return path.len > folder.len + 1 && str_starts_with(path, folder) &&
           path.ptr[folder.len] == '/';
}

struct str folder_path_moved(struct arena *a, struct str path, struct str from, struct str to)
{
    return arena_printf(a, "%.*s%.*s", STR_ARG(to), STR_ARG(str_sub(path, from.len, path.len)));
}
