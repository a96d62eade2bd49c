/* root_key.c - the key pair that a server has from the start. */
#include "root_key.h"

#include <stdio.h>
#include <string.h>

#include "model/role.h"
#include "store/store.h"
#include "sys/env.h"
#include "sys/file.h"
#include "sys/random.h"

static bool take(struct str text, char out[ROOT_KEY_TEXT_MAX])
{
    if (text.len == 0 || text.len >= ROOT_KEY_TEXT_MAX)
        return false;
    memcpy(out, text.ptr, text.len);
    out[text.len] = '\0';
    return true;
}

static enum err_code read_lines(const char *path, struct str rest, struct root_key *ret,
                                struct err *e)
{
    bool id = false, secret = false;

    while (rest.ptr) {
        struct str line = str_trim(str_split(&rest, '\n'));
        struct str name = str_split(&line, '=');
        if (str_eq_c(name, "WEFT_SECRET_ID"))
            id = take(line, ret->id);
        else if (str_eq_c(name, "WEFT_SECRET_KEY"))
            secret = take(line, ret->secret);
    }
    if (!id || !secret)
        return err_set(e, E_SYNTAX,
                       "%s must have the lines WEFT_SECRET_ID=... and WEFT_SECRET_KEY=...", path);
    return E_OK;
}

static enum err_code make(const char *path, struct root_key *ret, struct err *e)
{
    char text[2 * ROOT_KEY_TEXT_MAX + 64];

    memcpy(ret->id, "AKID", 4);
    random_letters(ret->id + 4, 32);
    random_letters(ret->secret, 32);
    ret->made = true;
    snprintf(text, sizeof(text), "WEFT_SECRET_ID=%s\nWEFT_SECRET_KEY=%s\n", ret->id, ret->secret);
    enum err_code rc = file_write_atomic(path, str_from(text), 0600, e);
    mem_wipe(text, sizeof(text));
    return rc;
}

enum err_code root_key_get(const char *path, struct root_key *ret, struct err *e)
{
    struct str id = str_from(env_get("WEFT_SECRET_ID")),
               secret = str_from(env_get("WEFT_SECRET_KEY"));
    struct buf text;
    enum err_code rc;

    *ret = (struct root_key){ .made = false };
    if (id.len > 0 || secret.len > 0) {
        if (!take(id, ret->id) || !take(secret, ret->secret))
            return err_set(
                e, E_RANGE,
                "WEFT_SECRET_ID and WEFT_SECRET_KEY must both be set, to 1..%d characters",
                ROOT_KEY_TEXT_MAX - 1);
        env_forget("WEFT_SECRET_ID");
        env_forget("WEFT_SECRET_KEY");
        return E_OK;
    }
    if (!file_exists(path))
        return make(path, ret, e);
    buf_init(&text, 1 << 16);
    rc = file_read(path, &text, e);
    if (rc == E_OK)
        rc = read_lines(path, buf_str(&text), ret, e);
    mem_wipe(text.ptr, text.len);
    buf_done(&text);
    return rc;
}

enum err_code root_key_store(struct store *s, const struct root_key *key, struct wall now,
                             struct err *e)
{
    struct key_row row = { .secret_id = str_from(key->id),
                           .secret_key = str_from(key->secret),
                           .uin = STR(ROOT_UIN),
                           .name = STR("root"),
                           .enabled = true,
                           .root = true,
                           .created_at = now };
    struct query old;
    enum err_code rc = store_begin(s, e);

    if (rc != E_OK)
        return rc;
    query_init(&old, &table_key);
    query_number(&old, KEY_ROOT, QUERY_EQ, 1);
    rc = query_delete(s, &old, NULL, e);
    if (rc == E_OK)
        rc = row_put(s, &table_key, &row, e);
    if (rc == E_OK)
        rc = store_commit(s, e);
    else
        store_rollback(s);
    return rc;
}
