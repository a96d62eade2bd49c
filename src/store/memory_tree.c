/* store/memory_tree.c - the treap behind the memory back end. */
#include "store/memory_tree.h"

#include <string.h>

struct tree {
    atomic_uint refs;
    uint32_t priority;
    struct mem_row *row; /* owned reference, as are both children */
    struct tree *left, *right;
};

/* Rows. */

static bool is_changed(uint64_t columns, int column)
{
    return columns >> column & 1;
}

struct mem_row *mem_row_new(const struct table *t, const void *row, const void *changes,
                            uint64_t columns)
{
    size_t bytes = t->row_size;
    for (int i = 0; i < t->n_columns; i++) {
        const struct column *c = &t->columns[i];
        if (c->type == COLUMN_TEXT)
            bytes += column_text(c, is_changed(columns, i) ? changes : row).len;
    }
    struct mem_row *r = mem_alloc(sizeof(struct mem_row) + bytes);
    atomic_init(&r->refs, 1);
    memcpy(r->data, row, t->row_size);
    char *at = r->data + t->row_size;
    for (int i = 0; i < t->n_columns; i++) {
        const struct column *c = &t->columns[i];
        const void *from = is_changed(columns, i) ? changes : row;
        if (c->type != COLUMN_TEXT) {
            if (from != row)
                column_set_number(c, r->data, column_number(c, from));
            continue;
        }
        struct str text = column_text(c, from);
        if (text.len > 0)
            memcpy(at, text.ptr, text.len);
        column_set_text(c, r->data, str_make(at, text.len));
        at += text.len;
    }
    return r;
}

struct mem_row *mem_row_ref(struct mem_row *r)
{
    atomic_fetch_add_explicit(&r->refs, 1, memory_order_relaxed);
    return r;
}

void mem_row_unref(struct mem_row *r)
{
    if (atomic_fetch_sub_explicit(&r->refs, 1, memory_order_acq_rel) == 1)
        mem_free(r);
}

/* Nodes. */

int tree_cmp(const struct tree_order *o, int n, const void *a, const void *b)
{
    for (int i = 0; i < n; i++) {
        int cmp = column_cmp(o->columns[i], a, b);
        if (cmp != 0)
            return cmp;
    }
    return 0;
}

struct tree *tree_ref(struct tree *t)
{
    if (t)
        atomic_fetch_add_explicit(&t->refs, 1, memory_order_relaxed);
    return t;
}

void tree_unref(struct tree *t)
{
    while (t && atomic_fetch_sub_explicit(&t->refs, 1, memory_order_acq_rel) == 1) {
        struct tree *right = t->right;
        tree_unref(t->left);
        mem_row_unref(t->row);
        mem_free(t);
        t = right;
    }
}

/* Make *t a node that only we can reach.  The nodes above it are ours already, so a count of 1
 * means that nobody else gets here; another thread can only lower the count meanwhile. */
static struct tree *own(struct tree **t)
{
    struct tree *old = *t;
    if (atomic_load_explicit(&old->refs, memory_order_acquire) == 1)
        return old;
    struct tree *copy = mem_alloc(sizeof(*copy));
    atomic_init(&copy->refs, 1);
    copy->priority = old->priority;
    copy->row = mem_row_ref(old->row);
    copy->left = tree_ref(old->left);
    copy->right = tree_ref(old->right);
    tree_unref(old);
    *t = copy;
    return copy;
}

/* Take t apart into the rows before `row` and those after it; the reference to t moves into the
 * parts. */
static void split(struct tree *t, const struct tree_order *o, const void *row,
                  struct tree **ret_left, struct tree **ret_right)
{
    if (!t) {
        *ret_left = *ret_right = NULL;
        return;
    }
    own(&t);
    if (tree_cmp(o, o->n, t->row->data, row) < 0) {
        split(t->right, o, row, &t->right, ret_right);
        *ret_left = t;
    } else {
        split(t->left, o, row, ret_left, &t->left);
        *ret_right = t;
    }
}

/* All rows of a are before those of b; both references move into the result. */
static struct tree *merge(struct tree *a, struct tree *b)
{
    if (!a || !b)
        return a ? a : b;
    if (a->priority > b->priority) {
        own(&a);
        a->right = merge(a->right, b);
        return a;
    }
    own(&b);
    b->left = merge(a, b->left);
    return b;
}

void tree_insert(struct tree **t, const struct tree_order *o, struct mem_row *row,
                 uint32_t priority)
{
    while (*t && (*t)->priority >= priority) {
        struct tree *node = own(t);
        t = tree_cmp(o, o->n, row->data, node->row->data) < 0 ? &node->left : &node->right;
    }
    struct tree *node = mem_alloc(sizeof(*node));
    atomic_init(&node->refs, 1);
    node->priority = priority;
    node->row = row;
    split(*t, o, row->data, &node->left, &node->right);
    *t = node;
}

/* The node of this row, owned, with everything above it. */
static struct tree **own_path(struct tree **t, const struct tree_order *o, const void *row)
{
    for (;;) {
        check(*t);
        struct tree *node = own(t);
        int cmp = tree_cmp(o, o->n, row, node->row->data);
        if (cmp == 0)
            return t;
        t = cmp < 0 ? &node->left : &node->right;
    }
}

void tree_replace(struct tree **t, const struct tree_order *o, struct mem_row *row)
{
    struct tree *node = *own_path(t, o, row->data);
    mem_row_unref(node->row);
    node->row = row;
}

void tree_remove(struct tree **t, const struct tree_order *o, const void *row)
{
    t = own_path(t, o, row);
    struct tree *node = *t;
    struct tree *left = node->left;
    struct tree *right = node->right;
    node->left = node->right = NULL;
    *t = merge(left, right);
    tree_unref(node);
}

struct mem_row *tree_find(const struct tree *t, const struct tree_order *o, int n, const void *row)
{
    struct mem_row *found = NULL;
    while (t) {
        int cmp = tree_cmp(o, n, row, t->row->data);
        if (cmp == 0)
            found = t->row;
        if (cmp == 0 && n == o->n)
            break;
        t = cmp <= 0 ? t->left : t->right;
    }
    return found;
}

/* Walks. */

static bool above_low(const struct tree_walk *w, const struct tree *t)
{
    return tree_cmp(w->order, w->n_low, t->row->data, w->low) >= 0;
}

static bool below_high(const struct tree_walk *w, const struct tree *t)
{
    return tree_cmp(w->order, w->n_high, t->row->data, w->high) <= 0;
}

/* Put on the path what comes first below t, and all nodes that follow later on the way there. */
static void descend(struct tree_walk *w, const struct tree *t)
{
    while (t) {
        bool inside = w->backward ? below_high(w, t) : above_low(w, t);
        if (inside) {
            check(w->depth_ < TREE_DEPTH_MAX);
            w->path_[w->depth_++] = t;
        }
        t = inside == w->backward ? t->right : t->left;
    }
}

void tree_walk_start(struct tree_walk *w, const struct tree *t)
{
    w->depth_ = 0;
    descend(w, t);
}

struct mem_row *tree_walk_next(struct tree_walk *w)
{
    if (w->depth_ == 0)
        return NULL;
    const struct tree *t = w->path_[--w->depth_];
    if (w->backward ? !above_low(w, t) : !below_high(w, t)) {
        w->depth_ = 0;
        return NULL;
    }
    descend(w, w->backward ? t->left : t->right);
    return t->row;
}
