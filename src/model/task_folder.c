/* model/task_folder.c - which folders a task can live in, and where its document says that it
 * lives. */
#include "model/task_folder.h"

#include <jansson.h>

#include "model/json_text.h"

const char *task_folder_type_of(int task_type_id)
{
    static const struct {
        int id;
        const char *type;
    } table[] = {
        { 20, "ETL" },     { 25, "ETL" },     { 26, "ETL" },    { 41, "ETL" },
        { 31, "EMR" },     { 33, "EMR" },     { 34, "EMR" },    { 36, "EMR" },
        { 39, "EMR" },     { 48, "EMR" },     { 70, "EMR" },    { 92, "EMR" },
        { 134, "EMR" },    { 32, "DLC" },     { 46, "DLC" },    { 50, "DLC" },
        { 139, "DLC" },    { 138, "SETATS" }, { 23, "TDSQL" },  { 40, "TCHOUSE" },
        { 42, "TCHOUSE" }, { 43, "TCHOUSE" }, { 47, "TI_ONE" }, { 140, "ACROSS_WORKFLOWS" },
    };

    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (table[i].id == task_type_id)
            return table[i].type;
    return "GENERAL";
}

enum err_code task_folder_doc(struct str doc, struct str path, struct arena *a, struct str *ret,
                              struct err *e)
{
    json_t *root = json_loadb(doc.ptr, doc.len, 0, NULL),
           *base = json_object_get(root, "TaskBaseAttribute");

    if (!json_is_object(base)) {
        json_decref(root);
        return err_set(e, E_CORRUPT, "the document of a version does not parse");
    }
    json_object_set_new(base, "TaskFolderPath", json_stringn(path.ptr, path.len));
    *ret = json_text(root, a);
    json_decref(root);
    return E_OK;
}
