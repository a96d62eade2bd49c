/* store/memory_tree.c - the B+ tree behind the memory back end.
 *
 * The entries of an inner node are the first ones below each of its children.  A node that has
 * become empty is removed; nodes that are merely thin are left alone.
 */
#include "store/memory_tree.h"

#include <string.h>

enum { NODE_MAX = 32 };

struct tree_entry {
    uint64_t head[TREE_HEADS];
    struct mem_slot *slot;
};

struct tree_node {
    int n;
    bool leaf;
    struct tree_entry entries[NODE_MAX];
    struct tree_node *children[]; /* NODE_MAX, of an inner one */
};

static struct tree_node *node_new(bool leaf)
{
    size_t children = leaf ? 0 : NODE_MAX * sizeof(struct tree_node *);
    struct tree_node *node = mem_alloc(sizeof(*node) + children);

    node->n = 0;
    node->leaf = leaf;
    return node;
}

/* ---- order ----------------------------------------------------------------------------------- */

int tree_cmp(const struct tree_order *o, int n, const void *a, const void *b)
{
    for (int i = 0; i < n; i++) {
        int cmp = column_cmp(o->columns[i], a, b);
        if (cmp != 0)
            return cmp;
    }
    return 0;
}

/* Text of up to seven bytes is all of it: the last byte says how long it is. */
enum { HEAD_TEXT = 7 };

/* Ordered as the column is; of long texts only the beginning. */
static uint64_t head_of(const struct column *c, const void *row)
{
    if (c->type != COLUMN_TEXT)
        return (uint64_t)column_number(c, row) ^ (uint64_t)INT64_MIN;
    struct str text = column_text(c, row);
    uint64_t head = 0;
    for (size_t i = 0; i < HEAD_TEXT; i++)
        head = head << 8 | (i < text.len ? (unsigned char)text.ptr[i] : 0);
    return head << 8 | (text.len <= HEAD_TEXT ? text.len : HEAD_TEXT + 1);
}

static bool is_exact(const struct column *c, uint64_t head)
{
    return c->type != COLUMN_TEXT || (head & 0xff) <= HEAD_TEXT;
}

static struct tree_key key_of(const struct tree_order *o, int n, const void *row)
{
    struct tree_key key = { .row = row, .n = n };

    for (int i = 0; i < n && i < TREE_HEADS; i++)
        key.head[i] = head_of(o->columns[i], row);
    return key;
}

/* An entry against a key: below 0 when it comes before. */
static inline int entry_cmp(const struct tree_order *o, const struct tree_entry *e,
                            const struct tree_key *key)
{
    for (int i = 0; i < key->n; i++) {
        const struct column *c = o->columns[i];
        if (i < TREE_HEADS && e->head[i] != key->head[i])
            return e->head[i] < key->head[i] ? -1 : 1;
        if (i < TREE_HEADS && is_exact(c, e->head[i]))
            continue;
        int cmp = column_cmp(c, e->slot->row->data, key->row);
        if (cmp != 0)
            return cmp;
    }
    return 0;
}

/* How many entries of the node come before the key; or_same: or are equal to it. */
static int count_before(const struct tree_order *o, const struct tree_node *node,
                        const struct tree_key *key, bool or_same)
{
    int low = 0, high = node->n;

    while (low < high) {
        int mid = (low + high) / 2;
        if (entry_cmp(o, &node->entries[mid], key) < or_same)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* ---- changes --------------------------------------------------------------------------------- */

static void put_at(struct tree_node *node, int at, struct tree_entry e, struct tree_node *child)
{
    size_t behind = (size_t)(node->n - at);

    memmove(&node->entries[at + 1], &node->entries[at], behind * sizeof(e));
    node->entries[at] = e;
    if (!node->leaf) {
        memmove(&node->children[at + 1], &node->children[at], behind * sizeof(child));
        node->children[at] = child;
    }
    node->n++;
}

static void take_at(struct tree_node *node, int at)
{
    size_t behind = (size_t)(node->n - at - 1);

    memmove(&node->entries[at], &node->entries[at + 1], behind * sizeof(node->entries[0]));
    if (!node->leaf)
        memmove(&node->children[at], &node->children[at + 1], behind * sizeof(node->children[0]));
    node->n--;
}

/* Put it in, splitting a full node; the new node to the right, or NULL.  What is put behind
 * everything leaves the full node as it is: rows often come in order. */
static struct tree_node *put(struct tree_node *node, int at, struct tree_entry e,
                             struct tree_node *child)
{
    if (node->n < NODE_MAX) {
        put_at(node, at, e, child);
        return NULL;
    }
    struct tree_node *right = node_new(node->leaf);
    int keep = at == NODE_MAX ? NODE_MAX : NODE_MAX / 2;
    size_t moved = (size_t)(NODE_MAX - keep);
    memcpy(right->entries, &node->entries[keep], moved * sizeof(e));
    if (!node->leaf)
        memcpy(right->children, &node->children[keep], moved * sizeof(child));
    right->n = (int)moved;
    node->n = keep;
    if (at > keep || keep == NODE_MAX)
        put_at(right, at - keep, e, child);
    else
        put_at(node, at, e, child);
    return right;
}

/* The child below which the key is or belongs. */
static int child_of(const struct tree_order *o, const struct tree_node *node,
                    const struct tree_key *key)
{
    int n = count_before(o, node, key, true);

    return n > 0 ? n - 1 : 0;
}

static struct tree_node *insert_below(struct tree_node *node, const struct tree_order *o,
                                      const struct tree_key *key, struct tree_entry e)
{
    if (node->leaf)
        return put(node, count_before(o, node, key, false), e, NULL);
    int at = child_of(o, node, key);
    struct tree_node *child = node->children[at];
    struct tree_node *right = insert_below(child, o, key, e);
    node->entries[at] = child->entries[0];
    return right ? put(node, at + 1, right->entries[0], right) : NULL;
}

void tree_insert(struct tree *t, const struct tree_order *o, struct mem_slot *slot)
{
    struct tree_key key = key_of(o, o->n, slot->row->data);
    struct tree_entry e = { .slot = slot };

    memcpy(e.head, key.head, sizeof(e.head));
    if (!t->root)
        t->root = node_new(true);
    struct tree_node *right = insert_below(t->root, o, &key, e);
    if (!right)
        return;
    struct tree_node *root = node_new(false);
    put_at(root, 0, t->root->entries[0], t->root);
    put_at(root, 1, right->entries[0], right);
    t->root = root;
}

static void remove_below(struct tree_node *node, const struct tree_order *o,
                         const struct tree_key *key, const struct mem_slot *slot)
{
    if (node->leaf) {
        int at = count_before(o, node, key, false);
        check(at < node->n && node->entries[at].slot == slot);
        take_at(node, at);
        return;
    }
    int at = child_of(o, node, key);
    struct tree_node *child = node->children[at];
    remove_below(child, o, key, slot);
    if (child->n > 0) {
        node->entries[at] = child->entries[0];
        return;
    }
    mem_free(child);
    take_at(node, at);
}

void tree_remove(struct tree *t, const struct tree_order *o, const struct mem_slot *slot)
{
    struct tree_key key = key_of(o, o->n, slot->row->data);

    check(t->root);
    remove_below(t->root, o, &key, slot);
    while (t->root && t->root->n <= !t->root->leaf) {
        struct tree_node *only = t->root->n > 0 ? t->root->children[0] : NULL;
        mem_free(t->root);
        t->root = only;
    }
}

static void free_below(struct tree_node *node)
{
    for (int k = 0; !node->leaf && k < node->n; k++)
        free_below(node->children[k]);
    mem_free(node);
}

void tree_done(struct tree *t)
{
    if (t->root)
        free_below(t->root);
    t->root = NULL;
}

static struct tree_node *copy_below(const struct tree_node *node)
{
    struct tree_node *copy = node_new(node->leaf);

    copy->n = node->n;
    for (int k = 0; k < node->n; k++) {
        copy->entries[k] = node->entries[k];
        copy->entries[k].slot = node->entries[k].slot->copy;
        if (!node->leaf)
            copy->children[k] = copy_below(node->children[k]);
    }
    return copy;
}

struct tree tree_copy(const struct tree *t)
{
    return (struct tree){ t->root ? copy_below(t->root) : NULL };
}

/* ---- walks ----------------------------------------------------------------------------------- */

/* Go on to the entry beside the one that the path ends at. */
static void step(struct tree_walk *w)
{
    int by = w->backward ? -1 : 1, d = w->depth_;

    while (d > 0) {
        int at = w->path_[d - 1].at + by;
        if (at >= 0 && at < w->path_[d - 1].node->n) {
            w->path_[d - 1].at = at;
            break;
        }
        d--;
    }
    if (d == 0) {
        w->depth_ = 0;
        return;
    }
    for (; d < w->depth_; d++) {
        const struct tree_node *node = w->path_[d - 1].node->children[w->path_[d - 1].at];
        w->path_[d].node = node;
        w->path_[d].at = w->backward ? node->n - 1 : 0;
    }
}

void tree_walk_start(struct tree_walk *w, const struct tree *t)
{
    const struct tree_order *o = w->order;
    struct tree_key begin =
        w->backward ? key_of(o, w->n_high, w->high) : key_of(o, w->n_low, w->low);
    const struct tree_node *node = t->root;

    w->end_ = w->backward ? key_of(o, w->n_low, w->low) : key_of(o, w->n_high, w->high);
    w->depth_ = 0;
    while (node) {
        /* Forward, the last one before the bound, whose child may reach over it. */
        int at = count_before(o, node, &begin, w->backward) - (w->backward || !node->leaf);
        check(w->depth_ < TREE_DEPTH_MAX);
        if (!node->leaf && at < 0)
            at = 0;
        w->path_[w->depth_].node = node;
        w->path_[w->depth_++].at = at;
        node = node->leaf ? NULL : node->children[at];
    }
    if (w->depth_ == 0)
        return;
    int at = w->path_[w->depth_ - 1].at;
    if (at < 0 || at == w->path_[w->depth_ - 1].node->n)
        step(w);
}

static struct mem_slot *next_slot(struct tree_walk *w)
{
    if (w->depth_ == 0)
        return NULL;
    const struct tree_entry *e = &w->path_[w->depth_ - 1].node->entries[w->path_[w->depth_ - 1].at];
    int cmp = entry_cmp(w->order, e, &w->end_);
    if (w->backward ? cmp < 0 : cmp > 0) {
        w->depth_ = 0;
        return NULL;
    }
    step(w);
    return e->slot;
}

struct mem_row *tree_walk_next(struct tree_walk *w)
{
    const struct mem_slot *slot = next_slot(w);

    return slot ? slot->row : NULL;
}

struct mem_slot *tree_find(const struct tree *t, const struct tree_order *o, int n, const void *row)
{
    struct tree_walk w = { .order = o, .low = row, .high = row, .n_low = n, .n_high = n };

    tree_walk_start(&w, t);
    return next_slot(&w);
}
