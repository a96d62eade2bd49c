/* api/page.c - pages of lists: the parameters, the rows, the frame of the answer. */
#include "api/page.h"

/* A number, also where the API declares it as text (ListOpsTasks). */
static bool read_number(const json_t *params, const char *name, int64_t otherwise, int64_t *ret)
{
    const json_t *value = json_object_get(params, name);

    *ret = otherwise;
    if (json_is_integer(value))
        *ret = json_integer_value(value);
    else if (json_is_string(value) && json_string_length(value) > 0)
        return str_to_i64(json_str(value), ret);
    return true;
}

enum err_code page_params(struct call *c, int64_t size_default, int64_t size_max, struct page *ret)
{
    struct page p;

    if (!read_number(c->params, "PageNumber", 1, &p.number) || p.number < 1 ||
        p.number > INT64_MAX / 1000)
        return err_user(&c->err, E_RANGE, "PageNumber", "it must be a whole number from 1 on",
                        "必须是不小于 1 的整数");
    if (!read_number(c->params, "PageSize", size_default, &p.size) || p.size < 1 ||
        p.size > size_max)
        return err_user(&c->err, E_RANGE, "PageSize", "it must be a whole number from 1 to %lld",
                        "必须是 1 到 %lld 之间的整数", (long long)size_max);
    p.offset = (p.number - 1) * p.size;
    *ret = p;
    return E_OK;
}

enum err_code page_rows(struct call *c, const struct page *p, struct query *q, void **ret_rows,
                        size_t *ret_n, int64_t *ret_total)
{
    enum err_code rc = query_count(c->view, q, ret_total, &c->err);

    q->offset = p->offset;
    q->limit = p->size;
    return rc == E_OK ? query_rows(c->view, q, &c->arena, ret_rows, ret_n, &c->err) : rc;
}

void page_open(struct call *c, const struct page *p, int64_t total)
{
    struct jw *w = &c->out;

    jw_key(w, "Data");
    jw_object(w);
    jw_ki64(w, "PageNumber", p->number);
    jw_ki64(w, "PageSize", p->size);
    jw_ki64(w, "TotalCount", total);
    jw_ki64(w, "TotalPageNumber", (total + p->size - 1) / p->size);
    jw_key(w, "Items");
    jw_array(w);
}

void page_close(struct call *c)
{
    jw_array_end(&c->out);
    jw_object_end(&c->out);
}
