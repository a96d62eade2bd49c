/* base/heap.c - a binary heap of intrusive nodes. */
#include "base/heap.h"

void heap_init(struct heap *h, heap_less *less)
{
    *h = (struct heap){ .less_ = less };
}

void heap_done(struct heap *h)
{
    mem_free(h->nodes_);
    *h = (struct heap){ .less_ = h->less_ };
}

/* Places count from 1; place p is nodes_[p - 1]. */
static void put(struct heap *h, size_t place, struct heap_node *n)
{
    h->nodes_[place - 1] = n;
    n->at_ = place;
}

static void sift_up(struct heap *h, struct heap_node *n, size_t place)
{
    while (place > 1) {
        struct heap_node *parent = h->nodes_[place / 2 - 1];
        if (!h->less_(n, parent))
            break;
        put(h, place, parent);
        place /= 2;
    }
    put(h, place, n);
}

static void sift_down(struct heap *h, struct heap_node *n, size_t place)
{
    for (;;) {
        size_t child = place * 2;
        if (child > h->len)
            break;
        if (child < h->len && h->less_(h->nodes_[child], h->nodes_[child - 1]))
            child++;
        if (!h->less_(h->nodes_[child - 1], n))
            break;
        put(h, place, h->nodes_[child - 1]);
        place = child;
    }
    put(h, place, n);
}

void heap_add(struct heap *h, struct heap_node *n)
{
    check(n->at_ == 0);
    h->nodes_ = mem_grow(h->nodes_, &h->cap_, h->len + 1, sizeof(struct heap_node *));
    h->len++;
    sift_up(h, n, h->len);
}

void heap_update(struct heap *h, struct heap_node *n)
{
    check(n->at_ > 0 && h->nodes_[n->at_ - 1] == n);
    sift_up(h, n, n->at_);
    sift_down(h, n, n->at_);
}

void heap_remove(struct heap *h, struct heap_node *n)
{
    size_t place = n->at_;

    if (place == 0)
        return;
    check(h->nodes_[place - 1] == n);
    struct heap_node *last = h->nodes_[--h->len];
    n->at_ = 0;
    if (last == n)
        return;
    put(h, place, last);
    heap_update(h, last);
}

struct heap_node *heap_top(const struct heap *h)
{
    return h->len > 0 ? h->nodes_[0] : NULL;
}

/* Below one that is not before n nobody is. */
static size_t before(const struct heap *h, size_t place, const struct heap_node *n, size_t limit)
{
    size_t found = 1;

    if (limit == 0 || place > h->len || !h->less_(h->nodes_[place - 1], n))
        return 0;
    found += before(h, place * 2, n, limit - found);
    found += before(h, place * 2 + 1, n, limit - found);
    return found;
}

size_t heap_before(const struct heap *h, const struct heap_node *n, size_t limit)
{
    return before(h, 1, n, limit);
}

bool heap_has(const struct heap_node *n)
{
    return n->at_ != 0;
}
