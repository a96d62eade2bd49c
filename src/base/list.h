/* base/list.h - intrusive doubly linked lists with a head. */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include "base/mem.h"

struct list { struct list *next, *prev; };

void list_init(struct list *l);                            /* an empty head, or a node in no list */
bool list_is_empty(const struct list *l);
void list_push_back(struct list *head, struct list *node);
void list_push_front(struct list *head, struct list *node);
void list_remove(struct list *node);                       /* no-op when in no list */
struct list *list_first(const struct list *head);          /* NULL when empty */
struct list *list_pop_front(struct list *head);            /* NULL when empty */

#endif
