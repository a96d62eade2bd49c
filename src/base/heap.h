/* base/heap.h - a binary heap of intrusive nodes; the smallest is on top.
 *
 * A node knows its place, so an element can be moved or removed in O(log n).  Equal elements come
 * out in the order in which `less` puts them: make it total (a sequence number) for repeatability.
 */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include "base/mem.h"

struct heap_node {
    size_t at_;
}; /* 1-based; 0 = not in a heap.  Zero-initialise. */
typedef bool heap_less(const struct heap_node *a, const struct heap_node *b);
struct heap {
    struct heap_node **nodes_;
    size_t len, cap_;
    heap_less *less_;
};

void heap_init(struct heap *h, heap_less *less);
void heap_done(struct heap *h);
void heap_add(struct heap *h, struct heap_node *n);    /* must not be in a heap */
void heap_remove(struct heap *h, struct heap_node *n); /* no-op when not in a heap */
void heap_update(struct heap *h, struct heap_node *n); /* after its order changed */
struct heap_node *heap_top(const struct heap *h);      /* NULL when empty */
/* How many are before n, which may be of another heap; at most `limit`, and it looks at no more
 * than twice as many. */
size_t heap_before(const struct heap *h, const struct heap_node *n, size_t limit);
bool heap_has(const struct heap_node *n);

#endif
