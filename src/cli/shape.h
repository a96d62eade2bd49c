/* cli/shape.h - what a JSON object of a project's files may have in it, as constant tables; checks
 * against them, and the one normal form.  Pure.
 *
 * The normal form of two objects that mean the same is the same: members in the order of the table,
 * without those that are null, an empty list, or the default.
 */
#ifndef CLI_SHAPE_H
#define CLI_SHAPE_H

#include <jansson.h>
#include <limits.h>

#include "base/err.h"

#define SHAPE_NO_NUMBER INT_MIN /* a NUMBER without a default */

enum shape_kind {
    SHAPE_TEXT,
    SHAPE_NUMBER,
    SHAPE_FLAG,    /* true or false; the default is false */
    SHAPE_TEXTS,   /* a list of texts */
    SHAPE_NUMBERS, /* a list of whole numbers */
    SHAPE_SETTING, /* a text, or a list of objects in its place */
    SHAPE_OBJECT,
    SHAPE_LIST /* of objects */
};

struct shape {
    const char *name; /* NULL: the end of the table */
    enum shape_kind kind;
    bool required;               /* must be there */
    bool shown;                  /* stands in the normal form even where it is the default */
    const char *text;            /* default of a TEXT; NULL: none */
    int number;                  /* default of a NUMBER */
    const struct shape *members; /* of an OBJECT, and of each element of a LIST */
    bool kept;                   /* left out it stays what it is, as a TEXT without a default */
};

/* E_RANGE, E_REQUIRED: e's path is dotted, from value on. */
enum err_code shape_check(const struct shape *shape, const json_t *value, struct err *e) MUST_USE;
/* A new reference.  value has been checked, or comes from a server. */
json_t *shape_normal(const struct shape *shape, const json_t *value);
/* What is kept, and `object` leaves out, becomes that of `other`, also inside its OBJECTs; not
 * inside lists. */
void shape_inherit(const struct shape *shape, json_t *object, const json_t *other);

#endif
