/* api/act_keys.c - weft-1 CreateKey, ListKeys, EnableKey, DisableKey, DeleteKey: API keys and the
 * accounts that they speak for.
 *
 * Root keys only.  A secret is shown once, when it is made.
 */
#include "api/action.h"

#include "cal/zone.h"
#include "sys/random.h"

enum { RANDOM_CHARS = 32, NAME_MAX_BYTES = 100 };

static enum err_code create_prepare(struct call *c)
{
    struct key_row *key = ARENA_NEW(&c->arena, struct key_row);
    char letters[RANDOM_CHARS + 1];

    key->uin = param_str(c->params, "Uin");
    key->name = param_str(c->params, "Name");
    for (size_t i = 0; i < key->uin.len; i++)
        if (key->uin.ptr[i] < '0' || key->uin.ptr[i] > '9')
            key->uin.len = 0;
    if (key->uin.len < 1 || key->uin.len > 20)
        return err_user(&c->err, E_RANGE, "Uin", "an account is 1 to 20 digits",
                        "账号为 1 到 20 位数字");
    if (key->name.len > NAME_MAX_BYTES)
        return err_user(&c->err, E_RANGE, "Name", "at most %d bytes", "最多 %d 字节",
                        NAME_MAX_BYTES);
    random_letters(letters, RANDOM_CHARS);
    key->secret_id = arena_printf(&c->arena, "AKID%s", letters);
    random_letters(letters, RANDOM_CHARS);
    key->secret_key = arena_str(&c->arena, str_from(letters));
    mem_wipe(letters, sizeof(letters));
    key->enabled = true;
    c->state = key;
    return E_OK;
}

static enum err_code create_apply(struct call *c, struct engine *g)
{
    struct key_row *key = c->state;

    key->created_at = engine_now(g);
    c->made = key->secret_id;
    return row_insert(engine_store(g), &table_key, key, NULL, &c->err);
}

static enum err_code create_answer(struct call *c)
{
    const struct key_row *key = c->state;

    c->services->keys_changed(c->services->keys_ctx);
    jw_key(&c->out, "Data");
    jw_object(&c->out);
    jw_kstr(&c->out, "SecretId", key->secret_id);
    jw_kstr(&c->out, "SecretKey", key->secret_key);
    mem_wipe((char *)(uintptr_t)key->secret_key.ptr, key->secret_key.len); /* the call's own copy */
    jw_kstr(&c->out, "Uin", key->uin);
    jw_kstr(&c->out, "Name", key->name);
    jw_object_end(&c->out);
    return E_OK;
}

static bool write_key(void *ctx, const void *row)
{
    struct jw *w = ctx;
    const struct key_row *key = row;

    jw_object(w);
    jw_kstr(w, "SecretId", key->secret_id);
    jw_kstr(w, "Uin", key->uin);
    jw_kstr(w, "Name", key->name);
    jw_kbool(w, "Enabled", key->enabled);
    jw_kbool(w, "Root", key->root);
    jw_wall(w, "CreateTime", key->created_at, zone_default());
    jw_object_end(w);
    return true;
}

static enum err_code list_answer(struct call *c)
{
    struct query q;
    int64_t total;
    enum err_code rc;

    query_init(&q, &table_key);
    rc = query_count(c->view, &q, &total, &c->err);
    if (rc != E_OK)
        return rc;
    jw_key(&c->out, "Data");
    jw_object(&c->out);
    jw_ki64(&c->out, "TotalCount", total);
    jw_key(&c->out, "Items");
    jw_array(&c->out);
    rc = query_run(c->view, &q, write_key, &c->out, &c->err);
    jw_array_end(&c->out);
    jw_object_end(&c->out);
    return rc;
}

/* The key that the call names; a root key is not to be locked out. */
static enum err_code find_key(struct call *c, struct engine *g, struct key_row *ret)
{
    *ret = (struct key_row){ .secret_id = param_str(c->params, "SecretId") };
    enum err_code rc = row_get(engine_view(g), &table_key, &c->arena, ret, &c->err);

    if (rc == E_MISSING)
        return err_user(&c->err, E_MISSING, "SecretId", "there is no such key", "密钥不存在");
    if (rc == E_OK && ret->root)
        return err_user(&c->err, E_DENIED, "SecretId",
                        "the root key is set where the server is started",
                        "根密钥由服务启动时设置");
    return rc;
}

static enum err_code set_enabled(struct call *c, struct engine *g, bool enabled)
{
    struct key_row key;
    enum err_code rc = find_key(c, g, &key);

    if (rc != E_OK)
        return rc;
    key.enabled = enabled;
    return row_update(engine_store(g), &table_key, &key, COL(KEY_ENABLED), &c->err);
}

static enum err_code enable_apply(struct call *c, struct engine *g)
{
    return set_enabled(c, g, true);
}

static enum err_code disable_apply(struct call *c, struct engine *g)
{
    return set_enabled(c, g, false);
}

static enum err_code delete_apply(struct call *c, struct engine *g)
{
    struct key_row key;
    enum err_code rc = find_key(c, g, &key);

    return rc != E_OK ? rc : row_delete(engine_store(g), &table_key, &key, &c->err);
}

static enum err_code changed_answer(struct call *c)
{
    c->services->keys_changed(c->services->keys_ctx);
    jw_key(&c->out, "Data");
    jw_object(&c->out);
    jw_kbool(&c->out, "Status", true);
    jw_object_end(&c->out);
    return E_OK;
}

static const struct action actions[] = {
    { API_WEFT, "CreateKey", create_prepare, create_apply, create_answer, ACCESS_ROOT },
    { API_WEFT, "DeleteKey", NULL, delete_apply, changed_answer, ACCESS_ROOT },
    { API_WEFT, "DisableKey", NULL, disable_apply, changed_answer, ACCESS_ROOT },
    { API_WEFT, "EnableKey", NULL, enable_apply, changed_answer, ACCESS_ROOT },
    { API_WEFT, "ListKeys", NULL, NULL, list_answer, ACCESS_ROOT },
};
const struct action_family family_keys = { actions, ARRAY_LEN(actions) };
