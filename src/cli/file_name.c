/* cli/file_name.c - names of folders, workflows and tasks as names of files, and back. */
#include "cli/file_name.h"

#include "base/buf.h"
#include "base/codec.h"

static const char *const extensions[] = { ".json", ".sh", ".py", ".sql", ".txt" };

static const char GOES_ON[] = "%+";

static void add_escaped(struct buf *out, char c)
{
    buf_printf(out, "%%%02X", (unsigned)(unsigned char)c);
}

static bool is_plain(unsigned char c, bool first)
{
    return c >= ' ' && c != 127 && c != '%' && c != '/' && c != '\\' && !(c == '.' && first);
}

/* Bytes of the character at `at`; what is no UTF-8 is taken byte by byte. */
static size_t character_at(struct str name, size_t at)
{
    size_t len = str_utf8_at(name, at);

    return len > 0 ? len : 1;
}

/* at: an offset that is escaped whatever stands there; name.len: none. */
static enum err_code encode(struct arena *a, struct str name, size_t escaped, const char *extension,
                            const char **ret, struct err *e)
{
    enum err_code rc = E_OK;
    size_t part = 0; /* where it begins in out */
    struct buf out;

    buf_init(&out, 4096);
    for (size_t i = 0, len; i < name.len; i += len) {
        len = character_at(name, i);
        if (out.len - part + (len > 3 ? len : 3) > FILE_NAME_PART) {
            buf_printf(&out, "%s/", GOES_ON);
            part = out.len;
        }
        if (i != escaped && is_plain((unsigned char)name.ptr[i], out.len == part))
            buf_add_str(&out, str_sub(name, i, len));
        else
            add_escaped(&out, name.ptr[i]);
    }
    buf_add_c(&out, extension);
    if (out.overflow)
        rc = err_set(e, E_LIMIT, "the name `%.*s` is too long for a file", STR_ARG(name));
    else
        *ret = arena_cstr(a, buf_str(&out));
    buf_done(&out);
    return rc;
}

enum err_code file_name_dir(struct arena *a, struct str name, const char **ret, struct err *e)
{
    size_t escaped = name.len;

    for (size_t i = 0; i < ARRAY_LEN(extensions); i++)
        if (str_ends_with(name, str_from(extensions[i])))
            escaped = (size_t)str_rfind_char(name, '.');
    return encode(a, name, escaped, "", ret, e);
}

enum err_code file_name_make(struct arena *a, struct str name, const char *extension,
                             const char **ret, struct err *e)
{
    return encode(a, name, str_eq_c(name, "workflow") ? 0 : name.len, extension, ret, e);
}

bool file_name_goes_on(struct str *file)
{
    if (!str_ends_with(*file, STR("%+")))
        return false;
    file->len -= 2;
    return true;
}

enum err_code file_name_read(struct arena *a, struct str file, const char **ret, struct err *e)
{
    struct buf out;
    enum err_code rc = E_OK;

    buf_init(&out, 4096);
    if (!percent_decode(&out, file, false) || out.overflow || out.len == 0 ||
        !str_is_utf8(buf_str(&out)))
        rc = err_set(e, E_SYNTAX,
                     "`%.*s` is not the name of an object: %% is followed by two hex "
                     "digits, and all is UTF-8",
                     STR_ARG(file));
    else
        *ret = arena_cstr(a, buf_str(&out));
    buf_done(&out);
    return rc;
}

const char *file_name_of_code(const char *task_type_id)
{
    static const struct {
        const char *id, *extension;
    } rows[] = {
        { "35", ".sh" },  { "38", ".sh" },  { "137", ".sh" }, { "30", ".py" },  { "31", ".py" },
        { "21", ".sql" }, { "32", ".sql" }, { "34", ".sql" }, { "36", ".sql" }, { "43", ".sql" },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (str_eq_c(str_from(task_type_id), rows[i].id))
            return rows[i].extension;
    return ".txt";
}
