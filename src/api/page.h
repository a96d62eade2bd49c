/* api/page.h - pages of lists: the parameters, the rows, the frame of the answer. */
#ifndef API_PAGE_H
#define API_PAGE_H

#include "api/action.h"

/* Numbered from 1; offset rows come before it. */
struct page {
    int64_t number, size, offset;
};

/* Reads PageNumber and PageSize, both from 1 on: of the bounds that a list documents only the upper
 * one holds (docs/reference/semantics.md 0.4).  E_RANGE. */
enum err_code page_params(struct call *c, int64_t size_default, int64_t size_max,
                          struct page *ret) MUST_USE;

/* The rows of this page of what the query matches, in the call's arena, and how many match in all.
 */
enum err_code page_rows(struct call *c, const struct page *p, struct query *q, void **ret_rows,
                        size_t *ret_n, int64_t *ret_total) MUST_USE;

/* Data with PageNumber, PageSize, TotalCount and TotalPageNumber, open inside its Items; the end of
 * both. */
void page_open(struct call *c, const struct page *p, int64_t total);
void page_close(struct call *c);

#endif
