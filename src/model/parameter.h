/* model/parameter.h - what stands for the ${ } and $( ) in a task's code.
 *
 * docs/reference/semantics.md 6.1, 6.2.  A placeholder is "${" body "}" or "$(" body ")" with a
 * body of at most PARAMETER_BODY_MAX bytes in one line, without "$" and brackets.  ${ } means a
 * time expression on the data time, or else the parameter of that name; $( ) a time expression on
 * the planned time.  A placeholder that means nothing stays as it is: it is the task's own
 * language.
 *
 * Two steps, so that what was substituted can be kept and shown: parameters_collect finds what each
 * placeholder of a text means, parameters_apply puts it there.  Values are put in as they are; what
 * they contain is not looked at again.
 */
#ifndef MODEL_PARAMETER_H
#define MODEL_PARAMETER_H

#include "base/arena.h"
#include "base/map.h"
#include "cal/time_expression.h"

enum {
    PARAMETER_BODY_MAX = 128,
    PARAMETER_BYTES_MAX = 12 << 20 /* of a text with its parameters, and of all values together */
};

/* Zero-initialise; text lives in the arena that it was collected in. */
struct substitution {
    struct str placeholder, value; /* "${name}" */
};
struct substitutions {
    const struct substitution *items;
    size_t n;
};

/* The value of a named parameter, living as long as what is collected.  *ret_found false: there is
 * no such parameter.  Its own failures end the collecting. */
typedef enum err_code parameter_lookup(void *ctx, struct str name, bool *ret_found, struct str *ret,
                                       struct err *e);

/* Every placeholder of the text that means something, once, in the order of their first place.
 * lookup NULL: only time expressions.  E_LIMIT: the values are longer than PARAMETER_BYTES_MAX; the
 * lookup's errors. */
enum err_code parameters_collect(struct str text, const struct time_point *at,
                                 parameter_lookup *lookup, void *ctx, struct arena *a,
                                 struct substitutions *ret, struct err *e) MUST_USE;
/* Append the text with its substitutions.  E_LIMIT: more than PARAMETER_BYTES_MAX. */
enum err_code parameters_apply(struct str text, const struct substitutions *s, struct buf *out,
                               struct err *e) MUST_USE;
/* A value with its own time expressions rendered (6.2: the value of a parameter may contain them).
 */
enum err_code parameters_times(struct str value, const struct time_point *at, struct arena *a,
                               struct str *ret, struct err *e) MUST_USE;

/* As they are stored: {"${name}":"value",...}; empty when there are none. */
void substitutions_format(const struct substitutions *s, struct buf *out);
enum err_code substitutions_parse(struct str text, struct arena *a, struct substitutions *ret,
                                  struct err *e) MUST_USE;

#endif
