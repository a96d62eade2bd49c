/* model/json_text.h - a JSON value of libjansson as compact text, members in their order; and
 * how much a text will be as a value.
 *
 * The only way in which documents and parts of requests are written: libjansson's own reads every
 * character of a text one by one and hands over piece by piece, which was a sixth of a CreateTask.
 * What is written reads back as an equal value, numbers with their types.
 */
#ifndef MODEL_JSON_TEXT_H
#define MODEL_JSON_TEXT_H

#include <jansson.h>

#include "base/arena.h"
#include "base/jw.h"

/* libjansson takes its memory from base/mem.h, so that a process that has none ends as it does
 * elsewhere: libjansson itself does not notice everywhere.  Once, before the first value. */
void json_take_memory(void);

/* In the arena; "" for NULL.  As deep as the value is: what was parsed has libjansson's limit. */
struct str json_text(const json_t *value, struct arena *a);
/* As a member of the object that w is in. */
void json_kwrite(struct jw *w, const char *key, const json_t *value);

/* How many values a JSON text has, at most; cheap.  A text of 10 MB may be five million numbers,
 * and each is some fifty bytes once it is parsed: what a client sent is counted first, also where
 * it is a text within JSON. */
size_t json_values(struct str text);

#endif
