/* model/names.h - which names and paths are allowed (docs/reference/semantics.md 1.3).
 *
 * Every check answers E_OK, or E_RANGE with the given dotted path and both texts; only
 * free text may be empty.
 */
#ifndef MODEL_NAMES_H
#define MODEL_NAMES_H

#include "base/arena.h"
#include "base/err.h"

enum {
    NAME_ITEM_MAX = 100,
    NAME_ALARM_MAX = 128,
    NAME_ALARM_TEXT_MAX = 500,
    NAME_PATH_MAX = 1000,
    NAME_TEXT_MAX = 2000
};

/* Project identifier: a letter, then letters, digits and underscores; at most 32. */
enum err_code name_check_project(struct str name, const char *path, struct err *e) MUST_USE;
/* What people read: the same, but Chinese (any non-ASCII character) counts as a letter. */
enum err_code name_check_display(struct str name, const char *path, struct err *e) MUST_USE;
/* Resource group: like a project identifier, at most 64. */
enum err_code name_check_group(struct str name, const char *path, struct err *e) MUST_USE;
/* Event: like a project identifier, at most 20. */
enum err_code name_check_event(struct str name, const char *path, struct err *e) MUST_USE;
/* Alarm rule: 1 to 128 letters, digits and underscores; Chinese counts as for what people read. */
enum err_code name_check_alarm(struct str name, const char *path, struct err *e) MUST_USE;
/* What it is for: at most 500 characters; may be empty. */
enum err_code name_check_alarm_text(struct str text, const char *path, struct err *e) MUST_USE;
/* Workflow, folder, calendar: 1 to 100 characters without '/' and control characters. */
enum err_code name_check_item(struct str name, const char *path, struct err *e) MUST_USE;
/* An id that a fixture or a client chooses: 1 to 64 of letters, digits, '-' and '_'. */
enum err_code name_check_id(struct str id, const char *path, struct err *e) MUST_USE;
/* Decimal digits only, 1 to 20: the ids of projects and resource groups. */
enum err_code name_check_digits(struct str id, const char *path, struct err *e) MUST_USE;
/* One account or several, each 1 to 20 digits: "uin", "uin;uin", and ";uin;uin;" as WeData shows
 * them; a ';' with nothing beside it says nothing. */
bool name_is_owners(struct str owner);

enum err_code name_check_owner(struct str owner, const char *path, struct err *e) MUST_USE;
/* Free text: at most NAME_TEXT_MAX characters; may be empty. */
enum err_code name_check_text(struct str text, const char *path, struct err *e) MUST_USE;

/* Absolute path of a folder: "/" or "/a/b", no empty part, no '/' at the end, at most NAME_PATH_MAX
 * bytes. */
enum err_code folder_path_check(struct str folder, const char *path, struct err *e) MUST_USE;
/* parent + "/" + name, in the arena; E_LIMIT when that is longer than NAME_PATH_MAX. */
enum err_code folder_path_join(struct arena *a, struct str parent, struct str name, struct str *ret,
                               struct err *e) MUST_USE;
/* True: path is below folder (not folder itself). */
bool folder_path_is_below(struct str path, struct str folder);
/* from, or a path below it, as it is called once from is called to. */
struct str folder_path_moved(struct arena *a, struct str path, struct str from, struct str to);

#endif
