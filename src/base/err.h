/* base/err.h - what can go wrong, as a code for programs and a text for people.
 *
 * A function that can fail returns enum err_code and takes a struct err that may be NULL.  On
 * failure its outputs are untouched and *e is filled; on success *e is untouched.
 *
 * Two kinds of text.  Internal failures (err_set) say what was being done and with what, in
 * English, for the log.  Failures that a client caused (err_user) also carry the dotted path of
 * the parameter, and the sentence in both languages of the API.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/mem.h"

enum err_code {
    E_OK = 0,
    E_SYNTAX,         /* text that does not parse            -> InvalidParameterValue */
    E_RANGE,          /* parses, but is not an allowed value -> InvalidParameterValue */
    E_REQUIRED,       /* something needed is not there       -> MissingParameter */
    E_MISSING,        /* what is named does not exist        -> ResourceNotFound */
    E_RULE_NAME,      /* the name of an alarm rule is taken -> ....RuleNameRepeated */
    E_EXISTS,         /* a name or an id is taken            -> InvalidParameter.DuplicateName */
    E_CONFLICT,       /* not possible in the present state   -> FailedOperation */
    E_DENIED,         /* possible, but not permitted         -> OperationDenied */
    E_FORBIDDEN,      /* the account lacks the right          -> UnauthorizedOperation */
    E_STRANGER,       /* it is no member of the project       -> ....UserNotInProject */
    E_IN_USE,         /* others still need it                -> OperationDenied (never retried) */
    E_LIMIT,          /* more than allowed                   -> LimitExceeded */
    E_UNSUPPORTED,    /* known, not built                    -> UnsupportedOperation */
    E_STALE,          /* a fence or an epoch is old; changes nothing */
    E_BUSY,           /* try again; nothing was changed -> RequestLimitExceeded: clients retry */
    E_IO,             /* the machine failed; see os_error    -> InternalError */
    E_CORRUPT,        /* stored data does not make sense     -> InternalError */
    E_TIMEOUT,
    E_CANCELED,
    E_CODE_N_
};

enum { ERR_TEXT_MAX = 512, ERR_PATH_MAX = 160 };

struct err {
    enum err_code code;
    int os_error;                  /* errno at the failure, or 0 */
    char path[ERR_PATH_MAX];       /* dotted, e.g. "TaskBaseAttribute.TaskName"; may be "" */
    char text[ERR_TEXT_MAX];       /* English; no newline, no full stop needed */
    char text_zh[ERR_TEXT_MAX];    /* Chinese; "" for internal failures */
};

#define ERR_INIT ((struct err){ .code = E_OK })

/* Fill *e (if not NULL) and return code: `return err_set(e, E_IO, "...")` is one statement.
 * Texts that are too long are cut between characters. */
enum err_code err_set(struct err *e, enum err_code code, const char *fmt, ...) PRINTF(3, 4);
/* The same with ": strerror(errno)" behind the text and os_error set. */
enum err_code err_errno(struct err *e, enum err_code code, const char *fmt, ...) PRINTF(3, 4);
/* A client's mistake.  Both formats take the same arguments in the same order. */
enum err_code err_user(struct err *e, enum err_code code, const char *path, const char *en,
                       const char *zh, ...) PRINTF(4, 6) PRINTF(5, 6);
#ifdef __clang_analyzer__
/* Static analysis sees one file at a time: this tells it that they return their code, so that it
 * does not follow a failure into the code behind a success. */
#define err_set(e, code, ...) (err_set((e), (code), __VA_ARGS__), (code))
#define err_errno(e, code, ...) (err_errno((e), (code), __VA_ARGS__), (code))
#define err_user(e, code, ...) (err_user((e), (code), __VA_ARGS__), (code))
#endif
/* Put prefix and a dot before the path of *e (only prefix when the path is empty). */
void err_prefix(struct err *e, const char *prefix);
/* "missing", "exists" ... for logs. */
const char *err_code_name(enum err_code code);

#endif
