/* cli/project_write_int.h - how the files of a project are written.  Only for project_write*.c. */
#ifndef CLI_PROJECT_WRITE_INT_H
#define CLI_PROJECT_WRITE_INT_H

#include "cli/project.h"

struct writing {
    struct session *s;
    const struct project *project;
    const char *dir;
    struct arena *arena;
    struct map written; /* paths below dir */
    bool hooks;
    bool begun;          /* something was changed */
    struct str settings; /* project.json as it was before; "": there was none */
    size_t n_written, n_removed;
    struct err e;
};

/* One file, below dir, with the directories on the way; what is the same already stays untouched.
 */
enum err_code put_file(struct writing *w, const char *path, struct str content) MUST_USE;
enum err_code put_json(struct writing *w, const char *path, const json_t *value) MUST_USE;
/* "/a/b" becomes "prefix/a/b", each part as a directory's name. */
enum err_code folder_dir(struct writing *w, const char *prefix, const char *folder,
                         const char **ret) MUST_USE;
/* What is not to be found in a directory of its own: folder/NAME.json. */
enum err_code write_flat(struct writing *w, const struct project_item *item,
                         const char *folder) MUST_USE;
/* Of workflows and folders: what nobody was granted is not written, as nobody has to say it. */
void leave_permissions(json_t *shown);

/* project_write_belongs.c: what belongs to the project as a whole. */
typedef enum err_code project_writer(struct writing *w, const struct project_item *item);
project_writer write_settings, write_calendar, write_group, write_resource, write_event,
    write_folder, write_alarm, write_member;

#endif
