/* model/task_doc.h - the document that a version keeps: what the client sent, completed with the
 * defaults.
 *
 * {"TaskBaseAttribute":{..},"TaskConfiguration":{..},"TaskSchedulerConfiguration":{..}} with the
 * field names and types of the API's answers (Task), so GetTask returns it as it stands and
 * model/task.h decodes it.
 */
#ifndef MODEL_TASK_DOC_H
#define MODEL_TASK_DOC_H

#include "model/task.h"

/* Complete `given` (blocks as CreateTask or UpdateTask have them, already decoded into spec), as
 * text in the arena.  The owner defaults to uin. */
struct str task_doc_build(const json_t *given, const struct task_spec *spec, struct str uin,
                          struct arena *a);

/* The document of a task in a manual workflow (1.8), in the arena: with TASK_DOC_MANUAL. */
struct str task_doc_manual(struct str doc, struct arena *a);

/* Put the members of `part` (a NewSetting) over those of doc.  Of an option with two spellings the
 * one that part names is kept, the other is taken away. */
void task_doc_merge(json_t *doc, const json_t *part);

/* One entry of FieldToRemoveList, "<block>/<list>:<key>,<key>" (docs/reference/semantics.md 1.4):
 * take the named elements out of the list.  E_RANGE: not such a path; E_UNSUPPORTED: the list of
 * downstream dependencies, which belong to other tasks; what is not in the list is no error. */
enum err_code task_doc_remove(json_t *doc, struct str entry, struct err *e) MUST_USE;

#endif
