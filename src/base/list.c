/* base/list.c - intrusive doubly linked lists with a head. */
#include "base/list.h"

void list_init(struct list *l)
{
    l->next = l->prev = l;
}

bool list_is_empty(const struct list *l)
{
    return l->next == l;
}

static void insert(struct list *before, struct list *node, struct list *after)
{
    node->prev = before;
    node->next = after;
    before->next = node;
    after->prev = node;
}

void list_push_back(struct list *head, struct list *node)
{
    insert(head->prev, node, head);
}

void list_push_front(struct list *head, struct list *node)
{
    insert(head, node, head->next);
}

void list_remove(struct list *node)
{
    node->prev->next = node->next;
    node->next->prev = node->prev;
    list_init(node);
}

struct list *list_first(const struct list *head)
{
    return list_is_empty(head) ? NULL : head->next;
}

struct list *list_pop_front(struct list *head)
{
    struct list *node = list_first(head);

    if (node)
        list_remove(node);
    return node;
}
