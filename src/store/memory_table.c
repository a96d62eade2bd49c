/* store/memory_table.c - see memory_table.h. */
#include "store/memory_table.h"

#include "base/map.h"

static uint64_t hash_key(const struct table *t, const void *row)
{
    uint64_t hash = 0x9e3779b97f4a7c15u;

    for (int i = 0; i < t->key.n; i++) {
        const struct column *c = &t->columns[t->key.at[i]];
        if (c->type == COLUMN_TEXT) {
            struct str text = column_text(c, row);
            hash = hash_u64(hash ^ hash_bytes(text.ptr, text.len));
        } else {
            hash = hash_u64(hash ^ (uint64_t)column_number(c, row));
        }
    }
    return hash;
}

/* ---- the hash -------------------------------------------------------------------------------- */

/* Linear probing, at most half full; a removal moves up what follows it. */
static size_t place_of(const struct mem_table *m, const void *row, uint64_t hash)
{
    size_t at = hash & (m->cap - 1);

    while (m->places[at].slot) {
        if (m->places[at].hash == hash &&
            tree_cmp(&m->orders[0], m->table->key.n, m->places[at].slot->row->data, row) == 0)
            break;
        at = (at + 1) & (m->cap - 1);
    }
    return at;
}

static struct mem_slot *find(const struct mem_table *m, const void *row)
{
    return m->n == 0 ? NULL : m->places[place_of(m, row, hash_key(m->table, row))].slot;
}

static void put_free(struct mem_place *places, size_t cap, struct mem_place place)
{
    size_t at = place.hash & (cap - 1);

    while (places[at].slot)
        at = (at + 1) & (cap - 1);
    places[at] = place;
}

static void grow(struct mem_table *m)
{
    size_t cap = m->cap ? m->cap * 2 : 16;
    struct mem_place *places = mem_zalloc(cap * sizeof(struct mem_place));

    for (size_t at = 0; at < m->cap; at++)
        if (m->places[at].slot)
            put_free(places, cap, m->places[at]);
    mem_free(m->places);
    m->places = places;
    m->cap = cap;
}

static struct mem_slot *slot_new(struct mem_row *row)
{
    struct mem_slot *slot = mem_alloc(sizeof(*slot));

    *slot = (struct mem_slot){ .row = row };
    return slot;
}

static struct mem_slot *add(struct mem_table *m, struct mem_row *row)
{
    struct mem_place place = { hash_key(m->table, row->data), slot_new(row) };

    if ((m->n + 1) * 2 > m->cap)
        grow(m);
    put_free(m->places, m->cap, place);
    m->n++;
    return place.slot;
}

static void drop(struct mem_table *m, struct mem_slot *slot)
{
    size_t mask = m->cap - 1;
    size_t hole = place_of(m, slot->row->data, hash_key(m->table, slot->row->data));

    for (size_t at = (hole + 1) & mask; m->places[at].slot; at = (at + 1) & mask) {
        size_t home = m->places[at].hash & mask;
        if (((at - home) & mask) < ((at - hole) & mask))
            continue; /* its home lies behind the hole */
        m->places[hole] = m->places[at];
        hole = at;
    }
    m->places[hole].slot = NULL;
    m->n--;
    mem_free(slot);
}

/* ---- life ------------------------------------------------------------------------------------ */

struct mem_table *mem_table_new(const struct table *t, const struct tree_order *orders)
{
    struct mem_table *m = NEW(struct mem_table);

    m->refs = 1;
    m->table = t;
    m->orders = orders;
    return m;
}

struct mem_table *mem_table_copy(const struct mem_table *m)
{
    struct mem_table *copy = mem_table_new(m->table, m->orders);

    copy->places = mem_zalloc(m->cap * sizeof(struct mem_place));
    copy->cap = m->cap;
    copy->n = m->n;
    for (size_t at = 0; at < m->cap; at++) {
        struct mem_slot *slot = m->places[at].slot;
        if (!slot)
            continue;
        slot->copy = slot_new(mem_row_ref(slot->row));
        copy->places[at] = (struct mem_place){ m->places[at].hash, slot->copy };
    }
    for (int i = 0; i <= m->table->n_indexes; i++)
        copy->trees[i] = tree_copy(&m->trees[i]);
    return copy;
}

void mem_table_unref(struct mem_table *m)
{
    if (--m->refs > 0)
        return;
    for (int i = 0; i <= m->table->n_indexes; i++)
        tree_done(&m->trees[i]);
    for (size_t at = 0; at < m->cap; at++) {
        if (!m->places[at].slot)
            continue;
        mem_row_unref(m->places[at].slot->row);
        mem_free(m->places[at].slot);
    }
    mem_free(m->places);
    mem_free(m);
}

/* ---- reads ----------------------------------------------------------------------------------- */

static struct mem_row *row_of(const struct mem_slot *slot)
{
    return slot ? slot->row : NULL;
}

struct mem_row *mem_table_get(const struct mem_table *m, const void *row)
{
    return row_of(find(m, row));
}

struct mem_row *mem_table_get_by(const struct mem_table *m, int tree, const void *row)
{
    int n = m->table->indexes[tree - 1].columns.n;

    return row_of(tree_find(&m->trees[tree], &m->orders[tree], n, row));
}

bool mem_table_is_taken(const struct mem_table *m, const void *row, const struct mem_row *except)
{
    for (int i = 0; i < m->table->n_indexes && m->table->indexes[i].unique; i++) {
        const struct mem_row *other = mem_table_get_by(m, 1 + i, row);
        if (other && other != except)
            return true;
    }
    return false;
}

/* ---- changes --------------------------------------------------------------------------------- */

static bool holds(const struct mem_table *m, int tree, const struct mem_row *row)
{
    return row && (tree == 0 || index_holds(m->table, &m->table->indexes[tree - 1], row->data));
}

/* The place in the tree is the same for both. */
static bool is_same(const struct mem_table *m, int tree, const struct mem_row *old,
                    const struct mem_row *row)
{
    const struct tree_order *o = &m->orders[tree];

    return tree == 0 || tree_cmp(o, o->n, old->data, row->data) == 0;
}

void mem_table_change(struct mem_table *m, struct mem_row *old, struct mem_row *row)
{
    struct mem_slot *slot = old ? find(m, old->data) : NULL;
    bool insert[TREES_PER_TABLE] = { false };

    for (int i = 0; i <= m->table->n_indexes; i++) {
        bool had = holds(m, i, old), has = holds(m, i, row);
        bool stays = had && has && is_same(m, i, old, row);
        if (had && !stays)
            tree_remove(&m->trees[i], &m->orders[i], slot);
        insert[i] = has && !stays;
    }
    if (!old)
        slot = add(m, row);
    else if (row)
        slot->row = row;
    else
        drop(m, slot);
    for (int i = 0; i <= m->table->n_indexes; i++)
        if (insert[i])
            tree_insert(&m->trees[i], &m->orders[i], slot);
}
