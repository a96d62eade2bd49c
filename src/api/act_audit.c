/* api/act_audit.c - weft-1 ListAuditRecords: who changed what; docs/operations.md, "Audit".
 *
 * For root keys, and for the administrators of a project within it.  Pages are by cursor, newest
 * first: what comes in while somebody reads moves nothing, and a page costs what it shows.
 */
#include "api/access.h"

#include "api/times.h"
#include "cal/zone.h"

enum { SIZE_DEFAULT = 50, SIZE_MAX_ = 500 };

struct request {
    struct query q;
    int64_t size;
    bool has_cursor;
    struct wall at;
    int64_t number; /* of the cursor */
};

struct page_state {
    struct call *c;
    const struct request *r;
    int64_t shown;
    struct wall at; /* of the last one shown */
    int64_t number;
    bool more;
};

static void filter_text(struct call *c, struct query *q, const char *param, int column)
{
    struct str value = param_str(c->params, param);

    if (value.len > 0)
        query_text(q, column, QUERY_EQ, value);
}

static enum err_code filter_time(struct call *c, struct query *q, const char *param,
                                 enum query_op op)
{
    struct str value = param_str(c->params, param);
    struct wall at;

    if (value.len == 0)
        return E_OK;
    enum err_code rc = wall_param(value, param, &at, &c->err);
    if (rc == E_OK)
        query_number(q, AUDIT_AT, op, op == QUERY_LE ? at.us + 999999 : at.us);
    return rc;
}

static enum err_code read_cursor(struct call *c, struct request *r)
{
    struct str text = param_str(c->params, "Cursor"), rest = text;

    if (text.len == 0)
        return E_OK;
    struct str at = str_split(&rest, '-');
    if (!rest.ptr || !str_to_i64(at, &r->at.us) || !str_to_i64(rest, &r->number))
        return err_user(&c->err, E_RANGE, "Cursor", "it is not a NextCursor of this list",
                        "不是该列表返回的 NextCursor");
    r->has_cursor = true;
    query_number(&r->q, AUDIT_AT, QUERY_LE, r->at.us);
    return E_OK;
}

static enum err_code list_prepare(struct call *c)
{
    struct request *r = ARENA_NEW(&c->arena, struct request);
    struct str result = param_str(c->params, "Result");
    enum err_code rc;

    query_init(&r->q, &table_audit);
    r->size = param_i64(c->params, "PageSize", SIZE_DEFAULT);
    if (r->size < 1 || r->size > SIZE_MAX_)
        return err_user(&c->err, E_RANGE, "PageSize", "it is from 1 to %d", "取值范围为 1 到 %d",
                        SIZE_MAX_);
    filter_text(c, &r->q, "ProjectId", AUDIT_PROJECT_ID);
    filter_text(c, &r->q, "Account", AUDIT_UIN);
    filter_text(c, &r->q, "Action", AUDIT_ACTION);
    if (str_eq_c(result, "REFUSED"))
        query_text(&r->q, AUDIT_CODE, QUERY_NE, STR("OK"));
    else
        filter_text(c, &r->q, "Result", AUDIT_CODE);
    rc = filter_time(c, &r->q, "StartTime", QUERY_GE);
    if (rc == E_OK)
        rc = filter_time(c, &r->q, "EndTime", QUERY_LE);
    if (rc == E_OK)
        rc = read_cursor(c, r);
    query_order(&r->q, AUDIT_AT, true);
    c->state = r;
    return rc;
}

static void write_record(struct jw *w, const struct audit_row *row)
{
    jw_object(w);
    jw_wall(w, "Time", row->at, zone_default());
    jw_kstr(w, "Account", row->uin);
    jw_kstr(w, "SecretId", row->secret_id);
    jw_kstr(w, "Source", row->source);
    jw_kstr(w, "Action", row->action);
    jw_kstr(w, "Version", row->version);
    jw_kstr(w, "CallRequestId", row->request_id);
    jw_kstr(w, "ProjectId", row->project_id);
    jw_kstr(w, "Objects", row->objects);
    jw_kstr(w, "Result", row->code);
    jw_object_end(w);
}

static bool take(void *ctx, const void *found)
{
    struct page_state *s = ctx;
    const struct audit_row *row = found;

    if (s->r->has_cursor && row->at.us == s->r->at.us && row->number >= s->r->number)
        return true;
    if (s->shown == s->r->size) {
        s->more = true;
        return false;
    }
    write_record(&s->c->out, row);
    s->shown++;
    s->at = row->at;
    s->number = row->number;
    return true;
}

static enum err_code check_right(struct call *c)
{
    struct str project = param_str(c->params, "ProjectId");

    if (c->is_root)
        return E_OK;
    if (project.len == 0)
        return err_user(&c->err, E_REQUIRED, "ProjectId", "without a root key it is needed",
                        "非根密钥时必填");
    return access_require(c, c->view, project, RIGHT_MANAGE);
}

static enum err_code list_answer(struct call *c)
{
    struct page_state s = { .c = c, .r = c->state };
    struct jw *w = &c->out;
    enum err_code rc = check_right(c);

    if (rc != E_OK)
        return rc;
    jw_key(w, "Data");
    jw_object(w);
    jw_key(w, "Items");
    jw_array(w);
    rc = query_run(c->view, &s.r->q, take, &s, &c->err);
    jw_array_end(w);
    if (s.more)
        jw_kstr(w, "NextCursor",
                arena_printf(&c->arena, "%lld-%lld", (long long)s.at.us, (long long)s.number));
    else
        jw_knull(w, "NextCursor");
    jw_object_end(w);
    return rc;
}

static const struct action actions[] = {
    { API_WEFT, "ListAuditRecords", list_prepare, NULL, list_answer, ACCESS_ANY },
};
const struct action_family family_audit = { actions, ARRAY_LEN(actions) };
